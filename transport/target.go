package transport

import (
	"fmt"
	"net/netip"
	"strings"
)

// Target is where a message is to go: what a URI comes down to (RFC 3263, Section 4). It is comparable.
type Target struct {
	Protocol Protocol
	Addr     netip.AddrPort
	// Name is the host of the URI that was resolved, a domain or a numeric address: what a certificate is held against, whatever
	// DNS made of it (RFC 5922, Section 7.3), and what a WebSocket server is told that it was called. "" is the address; it has
	// no meaning over UDP and TCP.
	Name string
	// Flow, unless it is the zero Flow, is the only way that may be used (RFC 5626, Section 3): a connection that nobody but the peer could
	// open. The other fields are the flow's then.
	Flow Flow
}

// String returns the target as one writes it in a URI: "192.0.2.1:5060;transport=udp".
func (t Target) String() string { return t.Addr.String() + ";transport=" + t.Protocol.Network() }

// check returns why nothing can be sent to t, and t in the form in which it is a key.
func (t Target) check() (Target, error) {
	if f := t.Flow; f != (Flow{}) {
		return Target{Protocol: f.protocol, Addr: f.remote, Flow: f}, nil
	}
	t.Addr = unmap(t.Addr)
	switch {
	case t.Protocol == 0 || t.Protocol >= protocolCount:
		return t, fmt.Errorf("target %s: no such transport", t.Addr)
	case !t.Addr.IsValid() || t.Addr.Port() == 0:
		return t, fmt.Errorf("target %s: no address or no port", t.Addr)
	case !unicast(t.Addr.Addr()):
		return t, fmt.Errorf("target %s: not the address of one host", t.Addr)
	}
	switch {
	case t.Protocol <= TCP:
		t.Name = "" // two names of one address share its connection
	case t.Name == "":
		t.Name = t.Addr.Addr().WithZone("").String()
	default:
		t.Name = canonical(t.Name)
	}
	return t, nil
}

// canonical returns a host in the form in which hosts are compared: lower case, without the root's dot, without brackets
// (RFC 4343, Section 3).
func canonical(host string) string {
	if a, ok := parseHost([]byte(host)); ok {
		return a.String()
	}
	return strings.ToLower(strings.TrimSuffix(host, "."))
}
