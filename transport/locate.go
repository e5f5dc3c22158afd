package transport

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/ringback-sip/ringback/parser"
)

// LocateLiteral returns the target of a sip URI whose host, or maddr, is a literal address (RFC 3263, Section 4.2). It asks
// nobody: a host name is an error, except localhost (RFC 6761, Section 6.3), which is 127.0.0.1.
func LocateLiteral(_ context.Context, uri parser.URI) ([]Target, error) {
	t, err := locateLiteral(uri)
	if err != nil {
		return nil, fmt.Errorf("locate %s: %w", uri.Raw(), err)
	}
	return []Target{t}, nil
}

func locateLiteral(uri parser.URI) (Target, error) {
	if !uri.IsSIP() {
		return Target{}, fmt.Errorf("scheme %q names no place: send it by way of a proxy", uri.Scheme())
	}
	p, err := uriProtocol(uri)
	if err != nil {
		return Target{}, err
	}
	// "If the URI contains a maddr parameter, the target is the value of the maddr, else the host" (RFC 3263, Section 4).
	host := uri.Host()
	if maddr, ok := uri.Param("maddr"); ok {
		host = maddr
	}
	addr, ok := parseHost(host)
	switch {
	case ok:
	case parser.EqualFold(host, "localhost"):
		addr = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	default:
		return Target{}, fmt.Errorf("%q is a name: write a numeric address, or give Config.Locate a resolver", host)
	}
	port := p.port()
	if n := uri.Port(); 0 < n && n < 1<<16 {
		port = uint16(n)
	}
	t := Target{Protocol: p, Addr: netip.AddrPortFrom(addr, port)}
	if p > TCP { // else it has no meaning
		t.Name = string(uri.Host()) // maddr says where to go, and not whom to trust there
	}
	return t.check()
}

// uriProtocol returns the transport for uri, whose target is numeric: the one that it names, else UDP for sip and TLS for
// sips (RFC 3263, Section 4.1).
func uriProtocol(uri parser.URI) (Protocol, error) {
	name, named := uri.Param("transport")
	switch {
	case !named && uri.IsSIPS():
		return TLS, nil
	case !named:
		return UDP, nil
	}
	p, err := parseProtocol(name)
	if err != nil || !uri.IsSIPS() {
		return p, err
	}
	// "For a SIPS URI, the transport parameter MUST indicate a reliable transport" (RFC 3261, Section 19.1.1), and no hop
	// may be in the clear (Section 26.2.2).
	switch p {
	case UDP:
		return 0, fmt.Errorf("a sips URI cannot go over udp")
	case TCP:
		return TLS, nil
	case WS:
		return WSS, nil // RFC 7118, Section 5.5
	}
	return p, nil
}
