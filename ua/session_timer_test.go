package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

const timerOfPhone = "Supported: timer"

// expires checks Session-Expires and whether timer is required.
func expires(t *testing.T, m *parser.Message, want string, required bool) {
	t.Helper()
	if got := string(m.Raw(parser.HeaderSessionExpires)); got != want || m.HasTag(parser.HeaderRequire, "timer") != required {
		t.Errorf("Session-Expires %q, Require %q; want %q, %v:\n%s", got, m.Raw(parser.HeaderRequire), want, required, m.Bytes())
	}
}

// A caller asks for a session timer, and refreshes by UPDATE at half of the interval that the peer chose (RFC 4028, Sections 7 and 10).
func TestSessionIsRefreshedByUpdate(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, invite := p.answeredCall(nil, allowUpdate, "Require: timer", "Session-Expires: 600;refresher=uac")
		expires(t, invite, "1800", false)
		if !invite.HasTag(parser.HeaderSupported, "timer") {
			t.Errorf("Supported %q", invite.Raw(parser.HeaderSupported))
		}
		for i := range 3 {
			begun := time.Now()
			m := p.hear("UPDATE")
			expires(t, m, "600;refresher=uac", false)
			if d := time.Since(begun).Truncate(time.Second); d != 300*time.Second || len(m.Body()) != 0 {
				t.Errorf("%d: after %v, with %q", i, d, m.Body())
			}
			p.reply(m, "200 OK", "", contactOfPhone, "Require: timer", "Session-Expires: 600;refresher=uac")
		}
		if got := session(c); got != "offer/answer" {
			t.Errorf("session %q", got)
		}
		p.endCall(c)
	})
}

// A peer without UPDATE gets a re-INVITE with the description that it has, octet by octet (RFC 4028, Section 7.4), though it knows nothing of timers
// and refuses it: it is there. Once it is not, the call is over.
func TestSessionIsRefreshedByReinvite(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, first := p.answeredCall(nil)
		for i := range 4 {
			begun := time.Now()
			var m *parser.Message
			for m == nil {
				m = p.within(20 * time.Minute)
			}
			if d := time.Since(begun).Truncate(time.Second); m.Method() != parser.MethodInvite || d != 900*time.Second || string(m.Body()) != string(first.Body()) {
				t.Fatalf("%d: after %v got %s", i, d, m.Bytes())
			}
			expires(t, m, "1800", false)
			switch i {
			case 0, 2:
				p.reply(m, "200 OK", "", contactOfPhone, "\nanswer")
				p.hear("ACK")
			case 1:
				p.reply(m, "488 Not Acceptable Here", "")
				p.hear("ACK")
			}
		}
		begun := time.Now()
		<-c.Done()
		if d := time.Since(begun).Round(time.Second); d != 32*time.Second || !errors.Is(c.Err(), transaction.ErrTimeout) {
			t.Errorf("ended with %v after %v of silence, want ErrTimeout after 32s", c.Err(), d)
		}
	})
}

// A refresh that is refused is tried again, and the call ends before the session expires (RFC 4028, Section 10).
func TestRefreshThatIsRefused(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil, allowUpdate, "Require: timer", "Session-Expires: 200;refresher=uac")
		begun, n := time.Now(), 0
		for {
			m := p.within(10 * time.Minute)
			if m.Method() == parser.MethodBye {
				p.reply(m, "200 OK", "")
				break
			}
			n++
			p.reply(m, "500 Oops", "")
		}
		<-c.Done()
		if d := time.Since(begun).Truncate(time.Second); d != 168*time.Second || n < 3 || n > 12 || !errors.Is(c.Err(), ua.ErrExpired) {
			t.Errorf("%d refreshes, BYE after %v, ended with %v; want some, 168s, ErrExpired", n, d, c.Err())
		}
	})
}

// A 422 is answered by the same INVITE with a longer interval and the next number (RFC 4028, Sections 7.3 and 7.4), in a call as before it.
func TestIntervalTooSmall(t *testing.T) {
	withPhone(t, &ua.Config{SessionExpires: 100 * time.Second}, func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		m := p.hear("INVITE")
		expires(t, m, "100", false)
		callID := string(m.CallID())
		p.reply(m, "422 Session Interval Too Small", "x", "Min-SE: 200")
		p.hear("ACK")
		m = p.hear("INVITE")
		expires(t, m, "200", false)
		if string(m.Raw(parser.HeaderMinSE)) != "200" || string(m.CallID()) != callID || string(m.Raw(parser.HeaderCSeq)) != "2 INVITE" {
			t.Errorf("got %s", m.Bytes())
		}
		p.reply(m, "422 Session Interval Too Small", "x", "Min-SE: 300")
		p.hear("ACK")
		m = p.hear("INVITE")
		expires(t, m, "300", false)
		p.reply(m, "200 OK", "one", contactOfPhone, allowUpdate, "\nanswer", "Require: timer", "Session-Expires: 300;refresher=uac")
		p.hear("ACK")
		c := (<-out).call
		m = p.hear("UPDATE")
		p.reply(m, "422 Session Interval Too Small", "", "Min-SE: 400")
		m = p.hear("UPDATE")
		expires(t, m, "400;refresher=uac", false)
		p.reply(m, "200 OK", "", contactOfPhone, "Require: timer", "Session-Expires: 400;refresher=uac")
		got := reinvite(context.Background(), c, sdpBody("hold"))
		p.reply(p.hear("INVITE"), "422 Session Interval Too Small", "", "Min-SE: 500")
		p.hear("ACK")
		m = p.hear("INVITE")
		expires(t, m, "500;refresher=uac", false)
		p.reply(m, "422 Session Interval Too Small", "", "Min-SE: 500")
		p.hear("ACK")
		(<-got).refused(t, 422) // it said nothing new
		p.endCall(c)
	})
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		for i := range 4 {
			p.reply(p.hear("INVITE"), "422 Session Interval Too Small", "x", "Min-SE: 9999"+strings.Repeat("9", i))
			p.hear("ACK")
		}
		var refused *ua.ResponseError
		if o := <-out; !errors.As(o.err, &refused) || refused.Status != 422 {
			t.Errorf("got %v, want 422 in the end", o.err)
		}
	})
}

