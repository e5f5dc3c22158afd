package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

var elsewhere = ua.Reason{Protocol: "SIP", Cause: 200, Text: `Call "completed" elsewhere`}

const elsewhereField = `Reason: SIP;cause=200;text="Call \"completed\" elsewhere"`

// Why the peer hung up is known, with the whole message (RFC 3326, Section 2).
func TestReasonOfTheOtherSide(t *testing.T) {
	t.Run("BYE", func(t *testing.T) {
		calls := make(chan *ua.Call, 1)
		withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}); calls <- c }}, func(p *phone) {
			p.send(request("INVITE", toAgent))
			ok := p.hear("200")
			p.send(ackOf(ok))
			c := <-calls
			if c.Ended() != nil || c.Reason() != (ua.Reason{}) {
				t.Errorf("before the end: %v, %v", c.Ended(), c.Reason())
			}
			p.send(strings.Replace(byeOf(ok), "CSeq:", "Reason: Q.850;cause=16;text=broken\nReason: "+elsewhereField[len("Reason: "):]+"\nX-Why: tired\nCSeq:", 1))
			p.hear("200")
			<-c.Done()
			if c.Err() != nil || c.Reason() != elsewhere || string(fieldOf(c.Ended(), "X-Why")) != "tired" {
				t.Errorf("ended with %v, %v, %q", c.Err(), c.Reason(), c.Ended().Bytes())
			}
		})
	})
	t.Run("CANCEL", func(t *testing.T) {
		calls := make(chan *ua.Call, 1)
		withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Ring(); calls <- c; <-c.Done() }}, func(p *phone) {
			invite := request("INVITE", toAgent)
			p.send(invite)
			p.hear("180")
			p.send(strings.Replace(strings.ReplaceAll(invite, "INVITE", "CANCEL"), "CSeq:", elsewhereField+"\nCSeq:", 1))
			for range 2 { // 200 to the CANCEL, 487 to the INVITE
				if m := p.within(time.Second); m == nil {
					t.Fatal("no answers to INVITE and CANCEL")
				} else if m.Status() == parser.StatusRequestTerminated {
					p.send(ackOf(m))
				}
			}
			c := <-calls
			<-c.Done()
			var why ua.Reason
			if !errors.Is(c.Err(), ua.ErrCanceled) || !errors.As(c.Err(), &why) || why != elsewhere || c.Reason() != elsewhere {
				t.Errorf("ended with %v, %+v; want ErrCanceled and %+v", c.Err(), c.Reason(), elsewhere)
			}
			if c.Ended().Method() != parser.MethodCancel {
				t.Errorf("ended by %q", c.Ended().StartLine())
			}
		})
	})
	t.Run("refusal", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			out := p.called(context.Background(), sdpBody("offer"), nil)
			p.reply(p.hear("INVITE"), "486 Busy", "x", elsewhereField)
			p.hear("ACK")
			var refused *ua.ResponseError
			if o := <-out; !errors.As(o.err, &refused) || !strings.Contains(string(refused.Message.Raw(parser.HeaderReason)), "cause=200") {
				t.Errorf("got %v", o.err)
			}
		})
	})
}

// fieldOf returns the value of a header field by name.
func fieldOf(m *parser.Message, name string) []byte {
	for v := range m.Lookup(name) {
		return v
	}
	return nil
}

// Our BYE, CANCEL and refusal say why, and whatever else the application adds.
func TestReasonOfOurs(t *testing.T) {
	why := []ua.Field{elsewhere.Field(), {Name: "X-Why", Value: "tired"}}
	says := func(t *testing.T, m *parser.Message) {
		t.Helper()
		if string(m.Raw(parser.HeaderReason)) != elsewhereField[len("Reason: "):] || string(fieldOf(m, "X-Why")) != "tired" {
			t.Errorf("got %q", m.Bytes())
		}
	}
	t.Run("BYE", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			c, _ := p.answeredCall(nil)
			for _, bad := range []ua.Field{{Name: "Via", Value: "x"}, {Name: "To", Value: "<sip:a@b>"}, {Name: "X", Value: "a\r\nY: b"}, {Name: "", Value: "x"}} {
				if err := c.Hangup(context.Background(), bad); err == nil {
					t.Errorf("%+v was taken", bad)
				}
			}
			go c.Hangup(context.Background(), why...)
			bye := p.hear("BYE")
			says(t, bye)
			p.reply(bye, "200 OK", "")
			<-c.Done()
			if c.Ended() != nil {
				t.Errorf("ended by the peer: %q", c.Ended().Bytes())
			}
		})
	})
	t.Run("CANCEL", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			ctx, stop := context.WithCancelCause(context.Background())
			out := p.called(ctx, sdpBody("offer"), nil)
			invite := p.hear("INVITE")
			p.reply(invite, "180 Ringing", "x", contactOfPhone)
			time.Sleep(time.Second)
			stop(elsewhere)
			cancel := p.hear("CANCEL")
			if string(cancel.Raw(parser.HeaderReason)) != elsewhereField[len("Reason: "):] {
				t.Errorf("got %q", cancel.Bytes())
			}
			p.reply(cancel, "200 OK", "x")
			p.reply(invite, "487 Terminated", "x")
			p.hear("ACK")
			if o := <-out; !errors.Is(o.err, context.Canceled) {
				t.Errorf("got %v, want Canceled", o.err)
			}
		})
	})
	t.Run("refusal", func(t *testing.T) {
		withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Hangup(context.Background(), why...) }}, func(p *phone) {
			p.send(request("INVITE", toAgent))
			m := p.hear("480")
			says(t, m)
			p.send(ackOf(m))
		})
	})
}

// The 2xx is the application's to read; the INVITE is, after the ACK, when it asked for that.
func TestMessagesOfACallCanBeRead(t *testing.T) {
	t.Run("2xx", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			var said string
			c, _ := p.answeredCall(&ua.CallOptions{OnAnswer: func(m *parser.Message) { said = string(fieldOf(m, "X-Said")) }}, "X-Said: hello")
			if said != "hello" {
				t.Errorf("got %q before Call returned, want hello", said)
			}
			go c.Hangup(context.Background())
			p.reply(p.hear("BYE"), "200 OK", "")
			<-c.Done()
		})
	})
	for _, keep := range []bool{false, true} {
		calls := make(chan *ua.Call, 1)
		withPhone(t, &ua.Config{KeepInvite: keep, OnCall: func(c *ua.Call) { c.Answer(ua.Body{}); calls <- c }}, func(p *phone) {
			p.send(request("INVITE", toAgent, "Content-Type: application/sdp", "\noffer"))
			ok := p.hear("200")
			p.send(ackOf(ok))
			time.Sleep(time.Second)
			c := <-calls
			if got := c.Invite() != nil && string(c.Offer().Data) == "offer"; got != keep {
				t.Errorf("after the ACK, KeepInvite %v: there is an INVITE and offer: %v", keep, got)
			}
			if err := c.Answer(ua.Body{}); !errors.Is(err, ua.ErrState) {
				t.Errorf("a second answer: %v", err)
			}
			p.send(byeOf(ok))
			p.hear("200")
		})
	}
}
