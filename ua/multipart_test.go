package ua

import (
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// invitation returns an INVITE with a body of some type, in which "|" is a boundary's line and "/" the last one's.
func invitation(t *testing.T, contentType, body string) *parser.Message {
	t.Helper()
	body = strings.NewReplacer("|", "--b\r\n", "/.", "--b--\r\n", "[", "--c\r\n", "]", "--c--\r\n").Replace(body)
	text := "INVITE sip:b@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\nTo: <sip:b@h>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n" +
		"Content-Type: " + contentType + "\r\n\r\n" + body
	m := new(parser.Message)
	if err := m.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return m
}

// Of a body of several parts the offer is the one that describes the session, and none may be there that must be understood and is not
// (RFC 5621, Sections 3.2 and 4; RFC 3261, Section 20.11).
func TestOfferInAMultipartBody(t *testing.T) {
	const (
		mixed       = "multipart/mixed;boundary=b"
		alternative = `Multipart/Alternative;boundary="b"`
		sdp         = "Content-Type: application/sdp\r\n\r\nv=0\r\n"
		other       = "Content-Type: application/isup\r\n\r\nx\r\n"
		optional    = "Content-Type: application/isup\r\nContent-Disposition: signal; handling=optional\r\n\r\nx\r\n"
		early       = "Content-Type: application/sdp\r\nContent-Disposition: early-session\r\n\r\nv=1\r\n"
	)
	for _, tt := range []struct {
		name, kind, body string
		offer            string
		taken            bool
	}{
		{"one part", mixed, "|" + sdp + "/.", "v=0", true},
		{"behind an optional one", mixed, "|" + optional + "|" + sdp + "/.", "v=0", true},
		{"before an optional one", mixed, "|" + sdp + "|" + optional + "/.", "v=0", true},
		{"beside one that must be understood", mixed, "|" + sdp + "|" + other + "/.", "v=0", false},
		{"beside one of another purpose", mixed, "|" + early + "|" + sdp + "/.", "v=0", true},
		{"optional ones alone", mixed, "|" + optional + "/.", "", true},
		{"one that must be understood alone", mixed, "|" + other + "/.", "", false},
		{"a part without a type", mixed, "|" + sdp + "|\r\nhello\r\n/.", "v=0", false},
		{"of a subtype that nobody knows", "multipart/related;boundary=b", "|" + sdp + "/.", "v=0", true},
		{"alternatives, the last is the best", alternative, "|" + sdp + "|" + strings.Replace(sdp, "v=0", "v=2", 1) + "/.", "v=2", true},
		{"alternatives of which one is known", alternative, "|" + sdp + "|" + other + "/.", "v=0", true},
		{"alternatives of which none is known", alternative, "|" + other + "|" + other + "/.", "", false},
		{"alternatives in a mixture", mixed, "|" + optional + "|Content-Type: multipart/alternative;boundary=c\r\n\r\n[" + sdp + "[" + other + "]/.", "v=0", true},
		{"without a last boundary", mixed, "|" + sdp, "", false},
		{"without any", mixed, "v=0", "", false},
		{"without a name for it", "multipart/mixed", "|" + sdp + "/.", "", false},
		{"a body that is none", "application/sdp", "v=0", "v=0", true},
		{"another body", "application/isup", "x", "x", false},
	} {
		m := invitation(t, tt.kind, tt.body)
		a := &Agent{cfg: Config{Accept: []string{"application/sdp"}}}
		offer := bodyOf(m)
		if got := strings.TrimSpace(string(offer.Data)); got != tt.offer || strings.Contains(offer.Type, "multipart") {
			t.Errorf("%s: got the offer %q of type %s, want %q", tt.name, got, offer.Type, tt.offer)
		}
		if got := a.checkBody(m) == nil; got != tt.taken {
			t.Errorf("%s: taken %v, want %v", tt.name, got, tt.taken)
		}
		if got, want := a.accepts(m), tt.offer != "" && tt.offer != "x"; got != want {
			t.Errorf("%s: describes a session: %v, want %v", tt.name, got, want)
		}
	}
}
