package transport

import (
	"net"
	"net/netip"
	"strings"
)

// unmap returns a with an IPv4 address in its IPv4 form: a socket of both families reports it as ::ffff:192.0.2.1.
func unmap(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// addrPort returns a's IP address and port, the zero AddrPort when it has none.
func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case nil:
		return netip.AddrPort{}
	case interface{ AddrPort() netip.AddrPort }: // *net.UDPAddr and *net.TCPAddr
		return unmap(a.AddrPort())
	}
	ap, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return unmap(ap)
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// unicast reports whether a can be the address of one host. A message is sent to no other: whoever chooses the
// destination must not make us shout.
func unicast(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && a != broadcast
}

// site returns what a limit for one source counts: an IPv4 address, or the /64 that one IPv6 subscriber commands.
func site(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	return netip.PrefixFrom(a.WithZone(""), 64).Masked().Addr()
}

// parseHost parses the host of a Via or URI if it is a literal address; IPv6 may stand in brackets.
func parseHost(host []byte) (netip.Addr, bool) {
	if n := len(host); n >= 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	if len(host) == 0 || len(host) > maxAddr || !mayBeAddr(host) {
		return netip.Addr{}, false
	}
	if a, ok := parseIPv4(host); ok {
		return a, true
	}
	// RFC 5118, Section 4.10: the grammar of RFC 2373 let three colons stand before an embedded IPv4 address.
	text := strings.Replace(string(host), ":::", "::", 1)
	a, err := netip.ParseAddr(text)
	return a.Unmap(), err == nil
}

// parseIPv4 parses an IPv4 address without allocating, which most hosts are; false is for netip to judge.
func parseIPv4(host []byte) (netip.Addr, bool) {
	var a [4]byte
	parts, value, digits := 0, 0, 0
	for _, c := range host {
		switch {
		case '0' <= c && c <= '9' && (digits == 0 || value > 0): // no leading zero
			value, digits = value*10+int(c-'0'), digits+1
		case c == '.' && digits > 0 && parts < 3:
			a[parts] = byte(value)
			parts, value, digits = parts+1, 0, 0
		default:
			return netip.Addr{}, false
		}
		if value > 255 {
			return netip.Addr{}, false
		}
	}
	if parts != 3 || digits == 0 {
		return netip.Addr{}, false
	}
	a[3] = byte(value)
	return netip.AddrFrom4(a), true
}

// maxAddr is the longest text of an address without zone: eight groups, the last two as IPv4.
const maxAddr = len("ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255") + 1

// mayBeAddr tells names apart without allocating: an address has a colon, or ends in a digit.
func mayBeAddr(host []byte) bool {
	last := host[len(host)-1]
	if '0' <= last && last <= '9' {
		return true
	}
	for _, c := range host {
		if c == ':' {
			return true
		}
	}
	return false
}

// appendHost appends a as it stands in a Via or URI: IPv6 in brackets, no zone.
func appendHost(dst []byte, a netip.Addr) []byte {
	a = a.WithZone("")
	if a.Is4() {
		return a.AppendTo(dst)
	}
	dst = append(dst, '[')
	dst = a.AppendTo(dst)
	return append(dst, ']')
}