// A callee accepts the caller's interval, refuses one that is too short with 422, and ends the call when no refresh comes (RFC 4028, Sections 9 and 10).
func TestSessionOfACallerThatIsGone(t *testing.T) {
	calls := make(map[int]*ua.Call)
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { calls[len(calls)] = c; c.Answer(sdpBody("answer")); <-c.Done() }}, func(p *phone) {
		p.send(request("INVITE", toAgent, timerOfPhone, "Session-Expires: 60"))
		m := p.hear("422")
		if string(m.Raw(parser.HeaderMinSE)) != "90" {
			t.Errorf("got %s", m.Bytes())
		}
		p.send(ackOf(m, "Via: "+string(m.Raw(parser.HeaderVia))))
		p.send(request("INVITE", toAgent, timerOfPhone, "Session-Expires: 120", "Content-Type: application/sdp", "\noffer"))
		ok := p.hear("200")
		expires(t, ok, "120;refresher=uac", true)
		begun := time.Now()
		p.send(ackOf(ok))
		c := &caller{phone: p, ok: ok, seq: 1}
		time.Sleep(60 * time.Second)
		p.send(c.inside("UPDATE", timerOfPhone, "Session-Expires: 120;refresher=uac"))
		expires(t, p.hear("200"), "120;refresher=uac", true)
		time.Sleep(60 * time.Second)
		p.send(c.inside("UPDATE", timerOfPhone, "Session-Expires: 30;refresher=uac"))
		if m := p.hear("422"); string(m.Raw(parser.HeaderMinSE)) != "90" {
			t.Errorf("got %s", m.Bytes())
		}
		p.send(c.inside("INVITE", timerOfPhone, "Session-Expires: 120;refresher=uac", "\noffer"))
		expires(t, p.hear("200"), "120;refresher=uac", true)
		p.send(c.again("ACK"))
		bye := p.hear("BYE")
		if d := time.Since(begun).Truncate(time.Second); d != (120+88)*time.Second {
			t.Errorf("BYE after %v, want 32 s before the session expires", d)
		}
		p.reply(bye, "200 OK", "")
		<-calls[0].Done()
		if !errors.Is(calls[0].Err(), ua.ErrExpired) {
			t.Errorf("ended with %v", calls[0].Err())
		}
	})
}

// TestSessionTimerIsOff: neither asked for nor accepted, and required by nobody.
func TestSessionTimerIsOff(t *testing.T) {
	withPhone(t, &ua.Config{SessionExpires: -1, OnCall: func(c *ua.Call) { c.Answer(sdpBody("answer")); <-c.Done() }}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Require: timer"))
		m := p.hear("420")
		p.send(ackOf(m, "Via: "+string(m.Raw(parser.HeaderVia))))
		p.send(request("INVITE", toAgent, timerOfPhone, "Session-Expires: 90;refresher=uas"))
		ok := p.hear("200")
		expires(t, ok, "", false)
		p.send(ackOf(ok))
		if m := p.within(3 * time.Hour); m != nil {
			t.Errorf("got %q", m.StartLine())
		}
		p.send(byeOf(ok))
		p.hear("200")
	})
}

// Two agents of ours keep a call alive for hours, and when one of them dies without a word, the other knows it within the bound that the table states:
// half of the interval and a timeout where it refreshes, the interval less 32 s where it watches.
func TestBothEndsOfACallAgreeThatItIsAlive(t *testing.T) {
	for _, dies := range []string{"caller", "callee"} {
		t.Run(dies, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
				defer n.Close()
				came := make(chan *ua.Call, 1)
				callee := agentAt(t, n.Host(agentAddr.Addr()), agentAddr, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(sdpBody("answer")); came <- c; <-c.Done() }})
				caller := agentAt(t, n.Host(phoneAddr.Addr()), phoneAddr, nothing())
				placed, err := caller.Call(context.Background(), "sip:me@"+agentAddr.String(), sdpBody("offer"), nil)
				if err != nil {
					t.Fatal(err)
				}
				taken := <-came
				time.Sleep(5*time.Hour + time.Minute)
				for _, c := range []*ua.Call{placed, taken} {
					select {
					case <-c.Done():
						t.Fatalf("ended: %v", c.Err())
					default:
					}
				}
				begun := time.Now()
				left, rest, a := taken, callee, caller
				if dies == "callee" {
					left, rest, a = placed, caller, callee
				}
				die(a)
				<-left.Done()
				if d := time.Since(begun); d > 1800*time.Second || left.Err() == nil {
					t.Errorf("over after %v with %v", d, left.Err())
				}
				time.Sleep(2 * time.Minute)
				if s := rest.Stats(); s.Calls+s.Dialogs+s.Transactions != 0 {
					t.Errorf("left: %+v", s)
				}
				rest.Shutdown(context.Background())
			})
		})
	}
}

// Who wants a longer interval each time is asked a few times, and then refused by us.
func TestIntervalThatIsNeverEnough(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := reinvite(context.Background(), c, sdpBody("hold"))
		for i := range 4 {
			p.reply(p.hear("INVITE"), "422 Session Interval Too Small", "", "Min-SE: 9999"+strings.Repeat("9", i))
			p.hear("ACK")
		}
		(<-got).refused(t, 422)
		p.endCall(c)
	})
}
