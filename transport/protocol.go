package transport

import (
	"fmt"
	"net/netip"

	"github.com/ringback-sip/ringback/parser"
)

// Protocol is a transport protocol of SIP. The zero Protocol is none.
type Protocol uint8

// The protocols that are built in.
const (
	UDP Protocol = iota + 1
	TCP
	protocolCount
)

// String returns the protocol as it stands in a Via field: "UDP" (RFC 3261, Section 20.42).
func (p Protocol) String() string {
	switch p {
	case UDP:
		return "UDP"
	case TCP:
		return "TCP"
	}
	return ""
}

// Network returns the protocol as it stands in a URI's transport parameter and in package net: "udp".
func (p Protocol) Network() string {
	switch p {
	case UDP:
		return "udp"
	case TCP:
		return "tcp"
	}
	return ""
}

// Reliable reports whether p delivers in order or fails, so that nothing is retransmitted.
func (p Protocol) Reliable() bool { return p == TCP }

// port returns the port that is meant where none is written (RFC 3261, Section 18.1.1).
func (p Protocol) port() uint16 { return defaultPort }

const defaultPort = 5060

// ParseProtocol returns the protocol called name, in either case: "udp". The error says whether the
// name is a protocol of SIP that is not built in, or none at all.
func ParseProtocol(name string) (Protocol, error) { return parseProtocol([]byte(name)) }

func parseProtocol(name []byte) (Protocol, error) {
	for p := UDP; p < protocolCount; p++ {
		if parser.EqualFold(name, p.Network()) {
			return p, nil
		}
	}
	for _, known := range [...]string{"tls", "ws", "wss", "sctp", "tls-sctp"} {
		if parser.EqualFold(name, known) {
			return 0, fmt.Errorf("transport %s is not built in: use udp or tcp", known)
		}
	}
	return 0, fmt.Errorf("unknown transport %q: use udp or tcp", name)
}

// Target is where a message is to go: what a URI comes down to (RFC 3263, Section 4). It is comparable.
type Target struct {
	Protocol Protocol
	Addr     netip.AddrPort
	Name     string // the domain that the URI names: what a certificate is held against; "" over UDP and TCP
}

// String returns the target as one writes it in a URI: "192.0.2.1:5060;transport=udp".
func (t Target) String() string { return t.Addr.String() + ";transport=" + t.Protocol.Network() }

// check returns why nothing can be sent to t, and t in the form in which it is a key.
func (t Target) check() (Target, error) {
	t.Addr = unmap(t.Addr)
	switch {
	case t.Protocol == 0 || t.Protocol >= protocolCount:
		return t, fmt.Errorf("target %s: no such transport", t.Addr)
	case !t.Addr.IsValid() || t.Addr.Port() == 0:
		return t, fmt.Errorf("target %s: no address or no port", t.Addr)
	case !unicast(t.Addr.Addr()):
		return t, fmt.Errorf("target %s: not the address of one host", t.Addr)
	}
	return t, nil
}
