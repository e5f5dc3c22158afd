package main

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

func TestRealm(t *testing.T) {
	locals := []transport.Local{
		{Protocol: transport.UDP, Addr: netip.MustParseAddrPort("127.0.0.1:5070")},
		{Protocol: transport.TCP, Addr: netip.MustParseAddrPort("[::1]:40001")},
	}
	listen := []string{"udp:127.0.0.1:5070", "tcp:[::1]:0", "udp:LocalHost:5090"}
	domains := []string{"Example.com", "example.net."}
	advertise := []string{"udp:192.0.2.1:5062", "192.0.2.2", "sip.example.org:5064"}
	tests := []struct {
		uri  string
		want bool
	}{
		{"sip:echo@127.0.0.1:5070", true},
		{"sip:echo@127.0.0.1", true},
		{"sip:echo@127.0.0.1:5071", false},
		{"sip:127.0.0.1:5070", true},
		{"sip:bob@127.0.0.1:5070", false},
		{"sip:Echo@127.0.0.1:5070", false},
		{"sip:%65cho@127.0.0.1:5070", true},
		{"sip:echo:password@127.0.0.1:5070", true},
		{"sips:echo@127.0.0.1:5070;transport=tcp", true},
		{"sip:echo@127.0.0.2:5070", false},
		{"sip:echo@[::1]:40001", true},
		{"sip:echo@[0:0::1]:40001", true},
		{"sip:echo@[::ffff:127.0.0.1]:5070", true},
		{"sip:echo@localhost:5090", true},
		{"sip:echo@EXAMPLE.com", true},
		{"sip:echo@example.com.:5099", true},
		{"sip:echo@example.net", true},
		{"sip:echo@sub.example.com", false},
		{"sip:echo@192.0.2.1:5062", true},
		{"sip:echo@192.0.2.1:5063", false},
		{"sip:echo@192.0.2.2:9999", true},
		{"sip:echo@sip.example.org", true},
		{"sip:example.org", false},
	}
	r, err := newRealm("echo", domains, listen, advertise)
	if err != nil {
		t.Fatal(err)
	}
	r.bound(locals)
	for _, tt := range tests {
		if got := r.serves(uri(t, tt.uri)); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.uri, got, tt.want)
		}
	}
	all, err := newRealm("*", domains, listen, advertise)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range tests {
		if !all.serves(uri(t, tt.uri)) {
			t.Errorf("%s: got false for *, want true", tt.uri)
		}
	}
}

// A phone on the same machine is not the server, whatever it leaves out of its contact.
func TestRealmIsReached(t *testing.T) {
	r, err := newRealm("*", []string{"example.com"}, []string{"udp:127.0.0.1:5070", "tls:127.0.0.2:5061"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.bound([]transport.Local{{Protocol: transport.UDP, Addr: netip.MustParseAddrPort("127.0.0.1:5070")}, {Protocol: transport.TLS, Addr: netip.MustParseAddrPort("127.0.0.2:5061")}})
	for contact, want := range map[string]bool{
		"sip:a@127.0.0.1:5070": true, "sip:a@127.0.0.1": false, "sip:a@127.0.0.1:4000": false, "sip:a@127.0.0.2:5070": false,
		"sip:a@127.0.0.2": false, "sips:a@127.0.0.2": true, "sip:a@127.0.0.2:5061;transport=tls": true,
		"sip:a@example.com": true, "sip:a@EXAMPLE.com:5070": true, "sip:a@example.com:4000": false,
		"sip:a@192.0.2.1": false, "sip:a@phone.example.com": false,
	} {
		if got := r.reaches(uri(t, contact)); got != want {
			t.Errorf("%s: got %v, want %v", contact, got, want)
		}
	}
}

// What peers can know of is served before the sockets have told their addresses.
func TestRealmBeforeItsSocketsAreBound(t *testing.T) {
	r, err := newRealm("echo", nil, []string{"udp:127.0.0.1:5070"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !r.serves(uri(t, "sip:echo@127.0.0.1:5070")) {
		t.Error("got false, want true")
	}
	if r.serves(uri(t, "sip:echo@127.0.0.1:5071")) {
		t.Error("another port: got true, want false")
	}
}

func TestRealmOnAWildcard(t *testing.T) {
	r, err := newRealm("echo", nil, []string{"udp:0.0.0.0:5070"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.bound([]transport.Local{{Protocol: transport.UDP, Addr: netip.MustParseAddrPort("0.0.0.0:5070")}})
	if !r.serves(uri(t, "sip:echo@127.0.0.1:5070")) {
		t.Error("the loopback address: got false, want true")
	}
	for _, s := range []string{"sip:echo@0.0.0.0:5070", "sip:echo@192.0.2.200:5070"} {
		if r.serves(uri(t, s)) {
			t.Errorf("%s: got true, want false", s)
		}
	}
}

// The address in a session description is always an own one.
func TestRealmMedia(t *testing.T) {
	r, err := newRealm("*", []string{"example.com"}, []string{"udp:127.0.0.2:5070", "udp:[::1]:5070"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for uri, want := range map[string]string{
		"sip:bob@[::1]:5070": "::1", "sip:bob@127.0.0.2": "127.0.0.2", "sip:bob@example.com": "127.0.0.2", "sip:bob@192.0.2.1": "127.0.0.2", "tel:+1": "127.0.0.2",
	} {
		var m parser.Message
		if err := m.Parse([]byte(strings.ReplaceAll(invite, "INVITE sip:b@h", "INVITE "+uri))); err != nil {
			t.Fatalf("%s: %v", uri, err)
		}
		if got := r.media(&m); got != netip.MustParseAddr(want) {
			t.Errorf("%s: got %v, want %s", uri, got, want)
		}
	}
	none, err := newRealm("*", nil, []string{"udp:0.0.0.0:0"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var m parser.Message
	if err := m.Parse([]byte(invite)); err != nil {
		t.Fatal(err)
	}
	if got := none.media(&m); got.IsValid() {
		t.Errorf("without an own address: got %v, want none", got)
	}
}

func TestRealmRefusesWrongFlags(t *testing.T) {
	tests := []struct {
		name                       string
		domains, listen, advertise []string
		want                       string
	}{
		{"domain with user", []string{"bob@example.com"}, nil, nil, "-domain"},
		{"domain with blank", []string{"example com"}, nil, nil, "-domain"},
		{"no protocol", nil, []string{"127.0.0.1:5060"}, nil, "-listen"},
		{"later protocol", nil, []string{"sctp:127.0.0.1:5061"}, nil, "not built in"},
		{"no port", nil, []string{"udp:127.0.0.1"}, nil, "PROTO:HOST:PORT"},
		{"bad port", nil, []string{"udp:127.0.0.1:70000"}, nil, "-listen"},
		{"advertised URI", nil, nil, []string{"sip:a@b"}, "-advertise"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := newRealm("echo", tt.domains, tt.listen, tt.advertise)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
}

func uri(t *testing.T, s string) parser.URI {
	t.Helper()
	u, err := parser.ParseURI([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return u
}
