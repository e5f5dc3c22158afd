package transport

import (
	"net/netip"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestWayBack(t *testing.T) {
	const source = "192.0.2.9:6000"
	tests := []struct {
		name   string
		p      Protocol
		via    string
		source string
		want   string // "": none
	}{
		// RFC 3261, Section 18.2.2.
		{"sent-by address, no port", UDP, "192.0.2.9;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"sent-by address and port", UDP, "192.0.2.9:5070;branch=z9hG4bK1", source, "192.0.2.9:5070"},
		{"received, port of sent-by", UDP, "10.0.0.1:5070;branch=z9hG4bK1", source, "192.0.2.9:5070"},
		{"received, name without port", UDP, "phone.example.com;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"received, as the sender would have it", UDP, "10.0.0.1;received=198.51.100.1;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"IPv6", UDP, "[2001:db8::1]:5070;branch=z9hG4bK1", "[2001:db8::9]:6000", "[2001:db8::9]:5070"},
		// RFC 3581, Section 4.
		{"rport", UDP, "10.0.0.1:5070;rport;branch=z9hG4bK1", source, source},
		{"rport with a value", UDP, "10.0.0.1:5070;rport=1;branch=z9hG4bK1", source, source},
		{"rport, no port to send to", UDP, "10.0.0.1:5070;rport;branch=z9hG4bK1", "192.0.2.9:0", ""},
		// maddr goes before rport (RFC 3581, Section 4), and not where we do not send.
		{"maddr", UDP, "10.0.0.1:5070;maddr=198.51.100.7;rport;branch=z9hG4bK1", source, "198.51.100.7:5070"},
		{"maddr, no port", UDP, "10.0.0.1;maddr=198.51.100.7;branch=z9hG4bK1", source, "198.51.100.7:5060"},
		{"maddr, IPv6", UDP, "[2001:db8::1];maddr=[2001:db8::7];branch=z9hG4bK1", "[2001:db8::9]:6000", "[2001:db8::7]:5060"},
		{"maddr is multicast", UDP, "10.0.0.1;maddr=224.0.1.75;rport;branch=z9hG4bK1", source, source},
		{"maddr is broadcast", UDP, "10.0.0.1;maddr=255.255.255.255;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"maddr is everybody", UDP, "10.0.0.1;maddr=0.0.0.0;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"maddr is this host", UDP, "10.0.0.1;maddr=127.0.0.1;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"maddr is this host, and so is the peer", UDP, "10.0.0.1;maddr=127.0.0.2;branch=z9hG4bK1", "127.0.0.1:6000", "127.0.0.2:5060"},
		{"maddr of the other family", UDP, "10.0.0.1;maddr=[2001:db8::7];branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"maddr is a name", UDP, "10.0.0.1;maddr=example.com;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		// A connection that is gone: "received" and the port of sent-by, never rport.
		{"stream", TCP, "10.0.0.1:5070;rport;branch=z9hG4bK1", source, "192.0.2.9:5070"},
		{"stream, no port", TCP, "10.0.0.1;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		{"stream, maddr", TCP, "10.0.0.1;maddr=198.51.100.7;branch=z9hG4bK1", source, "192.0.2.9:5060"},
		// The way follows the connection and not what Via calls it.
		{"a Via that says TCP", UDP, "10.0.0.1:5070;branch=z9hG4bK1", source, "192.0.2.9:5070"},
	}
	for _, tt := range tests {
		via, err := parser.ParseVia([]byte("SIP/2.0/TCP " + tt.via))
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		got := wayBack(tt.p, via, ap(tt.source))
		var want netip.AddrPort
		if tt.want != "" {
			want = ap(tt.want)
		}
		if got != want {
			t.Errorf("%s: wayBack = %v, want %v", tt.name, got, want)
		}
	}
}

// TP-022 to TP-024: what the topmost Via says when the request is passed on, and in the response.
func TestStamp(t *testing.T) {
	tests := []struct {
		name, via, source, want string
	}{
		{"same address", "192.0.2.9:5070;branch=z9hG4bK1", "192.0.2.9:6000", "192.0.2.9:5070;branch=z9hG4bK1"},
		{"other address", "10.0.0.1:5070;branch=z9hG4bK1", "192.0.2.9:6000", "10.0.0.1:5070;branch=z9hG4bK1;received=192.0.2.9"},
		{"name", "a.example.com;branch=z9hG4bK1", "192.0.2.9:6000", "a.example.com;branch=z9hG4bK1;received=192.0.2.9"},
		{"rport, same address", "192.0.2.9;rport;branch=z9hG4bK1", "192.0.2.9:6000", "192.0.2.9;rport=6000;branch=z9hG4bK1;received=192.0.2.9"},
		{"spoofed", "10.0.0.1;received=10.0.0.2;rport=1;branch=z9hG4bK1", "192.0.2.9:6000", "10.0.0.1;rport=6000;branch=z9hG4bK1;received=192.0.2.9"},
		{"spoofed, same address", "192.0.2.9;received=10.0.0.2;branch=z9hG4bK1", "192.0.2.9:6000", "192.0.2.9;branch=z9hG4bK1;received=192.0.2.9"},
		{"received without value", "192.0.2.9;received;branch=z9hG4bK1", "192.0.2.9:6000", "192.0.2.9;branch=z9hG4bK1;received=192.0.2.9"},
		{"IPv6, same", "[2001:db8::9];branch=z9hG4bK1", "[2001:db8::9]:6000", "[2001:db8::9];branch=z9hG4bK1"},
		{"IPv6, same in another spelling", "[2001:DB8:0::9];branch=z9hG4bK1", "[2001:db8::9]:6000", "[2001:DB8:0::9];branch=z9hG4bK1"},
		{"IPv6, other", "[2001:db8::1];branch=z9hG4bK1", "[2001:db8::9]:6000", "[2001:db8::1];branch=z9hG4bK1;received=2001:db8::9"},
		{"IPv6 with a zone", "[fe80::1];rport;branch=z9hG4bK1", "[fe80::9%eth0]:6000", "[fe80::1];rport=6000;branch=z9hG4bK1;received=fe80::9"},
	}
	for _, tt := range tests {
		m := new(parser.Message)
		if err := m.Parse(options("UDP " + tt.via)); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		via, err := m.Via()
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var scratch [64]byte
		stamp(m, via, ap(tt.source), scratch[:])
		var back parser.Message
		if err := back.Parse(answer(t, m).Head); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if got, want := string(back.Raw(parser.HeaderVia)), "SIP/2.0/UDP "+tt.want; got != want {
			t.Errorf("%s:\n got Via %q\nwant Via %q", tt.name, got, want)
		}
	}
}
