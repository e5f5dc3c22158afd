package transport

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestParseAdvertised(t *testing.T) {
	tests := []struct {
		in       string
		protocol Protocol
		addr     string // "": a name
		text     string // "": an error
	}{
		{"sip.example.com", 0, "", "sip.example.com"},
		{"sip.example.com:5070", 0, "", "sip.example.com:5070"},
		{"192.0.2.1", 0, "192.0.2.1", "192.0.2.1"},
		{"192.0.2.1:5070", 0, "192.0.2.1", "192.0.2.1:5070"},
		{"[2001:db8::1]", 0, "2001:db8::1", "[2001:db8::1]"},
		{"[2001:db8::1]:5070", 0, "2001:db8::1", "[2001:db8::1]:5070"},
		{"udp:sip.example.com", UDP, "", "sip.example.com"},
		{"TCP:192.0.2.1:5070", TCP, "192.0.2.1", "192.0.2.1:5070"},
		{"tcp:[2001:db8::1]:5070", TCP, "2001:db8::1", "[2001:db8::1]:5070"},
		{"", 0, "", ""},
		{"udp:", 0, "", ""},
		{"sctp:example.com:5061", 0, "", ""}, // not built in, and no host called tls either
		{"2001:db8::1", 0, "", ""},
		{"example.com:0", 0, "", ""},
		{"example.com:65536", 0, "", ""},
		{"example.com;branch=1", 0, "", ""},
		{"example.com, example.org", 0, "", ""},
		{"example.com\r\nX: y", 0, "", ""},
		{"ex ample.com", 0, "", ""},
		{"0.0.0.0:5060", 0, "", ""},
		{"224.0.0.1", 0, "", ""},
	}
	for _, tt := range tests {
		got, _, err := parseAdvertised(tt.in)
		if tt.text == "" {
			if err == nil {
				t.Errorf("parseAdvertised(%q) = %+v, want an error", tt.in, got)
			}
			continue
		}
		want := advertised{protocol: tt.protocol, text: tt.text}
		if tt.addr != "" {
			want.addr = netip.MustParseAddr(tt.addr)
		}
		if err != nil || got != want {
			t.Errorf("parseAdvertised(%q) = %+v, %v, want %+v", tt.in, got, err, want)
		}
	}
}

func TestAdvertiseFitsProtocolAndFamily(t *testing.T) {
	l := New(&Config{Advertise: []string{"tcp:tcp.example.com", "192.0.2.1:5070", "[2001:db8::1]"}})
	tests := []struct {
		p      Protocol
		remote string
		want   string
	}{
		{TCP, "198.51.100.1", "tcp.example.com"},
		{UDP, "198.51.100.1", "192.0.2.1:5070"},
		{UDP, "2001:db8::9", "[2001:db8::1]"},
	}
	for _, tt := range tests {
		if got := l.advertise(tt.p, netip.MustParseAddr(tt.remote)); got != tt.want {
			t.Errorf("advertise(%v, %s) = %q, want %q", tt.p, tt.remote, got, tt.want)
		}
	}
}

func TestAdvertiseMalformedIsReported(t *testing.T) {
	l := New(&Config{Advertise: []string{"sip.example.com", "no such host"}})
	pc := newPacketConn("192.0.2.1:5060")
	if err := l.ServePacket(pc); err == nil || !strings.Contains(err.Error(), `"no such host"`) {
		t.Errorf("ServePacket = %v, want the entry named", err)
	}
	if err := l.ServeListener(TCP, newAcceptor("192.0.2.1:5060")); err == nil {
		t.Error("ServeListener succeeded")
	}
	if _, err := l.Hop(Target{Protocol: UDP, Addr: ap("192.0.2.9:5060")}); err == nil {
		t.Error("Hop succeeded")
	}
	if _, open := <-pc.closed; open {
		t.Error("the socket was left open")
	}
}

// TP-018: which sent-by values of a response's topmost Via are ours (RFC 3261, Section 18.1.2).
func TestOurs(t *testing.T) {
	l := New(&Config{Advertise: []string{"SIP.example.com", "udp:198.51.100.1:5080"}})
	l.claimAddr(ap("192.0.2.1:5060"))
	l.claimAddr(ap("192.0.2.1:5070"))
	l.claimAddr(ap("[2001:db8::1]:5060"))
	local := ap("192.0.2.1:40000")
	tests := []struct {
		sentBy string
		want   bool
	}{
		{"192.0.2.1", true},
		{"192.0.2.1:5060", true},
		{"192.0.2.1:5070", true},
		{"192.0.2.1:5071", false},
		{"192.0.2.2", false},
		{"[2001:db8::1]", true},
		{"[2001:DB8:0::1]:5060", true},
		{"[2001:db8::1]:5061", false},
		{"[2001:db8::2]", false},
		{"sip.example.com", true},
		{"SIP.EXAMPLE.COM:5060", true},
		{"sip.example.com:5061", false},
		{"example.com", false},
		{"198.51.100.1:5080", true},
		{"198.51.100.1", false},
		{"192.0.2.1:40000", true}, // the connection's own
		{"192.0.2.1:40001", false},
		{strings.Repeat("a", 300) + ".example.com", false},
	}
	for _, tt := range tests {
		via, err := parser.ParseVia([]byte("SIP/2.0/UDP " + tt.sentBy + ";branch=z9hG4bK1"))
		if err != nil {
			t.Fatalf("%s: %v", tt.sentBy, err)
		}
		if got := l.ours(via, local); got != tt.want {
			t.Errorf("ours(%s) = %v, want %v", tt.sentBy, got, tt.want)
		}
	}
}

func TestClaimsAreBounded(t *testing.T) {
	l := New(nil)
	for i := range maxClaims + 10 {
		l.claim(fmt.Appendf(nil, "h%d.example.com", i), 0)
	}
	if n := len(*l.claims.Load()); n != maxClaims {
		t.Errorf("%d claims, want %d", n, maxClaims)
	}
}
