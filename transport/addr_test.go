package transport

import (
	"math/rand/v2"
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

// Held against net/netip.
func TestParseIPv4(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", ".", "1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3", "1.2.3.", "1.2.3.4.5", "1..2.3",
		".1.2.3", "1.2.3.4.", "1.2.3.1000", "99999999999999999999.1.1.1", "1.2.3.4 ", "::1", "1.2.3.a"}
	for range 100_000 {
		var b []byte
		for range 1 + r.IntN(9) {
			b = append(b, "01259..."[r.IntN(8)])
		}
		texts = append(texts, string(b))
	}
	for _, text := range texts {
		want, err := netip.ParseAddr(text)
		good := err == nil && want.Is4()
		if got, ok := parseIPv4([]byte(text)); ok != good || ok && got != want {
			t.Errorf("parseIPv4(%q) = %v, %v, want %v, %v", text, got, ok, want, good)
		}
	}
	host := []byte("192.0.2.1")
	if n := testing.AllocsPerRun(100, func() { parseHost(host) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
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
