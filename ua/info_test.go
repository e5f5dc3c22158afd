package ua_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// informing is an agent that takes INFO of two packages, and tells in the reason of its answer what came.
func informing() *ua.Config {
	return &ua.Config{
		OnCall:   func(c *ua.Call) { c.Answer(ua.Body{}) },
		RecvInfo: []string{"foo", "bar"},
		OnInfo: func(r *ua.Request) {
			if r.Call() == nil {
				panic("an INFO without its call")
			}
			r.Respond(200, &ua.ResponseOptions{Reason: r.InfoPackage() + "/" + string(r.Message().Body())})
		},
	}
}

// INFO comes to the application with its package; one that was not asked for is answered 469 with those that are, and one without any is what DTMF
// relays send (RFC 6086, Section 4.2.2).
func TestInfoOfThePeer(t *testing.T) {
	withPhone(t, informing(), func(p *phone) {
		p.send(request("INVITE", toAgent, "Recv-Info: baz"))
		ok := p.hear("200")
		if got := string(ok.Raw(parser.HeaderRecvInfo)); got != "foo, bar" || !ok.Allows(parser.MethodInfo) {
			t.Errorf("Recv-Info %q, Allow %q", got, ok.Raw(parser.HeaderAllow))
		}
		p.send(ackOf(ok))
		seq := 1
		info := func(want string, more ...string) *parser.Message {
			t.Helper()
			seq++
			p.send(request("INFO", toAgent, append([]string{"From: " + string(ok.Raw(parser.HeaderFrom)), "To: " + string(ok.Raw(parser.HeaderTo)),
				"Call-ID: " + string(ok.CallID()), fmt.Sprintf("CSeq: %d INFO", seq)}, more...)...))
			return p.hear(want)
		}
		if m := info("200", "Info-Package: FOO;x=1", "Content-Type: text/plain", "\nhello"); string(m.Reason()) != "FOO/hello" {
			t.Errorf("the handler had %q", m.Reason())
		}
		if m := info("200", "Content-Type: application/dtmf-relay", "\nSignal=5"); string(m.Reason()) != "/Signal=5" {
			t.Errorf("the handler had %q", m.Reason())
		}
		if m := info("469", "Info-Package: baz"); string(m.Raw(parser.HeaderRecvInfo)) != "foo, bar" {
			t.Errorf("469 with Recv-Info %q", m.Raw(parser.HeaderRecvInfo))
		}
		info("400", "Info-Package: ;")
		info("415", "Info-Package: foo", "Content-Encoding: gzip", "Content-Type: text/plain", "\nx")
		p.send(request("INFO", toAgent, "Info-Package: foo"))
		p.hear("481") // outside a dialog
		p.send(request("BYE", toAgent, "From: "+string(ok.Raw(parser.HeaderFrom)), "To: "+string(ok.Raw(parser.HeaderTo)),
			"Call-ID: "+string(ok.CallID()), "CSeq: 99 BYE"))
		p.hear("200")
	})
}

// Who said nothing of packages hears nothing of them in the answer (RFC 6086, Section 5.2.3); who has no handler allows no INFO.
func TestRecvInfoIsAnsweredNotOffered(t *testing.T) {
	withPhone(t, informing(), func(p *phone) {
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		if ok.Has(parser.HeaderRecvInfo) {
			t.Errorf("Recv-Info %q", ok.Raw(parser.HeaderRecvInfo))
		}
		p.send(ackOf(ok))
		p.send(byeOf(ok))
		p.hear("200")
	})
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Recv-Info: x"))
		ok := p.hear("200")
		if !ok.Has(parser.HeaderRecvInfo) || len(ok.Raw(parser.HeaderRecvInfo)) != 0 || ok.Allows(parser.MethodInfo) {
			t.Errorf("Recv-Info %q, Allow %q; want an empty one and no INFO", ok.Raw(parser.HeaderRecvInfo), ok.Raw(parser.HeaderAllow))
		}
		p.send(ackOf(ok))
		p.send(request("INFO", toAgent, "From: "+string(ok.Raw(parser.HeaderFrom)), "To: "+string(ok.Raw(parser.HeaderTo)),
			"Call-ID: "+string(ok.CallID()), "CSeq: 2 INFO"))
		p.hear("405")
		p.send(strings.Replace(byeOf(ok), "CSeq: 2", "CSeq: 3", 1))
		p.hear("200")
	})
}

// INFO of a package goes to who asked for it only (RFC 6086, Section 4.2.1).
func TestInfoOfOurs(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, invite := p.answeredCall(nil, "Recv-Info: other", "Recv-Info: Foo;p=1")
		if !invite.Has(parser.HeaderRecvInfo) {
			t.Error("the INVITE has no Recv-Info")
		}
		if _, err := c.Info(context.Background(), "bar", sdpBody("x")); !errors.Is(err, ua.ErrInfoPackage) {
			t.Errorf("a package that the peer does not take: %v, want ErrInfoPackage", err)
		}
		for _, tt := range []struct{ pkg, disposition string }{{"foo;x=1", "Info-Package"}, {"", ""}} {
			got := make(chan error, 1)
			go func() {
				_, err := c.Info(context.Background(), tt.pkg, ua.Body{Type: "text/plain", Data: []byte("hello")}, ua.Field{Name: "X-Own", Value: "1"})
				got <- err
			}()
			m := p.hear("INFO")
			if string(m.Raw(parser.HeaderInfoPackage)) != tt.pkg || m.Has(parser.HeaderRecvInfo) || string(m.Body()) != "hello" ||
				string(m.Raw(parser.HeaderContentDisposition)) != tt.disposition || !strings.Contains(string(m.Bytes()), "X-Own: 1") {
				t.Errorf("got %q", m.Bytes())
			}
			p.reply(m, "200 OK", "")
			if err := <-got; err != nil {
				t.Error(err)
			}
		}
		p.bye(c)
	})
}

// What a peer names is bounded.
func TestInfoPackagesOfAPeerAreBounded(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		long := strings.Repeat("x", 100)
		c, _ := p.answeredCall(nil, "Recv-Info: "+long+strings.Repeat(", a", 40)+", last")
		for _, pkg := range []string{long, "last"} {
			if _, err := c.Info(context.Background(), pkg, ua.Body{}); !errors.Is(err, ua.ErrInfoPackage) {
				t.Errorf("%s: %v, want ErrInfoPackage", pkg, err)
			}
		}
		p.bye(c)
	})
}

func TestRecvInfoIsChecked(t *testing.T) {
	for _, pkg := range []string{"", "a b", "a,b", "a;b", "a\r\nX: y"} {
		if a, err := ua.New(&ua.Config{RecvInfo: []string{pkg}}); err == nil {
			a.Shutdown(context.Background())
			t.Errorf("%q was taken", pkg)
		}
	}
}
