package transport

import (
	"net"
	"net/netip"
	"testing"
)

func TestParseHost(t *testing.T) {
	tests := []struct{ in, want string }{ // want "": no literal address
		{"192.0.2.1", "192.0.2.1"},
		{"[2001:db8::1]", "2001:db8::1"},
		{"2001:db8::1", "2001:db8::1"},
		{"[::ffff:192.0.2.1]", "192.0.2.1"},
		{"[2001:db8:::192.0.2.1]", "2001:db8::c000:201"}, // RFC 5118, Section 4.10
		{"[2001:DB8:0:0::1]", "2001:db8::1"},
		{"example.com", ""},
		{"example.com.", ""},
		{"1.example", ""},
		{"host1", ""},
		{"192.0.2", ""},
		{"192.0.2.256", ""},
		{"", ""},
		{"[]", ""},
		{"[", ""},
		{"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255:ffff:ffff", ""},
	}
	for _, tt := range tests {
		got, ok := parseHost([]byte(tt.in))
		if ok != (tt.want != "") || ok && got != netip.MustParseAddr(tt.want) {
			t.Errorf("parseHost(%q) = %v, %v, want %q", tt.in, got, ok, tt.want)
		}
	}
}

// odd is a net.Addr of a network in memory.
type odd string

func (odd) Network() string  { return "odd" }
func (o odd) String() string { return string(o) }

func TestAddrPort(t *testing.T) {
	tests := []struct {
		in   net.Addr
		want string // "": none
	}{
		{&net.UDPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 5060}, "192.0.2.1:5060"},
		{&net.TCPAddr{IP: net.ParseIP("2001:db8::1"), Port: 5060}, "[2001:db8::1]:5060"},
		{odd("192.0.2.1:5060"), "192.0.2.1:5060"},
		{odd("pipe"), ""},
		{nil, ""},
	}
	for _, tt := range tests {
		got := addrPort(tt.in)
		if tt.want == "" {
			if got.IsValid() {
				t.Errorf("addrPort(%v) = %v, want none", tt.in, got)
			}
			continue
		}
		if got != ap(tt.want) {
			t.Errorf("addrPort(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestSite(t *testing.T) {
	tests := []struct{ in, want string }{
		{"192.0.2.1", "192.0.2.1"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"},
		{"fe80::1%eth0", "fe80::"},
	}
	for _, tt := range tests {
		if got := site(netip.MustParseAddr(tt.in)); got != netip.MustParseAddr(tt.want) {
			t.Errorf("site(%v) = %v, want %v", tt.in, got, tt.want)
		}
	}
}

func TestAppendHost(t *testing.T) {
	tests := []struct{ in, want string }{
		{"192.0.2.1", "192.0.2.1"},
		{"2001:db8::1", "[2001:db8::1]"},
		{"fe80::1%eth0", "[fe80::1]"},
	}
	for _, tt := range tests {
		if got := string(appendHost(nil, netip.MustParseAddr(tt.in))); got != tt.want {
			t.Errorf("appendHost(%v) = %q, want %q", tt.in, got, tt.want)
		}
	}
}
