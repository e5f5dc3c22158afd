package ua_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// answeredCall places a call that the phone answers, and returns it with the phone's 200.
func (p *phone) answeredCall(opts *ua.CallOptions, more ...string) (*ua.Call, *parser.Message) {
	p.t.Helper()
	out := p.called(context.Background(), sdpBody("offer"), opts)
	invite := p.hear("INVITE")
	p.reply(invite, "200 OK", "one", append([]string{contactOfPhone, "\nanswer"}, more...)...)
	p.hear("ACK")
	o := <-out
	if o.err != nil {
		p.t.Fatal(o.err)
	}
	return o.call, invite
}

// asked is what became of a request inside a call.
type asked struct {
	m   *parser.Message
	err error
}

func ask(c *ua.Call, m parser.Method) chan asked {
	got := make(chan asked, 1)
	go func() {
		m, err := c.Ask(context.Background(), m, ua.Body{Type: "text/plain", Data: []byte("hi")})
		got <- asked{m, err}
	}()
	return got
}

// Requests that we send inside a dialog have numbers of their own, one after the other, and go where the peer is.
func TestRequestsOfOursInsideACall(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, invite := p.answeredCall(nil)
		first := invite.Raw(parser.HeaderCSeq)
		got := ask(c, parser.MethodInfo)
		m := p.hear("INFO")
		if string(first) != "1 INVITE" || string(m.Raw(parser.HeaderCSeq)) != "2 INFO" {
			t.Errorf("CSeq %q after %q", m.Raw(parser.HeaderCSeq), first)
		}
		if string(m.Body()) != "hi" || string(m.Raw(parser.HeaderContentType)) != "text/plain" || toTagOf(t, m) != "one" {
			t.Errorf("got %q", m.Bytes())
		}
		if uri, _ := m.RequestURI(); string(uri.Raw()) != "sip:bob@10.0.0.2:5060" {
			t.Errorf("Request-URI %q, want the phone's Contact", uri.Raw())
		}
		p.reply(m, "200 OK", "", "X-Said: yes")
		if r := <-got; r.err != nil || r.m.Status() != 200 {
			t.Errorf("got %v, want 200", r.err)
		}
		got = ask(c, parser.MethodInfo)
		m = p.hear("INFO")
		p.reply(m, "469 Bad Info Package", "")
		var refused *ua.ResponseError
		if r := <-got; !errors.As(r.err, &refused) || refused.Status != 469 {
			t.Errorf("got %v, want 469", r.err)
		}
		go c.Hangup(context.Background())
		bye := p.hear("BYE")
		if got := string(bye.Raw(parser.HeaderCSeq)); got != "4 BYE" {
			t.Errorf("CSeq %q, want 4 BYE", got)
		}
		p.reply(bye, "200 OK", "")
		<-c.Done()
		if r := <-ask(c, parser.MethodInfo); !errors.Is(r.err, ua.ErrState) {
			t.Errorf("after the end: %v, want ErrState", r.err)
		}
	})
}

// A peer that knows nothing of the dialog, or says nothing, ends the call (RFC 3261, Section 12.2.1.2), and the application hears why.
func TestRequestInsideACallThatIsGone(t *testing.T) {
	t.Run("481", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			c, _ := p.answeredCall(nil)
			got := ask(c, parser.MethodInfo)
			p.reply(p.hear("INFO"), "481 Gone", "")
			p.reply(p.hear("BYE"), "481 Gone", "")
			var refused *ua.ResponseError
			if r := <-got; !errors.As(r.err, &refused) || refused.Status != 481 {
				t.Errorf("got %v, want 481", r.err)
			}
			<-c.Done()
			if !errors.As(c.Err(), &refused) || refused.Status != 481 {
				t.Errorf("the call ended with %v, want 481", c.Err())
			}
		})
	})
	t.Run("silence", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			c, _ := p.answeredCall(nil)
			begun := time.Now()
			got := ask(c, parser.MethodInfo)
			if r := <-got; !errors.Is(r.err, transaction.ErrTimeout) {
				t.Errorf("got %v, want ErrTimeout", r.err)
			}
			<-c.Done()
			if !errors.Is(c.Err(), transaction.ErrTimeout) || time.Since(begun) != 32*time.Second {
				t.Errorf("the call ended with %v after %v, want ErrTimeout after 32s", c.Err(), time.Since(begun))
			}
		})
	})
}

// An OPTIONS that nobody answers ends no call (RFC 5057, Section 5.3: it belongs to no usage).
func TestUnansweredOptionsInsideACallEndsNothing(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		if r := <-ask(c, parser.MethodOptions); !errors.Is(r.err, transaction.ErrTimeout) {
			t.Errorf("got %v, want ErrTimeout", r.err)
		}
		time.Sleep(time.Second)
		select {
		case <-c.Done():
			t.Errorf("the call ended: %v", c.Err())
		default:
		}
		go c.Hangup(context.Background())
		p.hear("OPTIONS")
		for {
			m := p.within(time.Minute)
			if m == nil {
				t.Fatal("no BYE")
			}
			if m.Method() == parser.MethodBye {
				p.reply(m, "200 OK", "")
				return
			}
		}
	})
}

// A phone that called and hung up tells nothing more; one that is asked while its call ends gets no request after the BYE.
func TestCalleeAsksInsideACall(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		if _, err := c.Ask(context.Background(), parser.MethodInfo, ua.Body{}); !errors.Is(err, ua.ErrState) {
			t.Errorf("before the answer: %v, want ErrState", err)
		}
		c.Answer(ua.Body{})
		calls <- c
		<-c.Done()
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		p.send(ackOf(ok))
		c := <-calls
		got := ask(c, parser.MethodInfo)
		m := p.hear("INFO")
		if s := string(m.Raw(parser.HeaderCSeq)); s != "1 INFO" { // a number of our own (RFC 3261, Section 12.1.1)
			t.Errorf("CSeq %q, want 1 INFO", s)
		}
		p.send(byeOf(ok))
		p.hear("200")
		if r := <-got; !errors.Is(r.err, ua.ErrState) {
			t.Errorf("got %v, want ErrState: the call ended first", r.err)
		}
		p.reply(m, "481 Gone", "")
		time.Sleep(time.Second)
		if c.Err() != nil {
			t.Errorf("the call ended with %v, want nil: by the peer's BYE", c.Err())
		}
	})
}

// A phone that answered second, and was sent BYE, may end its dialog long after the INVITE was settled.
func TestByeOfAForkThatIsLongOver(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, invite := p.answeredCall(nil)
		p.reply(invite, "200 OK", "two", contactOfPhone, "\nanswer")
		p.hear("ACK")
		p.reply(p.hear("BYE"), "200 OK", "")
		time.Sleep(65 * 500 * time.Millisecond) // longer than 64*T1 after the first 2xx
		p.send(inDialogOf(invite, "two", "BYE", "1"))
		p.hear("200")
		p.send(inDialogOf(invite, "two", "BYE", "2"))
		p.hear("481")
		p.endCall(c)
	})
}
