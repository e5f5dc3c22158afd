package dialog

import (
	"errors"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

func TestNewServerState(t *testing.T) {
	d := server(t, "Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>")
	check := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: got %s, want %s", what, got, want)
		}
	}
	check("route set", string(d.route.values), "<sip:p2.domain.com;lr>, <sip:p1.example.com;lr>")
	check("remote target", string(d.Target().Raw()), "sip:alice@u1.example.com")
	check("remote URI", string(d.RemoteURI().Raw()), "sip:alice@atlanta.example")
	check("local URI", string(d.LocalURI().Raw()), "sip:bob@biloxi.example")
	check("local tag", d.localTag, "8321234356")
	check("remote tag", d.remoteTag, "9fxced76sl")
	if !d.hasRemote || d.remoteSeq != 1 || d.hasLocal || d.LocalSeq() != 0 {
		t.Errorf("sequence numbers: remote %d (%v), local %d (%v); want 1, and empty", d.remoteSeq, d.hasRemote, d.localSeq, d.hasLocal)
	}
	if d.Confirmed() || d.Secure() || d.Role() != Callee {
		t.Errorf("confirmed %v, secure %v, role %v", d.Confirmed(), d.Secure(), d.Role())
	}
	if err := d.Confirm(nil); err != nil || !d.Confirmed() {
		t.Errorf("Confirm: %v, confirmed %v", err, d.Confirmed())
	}
}

// TestNewClientState uses the trapezoid of RFC 3261, Section 16.12.1.1.
func TestNewClientState(t *testing.T) {
	inv := invite(t, "Route: <sip:preloaded.example;lr>")
	resp := response(t, 180, "8321234356",
		"Contact: <sip:callee@u2.domain.com>", "Record-Route: <sip:p2.domain.com;lr>", "Record-Route: <sip:p1.example.com;lr>")
	d, err := NewClient(inv, resp)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(d.route.values), "<sip:p1.example.com;lr>, <sip:p2.domain.com;lr>"; got != want {
		t.Errorf("route set: got %s, want %s", got, want)
	}
	if got, want := string(d.Target().Raw()), "sip:callee@u2.domain.com"; got != want {
		t.Errorf("remote target: got %s, want %s", got, want)
	}
	if got, want := string(d.RemoteURI().Raw()), "sip:bob@biloxi.example"; got != want {
		t.Errorf("remote URI: got %s, want %s", got, want)
	}
	if got, want := string(d.LocalURI().Raw()), "sip:alice@atlanta.example"; got != want {
		t.Errorf("local URI: got %s, want %s", got, want)
	}
	if d.hasRemote || !d.hasLocal || d.LocalSeq() != 1 || d.Confirmed() || d.Role() != Caller {
		t.Errorf("remote seq %v, local seq %d, confirmed %v, role %v", d.hasRemote, d.LocalSeq(), d.Confirmed(), d.Role())
	}
}

