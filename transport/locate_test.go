package transport

import (
	"context"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestLocateLiteral(t *testing.T) {
	tests := []struct {
		uri  string
		p    Protocol
		addr string
		err  string // "": none
	}{
		// RS-003 to RS-005 (RFC 3263, Sections 4, 4.1 and 4.2).
		{"sip:echo@192.0.2.1", UDP, "192.0.2.1:5060", ""},
		{"sip:192.0.2.1:5070", UDP, "192.0.2.1:5070", ""},
		{"sip:echo@192.0.2.1;transport=tcp", TCP, "192.0.2.1:5060", ""},
		{"sip:echo@192.0.2.1;transport=UDP", UDP, "192.0.2.1:5060", ""},
		{"sip:echo@[2001:db8::1]", UDP, "[2001:db8::1]:5060", ""},
		{"sip:echo@[2001:db8::1]:5070;transport=tcp", TCP, "[2001:db8::1]:5070", ""},
		{"sip:echo@[::ffff:192.0.2.1]", UDP, "192.0.2.1:5060", ""},
		{"sip:echo@example.com:5070;maddr=192.0.2.1", UDP, "192.0.2.1:5070", ""},
		{"sip:echo@192.0.2.9;maddr=[2001:db8::1]", UDP, "[2001:db8::1]:5060", ""},
		{"sip:echo@localhost", UDP, "127.0.0.1:5060", ""},
		{"sip:echo@LOCALHOST:5070;transport=tcp", TCP, "127.0.0.1:5070", ""},
		{"sip:echo@example.com", 0, "", "numeric address"},
		{"sip:echo@192.0.2.1;maddr=example.com", 0, "", "numeric address"},
		// RS-021, TP-045, TP-052.
		{"sip:echo@192.0.2.1;transport=tls", TLS, "192.0.2.1:5061", ""},
		{"sip:echo@192.0.2.1:5060;transport=TLS", TLS, "192.0.2.1:5060", ""},
		{"sip:echo@192.0.2.1;transport=ws", WS, "192.0.2.1:80", ""},
		{"sip:echo@192.0.2.1;transport=wss", WSS, "192.0.2.1:443", ""},
		{"sips:echo@192.0.2.1;transport=ws", WSS, "192.0.2.1:443", ""},
		{"sips:echo@192.0.2.1;transport=wss", WSS, "192.0.2.1:443", ""},
		{"sips:echo@192.0.2.1;transport=tls", TLS, "192.0.2.1:5061", ""},
		{"sip:echo@192.0.2.1;transport=sctp", 0, "", "transport sctp is not built in"},
		{"sip:echo@192.0.2.1;transport=carrier", 0, "", "unknown transport"},
		{"sip:echo@224.0.1.75", 0, "", "not the address of one host"},
		{"sip:echo@192.0.2.1;maddr=255.255.255.255", 0, "", "not the address of one host"},
		{"sip:echo@0.0.0.0", 0, "", "not the address of one host"},
		// TP-017, RS-024.
		{"sips:echo@192.0.2.1", TLS, "192.0.2.1:5061", ""},
		{"sips:echo@192.0.2.1;transport=tcp", TLS, "192.0.2.1:5061", ""},
		{"sips:echo@[2001:db8::1]:5071", TLS, "[2001:db8::1]:5071", ""},
		{"sips:echo@192.0.2.1;transport=carrier", 0, "", "unknown transport"},
		{"sips:echo@192.0.2.1;transport=udp", 0, "", "cannot go over udp"},
		{"tel:+15550100", 0, "", "proxy"},
	}
	for _, tt := range tests {
		uri, err := parser.ParseURI([]byte(tt.uri))
		if err != nil {
			t.Fatalf("%s: %v", tt.uri, err)
		}
		got, err := LocateLiteral(context.Background(), uri)
		if tt.err != "" {
			if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), tt.uri) {
				t.Errorf("%s: error %v, want one that says %q and names the URI", tt.uri, err, tt.err)
			}
			continue
		}
		want := Target{Protocol: tt.p, Addr: ap(tt.addr)}
		if tt.p > TCP {
			want.Name = want.Addr.Addr().String()
		}
		if err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v, %v, want %v", tt.uri, got, err, want)
		}
	}
}

// What a certificate is held against is the host of the URI, whatever else says where that is (RFC 5922, Section 7.3).
func TestLocateNamesTheHost(t *testing.T) {
	for in, want := range map[string]string{
		"sips:echo@LocalHost":                    "localhost",
		"sips:echo@Example.com.;maddr=192.0.2.1": "example.com",
		"sips:echo@[2001:DB8:0::1]":              "2001:db8::1",
		"sip:echo@localhost;transport=ws":        "localhost",
		"sip:echo@localhost;transport=tcp":       "",
		"sip:echo@localhost":                     "",
	} {
		uri, err := parser.ParseURI([]byte(in))
		if err != nil {
			t.Fatal(err)
		}
		got, err := LocateLiteral(context.Background(), uri)
		if err != nil || len(got) != 1 || got[0].Name != want {
			t.Errorf("%s: %+v, %v, want the name %q", in, got, err, want)
		}
	}
}

func TestTargetsAsksLocate(t *testing.T) {
	want := Target{Protocol: TCP, Addr: ap("192.0.2.7:5070")}
	l := New(&Config{Locate: func(_ context.Context, uri parser.URI) ([]Target, error) {
		if string(uri.Host()) != "example.com" {
			t.Errorf("asked for %s", uri.Raw())
		}
		return []Target{want}, nil
	}})
	uri, err := parser.ParseURI([]byte("sip:echo@example.com"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := l.Targets(context.Background(), uri); err != nil || len(got) != 1 || got[0] != want {
		t.Errorf("Targets = %v, %v, want %v", got, err, want)
	}
	uri, err = parser.ParseURI([]byte("sip:echo@192.0.2.1"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := New(nil).Targets(context.Background(), uri); err != nil || len(got) != 1 || got[0].Addr != ap("192.0.2.1:5060") {
		t.Errorf("Targets without Locate = %v, %v", got, err)
	}
}
