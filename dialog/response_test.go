package dialog

import (
	"slices"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestWriteServerHeadersCopiesRecordRoutes(t *testing.T) {
	inv := invite(t,
		"Record-Route: <sip:p3.example;lr;unknown=1>;also=\"un,known\"",
		"Record-Route: <sip:p2.example;lr>, <sip:p1.example>;x")
	got := fields(written(t, func(b *parser.Builder) {
		b.Response(inv, parser.StatusRinging, "", "8321234356")
		WriteServerHeaders(b, inv)
	}), "Record-Route")
	want := []string{"<sip:p3.example;lr;unknown=1>;also=\"un,known\"", "<sip:p2.example;lr>, <sip:p1.example>;x"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecureContact(t *testing.T) {
	for _, tt := range []struct {
		name, uri, contact string
		recordRoute        []string
		want               bool
	}{
		{"nothing", "sip:b@h", "sip:a@h", nil, false},
		{"Request-URI", "sips:b@h", "sip:a@h", nil, true},
		{"top Record-Route", "sip:b@h", "sip:a@h", []string{"Record-Route: <sips:p2;lr>, <sip:p1;lr>"}, true},
		{"lower Record-Route", "sip:b@h", "sip:a@h", []string{"Record-Route: <sip:p2;lr>, <sips:p1;lr>"}, false},
		{"Contact", "sip:b@h", "sips:a@h", nil, true},
		{"Contact behind a Record-Route", "sip:b@h", "sips:a@h", []string{"Record-Route: <sip:p1;lr>"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := message(t, append([]string{
				"INVITE " + tt.uri + " SIP/2.0",
				"Via: SIP/2.0/TLS u1.example.com;branch=z9hG4bK74bf9",
				"Max-Forwards: 70",
				"From: <sip:a@h>;tag=1", "To: <sip:b@h>", "Call-ID: 1", "CSeq: 1 INVITE",
				"Contact: <" + tt.contact + ">",
			}, tt.recordRoute...)...)
			if got := SecureContact(m); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
