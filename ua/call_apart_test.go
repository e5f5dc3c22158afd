package ua

import (
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Only a call whose peer is known by name leaves the reader to send: a numeric one has no reason to wait.
func TestCallsOfNumericPeersStayInTheReader(t *testing.T) {
	a, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Shutdown(t.Context())
	tests := []struct {
		contact, route string
		want           bool
	}{
		{"sip:bob@192.0.2.1", "", false},
		{"sip:bob@[2001:db8::1]:5070;transport=tcp", "", false},
		{"sip:bob@localhost", "", false},
		{"sip:bob@example.com", "", true},
		{"sip:bob@example.com;maddr=192.0.2.1", "", false},
		{"sip:bob@192.0.2.1;maddr=example.com", "", true},
		{"sip:bob@df7jal23ls0d.invalid;transport=ws", "", false},
		{"sip:bob@example.com", "<sip:192.0.2.9;lr>", false},
		{"sip:bob@192.0.2.1", "<sip:proxy.example.com;lr>", true},
	}
	for _, tt := range tests {
		msg := "INVITE sip:alice@192.0.2.7 SIP/2.0\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\nMax-Forwards: 70\nFrom: <sip:bob@example.com>;tag=1\n" +
			"To: <sip:alice@example.com>\nCall-ID: 1\nCSeq: 1 INVITE\nContact: <" + tt.contact + ">\n"
		if tt.route != "" {
			msg += "Record-Route: " + tt.route + "\n"
		}
		var m parser.Message
		if err := m.Parse([]byte(strings.ReplaceAll(msg+"Content-Length: 0\n\n", "\n", "\r\n"))); err != nil {
			t.Fatal(err)
		}
		d, err := dialog.NewServer(&m, "2")
		if err != nil {
			t.Fatalf("%s: %v", tt.contact, err)
		}
		c := newCall(a, dialog.Callee)
		c.mu.Lock()
		c.asks(d)
		if c.apart != tt.want {
			t.Errorf("Contact %s, Route %s: apart %v, want %v", tt.contact, tt.route, c.apart, tt.want)
		}
		c.mu.Unlock()
	}
}
