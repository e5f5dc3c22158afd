package ua_test

import (
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// TestAnswersWithoutTheApplication sends a request for each check of RFC 3261, Section 8.2.
func TestAnswersWithoutTheApplication(t *testing.T) {
	a := newAgent(t, &ua.Config{
		Listen: []string{"udp:127.0.0.1:0"},
		Serves: func(uri parser.URI) bool { return string(uri.User()) != "nobody" },
		OnCall: func(c *ua.Call) {},
	})
	p := newProbe(t, a)
	const uri = "sip:bob@example.com"
	for _, test := range []struct {
		name   string
		msg    string
		status parser.Status
		header parser.Header
		value  string
	}{
		{"options", request("OPTIONS", uri), 200, parser.HeaderAllow, "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK"},
		{"options says what it takes", request("OPTIONS", uri), 200, parser.HeaderAccept, "application/sdp"},
		{"method nobody knows", request("FROB", uri), 501, parser.HeaderAllow, "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK"},
		{"methods have case", request("Options", uri), 501, parser.HeaderAllow, "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK"},
		{"method not for us", request("REGISTER", uri), 405, parser.HeaderAllow, "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK"},
		{"message without a handler", request("MESSAGE", uri), 405, parser.HeaderAllow, "INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK"},
		{"tel URI", request("INVITE", "tel:+4930123"), 416, 0, ""},
		{"unknown scheme", request("OPTIONS", "nobodyKnowsThisScheme:totallyopaquecontent"), 416, 0, ""},
		{"unknown user", request("INVITE", "sip:nobody@example.com"), 404, 0, ""},
		{"unknown extension", request("OPTIONS", uri, "Require: frob, 100REL, grop"), 420, parser.HeaderUnsupported, "frob, grop"},
		{"unknown body", request("INVITE", uri, "Content-Type: application/unknown", "\nhello"), 415, parser.HeaderAccept, "application/sdp"},
		{"body without a type", request("INVITE", uri, "\nhello"), 415, parser.HeaderAccept, "application/sdp"},
		{"unknown coding", request("INVITE", uri, "Content-Type: application/sdp", "Content-Encoding: gzip", "\nhello"), 415, parser.HeaderAcceptEncoding, "identity"},
		{"takes no answer of ours", request("INVITE", uri, "Accept: text/plain, text/html;q=0.1"), 406, parser.HeaderWarning, `399 ringback "Accept names no body type of ours"`},
		{"bye without a dialog", request("BYE", uri), 481, 0, ""},
		{"bye of a dialog that is gone", request("BYE", uri, "To: <sip:bob@example.com>;tag=gone"), 481, 0, ""},
		{"invite of a dialog that is gone", request("INVITE", uri, "To: <sip:bob@example.com>;tag=gone"), 481, 0, ""},
		{"unknown method of a dialog that is gone", request("FROB", uri, "To: <sip:bob@example.com>;tag=gone"), 501, 0, ""},
		{"cancel of nothing", request("CANCEL", uri), 481, 0, ""},
		{"invite without Contact", request("INVITE", uri, "Contact:"), 400, 0, ""},
		{"CSeq of another method", request("OPTIONS", uri, "CSeq: 1 INVITE"), 400, 0, ""},
		{"no Call-ID", request("OPTIONS", uri, "Call-ID:"), 400, 0, ""},
		{"handler that does nothing", request("INVITE", uri), 480, 0, ""},
		{"no more hops, but it is for us", request("OPTIONS", uri, "Max-Forwards: 0"), 200, 0, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			p.t = t
			p.send(test.msg)
			m := p.want(test.status)
			if test.header != 0 && string(m.Raw(test.header)) != test.value {
				t.Errorf("%v: %q, want %q", test.header, m.Raw(test.header), test.value)
			}
			if to, err := m.To(); err == nil && len(to.Tag()) == 0 && test.status != 400 {
				t.Errorf("answer without To tag:\n%s", m.Bytes())
			}
			if strings.HasPrefix(test.msg, "INVITE") {
				p.send(ackTo(m))
			}
		})
	}
}

// ackTo writes the ACK to a refusal: same branch, its To.
func ackTo(m *parser.Message) string {
	via := string(m.Raw(parser.HeaderVia))
	return "ACK sip:bob@example.com SIP/2.0\nVia: " + via + "\nFrom: " + string(m.Raw(parser.HeaderFrom)) +
		"\nTo: " + string(m.Raw(parser.HeaderTo)) + "\nCall-ID: " + string(m.CallID()) + "\nCSeq: 1 ACK\nContent-Length: 0\n\n"
}

func TestMergedRequestIsRefused(t *testing.T) {
	hold := make(chan struct{})
	a := newAgent(t, &ua.Config{Listen: []string{"udp:127.0.0.1:0"}, OnMessage: func(r *ua.Request) { <-hold }})
	p := newProbe(t, a)
	same := []string{"From: <sip:a@example.com>;tag=m1", "Call-ID: merged", "CSeq: 7 MESSAGE"}
	p.send(request("MESSAGE", "sip:bob@example.com", append(same, "Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bKone")...))
	p.send(request("MESSAGE", "sip:bob@example.com", append(same, "Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bKtwo")...))
	m := p.want(482)
	if via, err := m.Via(); err != nil || string(via.Branch()) != "z9hG4bKtwo" {
		t.Errorf("482 for branch %q, want the second", via.Branch())
	}
	close(hold)
	p.want(200)
}

func TestHandlerThatPanicsIsAnsweredFor(t *testing.T) {
	a := newAgent(t, &ua.Config{
		Listen:    []string{"udp:127.0.0.1:0"},
		OnCall:    func(*ua.Call) { panic("call") },
		OnMessage: func(*ua.Request) { panic("message") },
	})
	p := newProbe(t, a)
	p.send(request("MESSAGE", "sip:bob@example.com"))
	p.want(500)
	p.send(request("INVITE", "sip:bob@example.com"))
	p.send(ackTo(p.want(500)))
	p.send(request("OPTIONS", "sip:bob@example.com"))
	p.want(200)
	if n := a.Stats().Panics; n != 2 {
		t.Errorf("%d panics counted, want 2", n)
	}
}

func TestMessageIsDeliveredAndAnswered(t *testing.T) {
	got := make(chan string, 1)
	a := newAgent(t, &ua.Config{Listen: []string{"udp:127.0.0.1:0"}, OnMessage: func(r *ua.Request) {
		got <- string(r.Message().Body())
		r.Respond(202, &ua.ResponseOptions{Reason: "Later", Header: []ua.Field{{Name: "X-Note", Value: "queued"}}})
	}})
	p := newProbe(t, a)
	p.send(request("MESSAGE", "sip:bob@example.com", "Content-Type: text/plain", "\nhello"))
	m := p.want(202)
	if string(m.Reason()) != "Later" {
		t.Errorf("reason %q, want Later", m.Reason())
	}
	if s := <-got; s != "hello" {
		t.Errorf("body %q, want hello", s)
	}
}
