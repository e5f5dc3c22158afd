package transport

import (
	"strings"
	"testing"
)

func TestProtocolNames(t *testing.T) {
	tests := []struct {
		p             Protocol
		text, network string
		carrier       string
		port          uint16
		reliable      bool
		secure        bool
	}{
		// TP-007, TP-045, TP-052.
		{UDP, "UDP", "udp", "udp", 5060, false, false},
		{TCP, "TCP", "tcp", "tcp", 5060, true, false},
		{TLS, "TLS", "tls", "tcp", 5061, true, true},
		{WS, "WS", "ws", "tcp", 80, true, false},
		{WSS, "WSS", "wss", "tcp", 443, true, true},
		{0, "", "", "", 5060, false, false},
		{protocolCount, "", "", "", 5060, false, false},
	}
	for _, tt := range tests {
		p := tt.p
		if p.String() != tt.text || p.Network() != tt.network || p.carrier() != tt.carrier || p.port() != tt.port {
			t.Errorf("Protocol(%d) = %q %q over %q, port %d, want %q %q %q %d", p, p, p.Network(), p.carrier(), p.port(), tt.text, tt.network, tt.carrier, tt.port)
		}
		if p.Reliable() != tt.reliable || p.Secure() != tt.secure {
			t.Errorf("Protocol(%d): reliable %v secure %v, want %v %v", p, p.Reliable(), p.Secure(), tt.reliable, tt.secure)
		}
	}
}

func TestParseProtocol(t *testing.T) {
	tests := []struct {
		in   string
		want Protocol
		err  string
	}{
		{"udp", UDP, ""},
		{"TCP", TCP, ""},
		{"tls", TLS, ""},
		{"Ws", WS, ""},
		{"WSS", WSS, ""},
		{"sctp", 0, "transport sctp is not built in"},
		{"", 0, "unknown transport"},
		{"udpx", 0, "unknown transport"},
	}
	for _, tt := range tests {
		got, err := ParseProtocol(tt.in)
		if got != tt.want || (err == nil) != (tt.err == "") || err != nil && !strings.Contains(err.Error(), tt.err) {
			t.Errorf("ParseProtocol(%q) = %v, %v, want %v, %q", tt.in, got, err, tt.want, tt.err)
		}
	}
}
