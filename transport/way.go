package transport

import (
	"net/netip"

	"github.com/ringback-sip/ringback/parser"
)

// wayBack returns where the response to a request goes that came from source over p with via on top: over a datagram
// protocol the address to send it to, over a stream the address to dial when the connection of the request is gone.
// The zero AddrPort means that there is no way back. It never depends on how large the response is: a response
// follows its Via (RFC 3261, Section 18.2.2).
//
// Via's own received is never looked at: it was the sender's, and `received` is by now source
// (RFC 3261, Section 18.2.1). Where the RFC sends a response without received to the sent-by address, the two are the same.
func wayBack(p Protocol, via parser.Via, source netip.AddrPort) netip.AddrPort {
	sentBy := viaPort(p, via)
	_, rport := via.RPort()
	maddr, hasMAddr := parseHost(via.MAddr())
	switch {
	case p.Reliable():
		// "open a connection to the IP address in the "received" parameter, if present, using the port in the
		// "sent-by" value, or the default port" (RFC 3261, Section 18.2.2).
		return netip.AddrPortFrom(source.Addr(), sentBy)
	case hasMAddr && answerable(maddr, source.Addr()):
		return netip.AddrPortFrom(maddr, sentBy)
	case rport:
		// RFC 3581, Section 4.
		return checkPort(source)
	}
	return netip.AddrPortFrom(source.Addr(), sentBy)
}

// answerable reports whether a response may go to the maddr of a request from source. Section 18.2.2 would have it go to
// multicast groups too; we send no response there, nor into this host for a peer outside it, and use the
// source instead.
func answerable(maddr, source netip.Addr) bool {
	return unicast(maddr) && maddr.Is4() == source.Is4() && (!maddr.IsLoopback() || source.IsLoopback())
}

// checkPort returns a, or nothing when its port cannot be sent to.
func checkPort(a netip.AddrPort) netip.AddrPort {
	if a.Port() == 0 {
		return netip.AddrPort{}
	}
	return a
}

// viaPort returns the port of via's sent-by, or the default where there is none.
func viaPort(p Protocol, via parser.Via) uint16 {
	if port := via.Port(); 0 < port && port < 1<<16 {
		return uint16(port)
	}
	return p.port()
}

// stamp records in m where it came from: `received` when via's host is a name or another address than the
// packet's (RFC 3261, Section 18.2.1), and always with `rport` (RFC 3581, Section 4). What the sender wrote into either
// is overwritten. scratch is at least maxAddr octets.
func stamp(m *parser.Message, via parser.Via, source netip.AddrPort, scratch []byte) {
	text := source.Addr().WithZone("").AppendTo(scratch[:0])
	_, rport := via.RPort()
	_, received := via.Param("received")
	if !rport && !received && sameHost(via.Host(), text) {
		return
	}
	m.SetReceived(text, source.Port())
}

// sameHost reports whether host, as written in a Via, is the address whose text is addr. Does not allocate when
// the spelling is ours or the host is a name or IPv4.
func sameHost(host, addr []byte) bool {
	if n := len(host); n >= 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	} else {
		// The text of an IPv4 address is unique.
		return string(host) == string(addr)
	}
	if string(host) == string(addr) {
		return true
	}
	a, ok := parseHost(host)
	b, same := parseHost(addr)
	return ok && same && a == b
}
