package transport

import (
	"strings"
	"testing"
)

func TestProtocolNames(t *testing.T) {
	tests := []struct {
		p             Protocol
		text, network string
		reliable      bool
	}{
		{UDP, "UDP", "udp", false},
		{TCP, "TCP", "tcp", true},
		{0, "", "", false},
		{protocolCount, "", "", false},
	}
	for _, tt := range tests {
		if tt.p.String() != tt.text || tt.p.Network() != tt.network || tt.p.Reliable() != tt.reliable {
			t.Errorf("Protocol(%d) = %q %q reliable %v, want %q %q %v", tt.p, tt.p.String(), tt.p.Network(), tt.p.Reliable(), tt.text, tt.network, tt.reliable)
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
		{"tls", 0, "transport tls is not built in"},
		{"WSS", 0, "transport wss is not built in"},
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

// What chooses an address, a URI or a Via, is somebody else's: nothing is ever sent to many.
func TestTargetCheck(t *testing.T) {
	tests := []struct {
		name string
		t    Target
		ok   bool
	}{
		{"IPv4", Target{UDP, ap("192.0.2.1:5060"), ""}, true},
		{"IPv6", Target{TCP, ap("[2001:db8::1]:5060"), ""}, true},
		{"no protocol", Target{0, ap("192.0.2.1:5060"), ""}, false},
		{"protocol to come", Target{protocolCount, ap("192.0.2.1:5060"), ""}, false},
		{"no address", Target{Protocol: UDP}, false},
		{"no port", Target{UDP, ap("192.0.2.1:0"), ""}, false},
		{"unspecified", Target{UDP, ap("0.0.0.0:5060"), ""}, false},
		{"unspecified, IPv6", Target{UDP, ap("[::]:5060"), ""}, false},
		{"broadcast", Target{UDP, ap("255.255.255.255:5060"), ""}, false},
		{"broadcast in IPv6", Target{UDP, ap("[::ffff:255.255.255.255]:5060"), ""}, false},
		{"multicast", Target{UDP, ap("224.0.1.75:5060"), ""}, false},
		{"multicast, IPv6", Target{UDP, ap("[ff02::1]:5060"), ""}, false},
	}
	for _, tt := range tests {
		if _, err := tt.t.check(); (err == nil) != tt.ok {
			t.Errorf("%s: check = %v, want ok %v", tt.name, err, tt.ok)
		}
	}
	mapped, err := Target{UDP, ap("[::ffff:192.0.2.1]:5060"), ""}.check()
	if err != nil || mapped.Addr != ap("192.0.2.1:5060") {
		t.Errorf("check of a mapped address = %v, %v, want 192.0.2.1:5060", mapped.Addr, err)
	}
	if got, want := (Target{TCP, ap("[2001:db8::1]:5070"), ""}).String(), "[2001:db8::1]:5070;transport=tcp"; got != want {
		t.Errorf("String = %q, want %q", got, want)
	}
}
