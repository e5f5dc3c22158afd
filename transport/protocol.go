package transport

import (
	"fmt"

	"github.com/ringback-sip/ringback/parser"
)

// Protocol is a transport protocol of SIP. The zero Protocol is none.
type Protocol uint8

// The protocols that are built in.
const (
	UDP Protocol = iota + 1
	TCP
	TLS // over TCP (RFC 3261, Section 26.2.1)
	WS  // WebSocket (RFC 7118)
	WSS // WebSocket over TLS
	protocolCount
)

// String returns the protocol as it stands in a Via field: "UDP" (RFC 3261, Section 20.42; RFC 7118, Section 5.1).
func (p Protocol) String() string {
	switch p {
	case UDP:
		return "UDP"
	case TCP:
		return "TCP"
	case TLS:
		return "TLS"
	case WS:
		return "WS"
	case WSS:
		return "WSS"
	}
	return ""
}

// Network returns the protocol's name in lower case, as one writes it in a URI's transport parameter: "udp". Of these tls is
// deprecated (RFC 3261, Section 26.2.2) and wss was never defined; both are understood.
func (p Protocol) Network() string {
	switch p {
	case UDP:
		return "udp"
	case TCP:
		return "tcp"
	case TLS:
		return "tls"
	case WS:
		return "ws"
	case WSS:
		return "wss"
	}
	return ""
}

// carrier returns what package net calls the protocol below p, "" for none.
func (p Protocol) carrier() string {
	switch {
	case p == UDP:
		return "udp"
	case UDP < p && p < protocolCount:
		return "tcp"
	}
	return ""
}

// Reliable reports whether p delivers in order or fails, so that nothing is retransmitted.
func (p Protocol) Reliable() bool { return UDP < p && p < protocolCount }

// Secure reports whether p is encrypted, and the server proves its name.
func (p Protocol) Secure() bool { return p == TLS || p == WSS }

// shakes reports whether a connection is of no use before something was agreed on above TCP.
func (p Protocol) shakes() bool { return p > TCP }

// webSocket reports whether messages travel in WebSocket messages, on a connection that only a client opens.
func (p Protocol) webSocket() bool { return p == WS || p == WSS }

// port returns the port that is meant where none is written (RFC 3261, Sections 18.1.1 and 19.1.2; RFC 7118, Section 5.5).
func (p Protocol) port() uint16 {
	switch p {
	case TLS:
		return 5061
	case WS:
		return 80
	case WSS:
		return 443
	}
	return defaultPort
}

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
	for _, known := range [...]string{"sctp", "tls-sctp"} {
		if parser.EqualFold(name, known) {
			return 0, fmt.Errorf("transport %s is not built in: use udp, tcp, tls, ws or wss", known)
		}
	}
	return 0, fmt.Errorf("unknown transport %q: use udp, tcp, tls, ws or wss", name)
}