func TestNewClientWithoutRecordRouteForgetsPreloadedRoutes(t *testing.T) {
	d, err := NewClient(invite(t, "Route: <sip:preloaded.example;lr>"), response(t, 200, "x", "Contact: <sip:bob@u2.domain.com>"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fields(bye(t, d), "Route"); got != nil {
		t.Errorf("Route: %v, want none", got)
	}
}

func TestNewClientWhichResponsesMakeDialogs(t *testing.T) {
	for _, tt := range []struct {
		status    int
		tag       string
		err       error
		confirmed bool
	}{
		{100, "", ErrNoDialog, false},
		{100, "x", ErrNoDialog, false},
		{180, "", ErrNoDialog, false},
		{101, "x", nil, false},
		{199, "x", nil, false},
		{200, "x", nil, true},
		{200, "", nil, true}, // RFC 2543
		{299, "x", nil, true},
		{302, "x", ErrNoDialog, false},
		{486, "x", ErrNoDialog, false},
	} {
		d, err := NewClient(invite(t), response(t, tt.status, tt.tag, "Contact: <sip:bob@u2.domain.com>"))
		if err != tt.err {
			t.Errorf("%d, tag %q: got error %v, want %v", tt.status, tt.tag, err, tt.err)
		}
		if err == nil && d.Confirmed() != tt.confirmed {
			t.Errorf("%d, tag %q: confirmed %v, want %v", tt.status, tt.tag, d.Confirmed(), tt.confirmed)
		}
	}
}

func TestDialogWithoutPeerTagOmitsIt(t *testing.T) {
	caller, err := NewClient(invite(t), response(t, 200, "", "Contact: <sip:bob@u2.domain.com>"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fields(bye(t, caller), "To")[0]; got != "<sip:bob@biloxi.example>" {
		t.Errorf("To: got %s, want no tag", got)
	}
	inv := strings.Replace(string(invite(t).Bytes()), ";tag=9fxced76sl", "", 1)
	old := new(parser.Message)
	if err := old.Parse([]byte(inv)); err != nil {
		t.Fatal(err)
	}
	callee, err := NewServer(old, "8321234356")
	if err != nil {
		t.Fatal(err)
	}
	if callee.ID().RemoteTag != "" {
		t.Errorf("remote tag %q, want none", callee.ID().RemoteTag)
	}
	if got := fields(bye(t, callee), "To")[0]; got != "<sip:alice@atlanta.example>" {
		t.Errorf("To: got %s, want no tag", got)
	}
}

func TestNewServerTakesFromOfAnRFC2543PeerWithoutContact(t *testing.T) {
	for _, tt := range []struct {
		via    string
		target string // "": refused
	}{
		{"SIP/2.0/UDP iftgw.example.com", "sip:alice@atlanta.example"},
		{"SIP/2.0/UDP iftgw.example.com;branch=1", "sip:alice@atlanta.example"},
		{"SIP/2.0/UDP iftgw.example.com;branch=z9hg4bK1", ""},
	} {
		d, err := NewServer(parsed(t, "INVITE sip:bob@biloxi.example SIP/2.0\r\nVia: "+tt.via+"\r\nFrom: <sip:alice@atlanta.example>\r\n"+
			"To: <sip:bob@biloxi.example>\r\nCall-ID: 1@a\r\nCSeq: 56 INVITE\r\nContent-Length: 0\r\n\r\n"), "x")
		switch {
		case tt.target == "" && err != ErrContact:
			t.Errorf("%s: got %v, want %v", tt.via, err, ErrContact)
		case tt.target != "" && (err != nil || string(d.Target().Raw()) != tt.target):
			t.Errorf("%s: got %v, want target %s", tt.via, err, tt.target)
		}
	}
}

func TestNewServerWantsOneContact(t *testing.T) {
	for _, tt := range []struct {
		name     string
		contacts []string
	}{
		{"none", nil},
		{"two fields", []string{"Contact: <sip:a@u1.example.com>", "Contact: <sip:b@u1.example.com>"}},
		{"two values", []string{"Contact: <sip:a@u1.example.com>, <sip:b@u1.example.com>"}},
		{"wildcard", []string{"Contact: *"}},
		{"not SIP", []string{"Contact: <mailto:alice@u1.example.com>"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := NewServer(request(t, "INVITE", 1, tt.contacts...), "x")
			if err != ErrContact {
				t.Errorf("got %v, want %v", err, ErrContact)
			}
			if s := ErrContact.Status(); s != 400 {
				t.Errorf("answered with %d, want 400", s)
			}
		})
	}
}

func TestNewClientFallsBackWithoutContact(t *testing.T) {
	d, err := NewClient(invite(t), response(t, 200, "x"))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(d.Target().Raw()), "sip:bob@biloxi.example"; got != want {
		t.Errorf("target of a 200 without Contact: got %s, want the Request-URI %s", got, want)
	}
	early := client(t, 180, "Contact: <sip:bob@u2.domain.com>")
	if err := early.Confirm(response(t, 200, "8321234356")); err != nil {
		t.Fatal(err)
	}
	if got, want := string(early.Target().Raw()), "sip:bob@u2.domain.com"; got != want {
		t.Errorf("target after 180 with and 200 without Contact: got %s, want %s", got, want)
	}
}

func TestDialogIsSecureForSIPSOverTLS(t *testing.T) {
	for _, tt := range []struct {
		uri, transport string
		want           bool
	}{
		{"sips:bob@biloxi.example", "TLS", true},
		{"sips:bob@biloxi.example", "WSS", true},
		{"sips:bob@biloxi.example", "tls", true},
		{"sips:bob@biloxi.example", "TCP", false},
		{"sip:bob@biloxi.example", "TLS", false},
	} {
		inv := message(t,
			"INVITE "+tt.uri+" SIP/2.0",
			"Via: SIP/2.0/"+tt.transport+" u1.example.com;branch=z9hG4bK74bf9",
			"Max-Forwards: 70",
			"From: <sips:alice@atlanta.example>;tag=1",
			"To: <sips:bob@biloxi.example>",
			"Call-ID: 1", "CSeq: 1 INVITE", "Contact: <sips:alice@u1.example.com>")
		s, err := NewServer(inv, "2")
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewClient(inv, response(t, 200, "2", "Contact: <sips:bob@u2.domain.com>"))
		if err != nil {
			t.Fatal(err)
		}
		if s.Secure() != tt.want || c.Secure() != tt.want {
			t.Errorf("%s over %s: callee %v, caller %v, want %v", tt.uri, tt.transport, s.Secure(), c.Secure(), tt.want)
		}
	}
}

func TestConfirmRecomputesTheRouteSetAndNothingElse(t *testing.T) {
	d := client(t, 180, "Contact: <sip:bob@u2.domain.com>") // an RFC 2543 peer: no Record-Route in a 180
	d.NextSeq()                                             // an UPDATE
	if s := d.Receive(message(t,
		"UPDATE sip:alice@u1.example.com SIP/2.0",
		"Via: SIP/2.0/UDP u2.domain.com;branch=z9hG4bKnashds7",
		"Max-Forwards: 70",
		"From: Bob <sip:bob@biloxi.example>;tag=8321234356",
		"To: Alice <sip:alice@atlanta.example>;tag=9fxced76sl",
		"Call-ID: 3848276298220188511@atlanta.example", "CSeq: 41 UPDATE")); s != 0 {
		t.Fatal(s)
	}
	ok := response(t, 200, "8321234356", "Contact: <sip:bob@moved.domain.com>",
		"Record-Route: <sip:p2.domain.com;lr>, <sip:p1.example.com;lr>")
	if err := d.Confirm(ok); err != nil {
		t.Fatal(err)
	}
	if got, want := string(d.route.values), "<sip:p1.example.com;lr>, <sip:p2.domain.com;lr>"; got != want {
		t.Errorf("route set: got %s, want %s", got, want)
	}
	if got, want := string(d.Target().Raw()), "sip:bob@moved.domain.com"; got != want {
		t.Errorf("target: got %s, want %s", got, want)
	}
	if d.LocalSeq() != 2 || d.remoteSeq != 41 {
		t.Errorf("sequence numbers: local %d, remote %d, want 2 and 41", d.LocalSeq(), d.remoteSeq)
	}
	if got := fields(bye(t, d), "From")[0]; got != "<sip:alice@atlanta.example>;tag=9fxced76sl" {
		t.Errorf("From: got %s", got)
	}
}

func TestConfirmFreezesTheRouteSet(t *testing.T) {
	d := client(t, 200, "Contact: <sip:bob@u2.domain.com>", "Record-Route: <sip:p1.example.com;lr>")
	again := response(t, 200, "8321234356", "Contact: <sip:other@u3.domain.com>", "Record-Route: <sip:p9.example.com;lr>")
	before := bye(t, d)
	if err := d.Confirm(again); err != nil {
		t.Fatal(err)
	}
	if err := d.Refresh(again); err != nil {
		t.Fatal(err)
	}
	if got := fields(bye(t, d), "Route"); len(got) != 1 || got[0] != "<sip:p1.example.com;lr>" {
		t.Errorf("Route: got %v\nbefore\n%s", got, before)
	}
}

func TestConfirmThatFailsChangesNothing(t *testing.T) {
	d := client(t, 180, "Contact: <sip:bob@u2.domain.com>", "Record-Route: <sip:p1.example.com;lr>")
	before := bye(t, d)
	huge := response(t, 200, "8321234356", append(longRoutes(6), "Contact: <sip:bob@u3.domain.com>")...)
	if err := d.Confirm(huge); err != ErrTooLarge {
		t.Errorf("got %v, want %v", err, ErrTooLarge)
	}
	if d.Confirmed() || bye(t, d) != before {
		t.Errorf("confirmed %v, BYE\n%s\nwant\n%s", d.Confirmed(), bye(t, d), before)
	}
}

func TestNewServerPassesOnWhatIsMalformed(t *testing.T) {
	_, err := NewServer(invite(t, "Record-Route: <sip:p1.example.com;lr>, <<"), "x")
	var malformed parser.Error
	if !errors.As(err, &malformed) || malformed.Status() != 400 {
		t.Errorf("got %v, want a parser.Error with status 400", err)
	}
}

func parsed(t *testing.T, text string) *parser.Message {
	t.Helper()
	m := new(parser.Message)
	if err := m.Parse([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return m
}
