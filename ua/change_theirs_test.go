package ua_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// caller is the phone in a call that it placed and the agent answered.
type caller struct {
	*phone
	t    *testing.T
	call *ua.Call
	ok   *parser.Message // the 200
	seq  int
}

// withCaller runs f in a call of the phone to an agent with cfg, and hangs up.
func withCaller(t *testing.T, cfg *ua.Config, f func(p *caller)) {
	t.Helper()
	calls := make(map[string]*ua.Call)
	cfg.OnCall = func(c *ua.Call) {
		calls["one"] = c
		c.Answer(sdpBody("answer"))
		<-c.Done()
	}
	withPhone(t, cfg, func(p *phone) {
		p.send(request("INVITE", toAgent, "Content-Type: application/sdp", allowUpdate, "\noffer"))
		ok := p.hear("200")
		p.send(ackOf(ok))
		synctest.Wait()
		time.Sleep(10 * time.Millisecond)
		c := &caller{phone: p, t: p.t, call: calls["one"], ok: ok, seq: 1}
		f(c)
		select {
		case <-c.call.Done():
			return
		default:
		}
		p.send(c.inside("BYE"))
		for m := p.hear("200"); m.Method() != parser.MethodBye; {
			m = p.hear("200")
		}
	})
}

// inside writes a request with the next number.
func (p *caller) inside(method string, more ...string) string {
	p.seq++
	return p.again(method, more...)
}

// again writes one with the number of the last.
func (p *caller) again(method string, more ...string) string {
	over := []string{"From: " + string(p.ok.Raw(parser.HeaderFrom)), "To: " + string(p.ok.Raw(parser.HeaderTo)),
		"Call-ID: " + string(p.ok.CallID()), fmt.Sprintf("CSeq: %d %s", p.seq, method)}
	for _, m := range more {
		if strings.HasPrefix(m, "\n") {
			over = append(over, "Content-Type: application/sdp")
		}
		over = append(over, m)
	}
	return request(method, toAgent, over...)
}

// ackTo writes the ACK to a refusal of a request inside the call.
func (p *caller) refusalAck(m *parser.Message) string {
	return p.again("ACK", "Via: "+string(m.Raw(parser.HeaderVia)))
}

func laterIn10(t *testing.T, m *parser.Message) {
	t.Helper()
	// RFC 3311, Section 5.2: between 0 and 10 seconds.
	if r, err := m.RetryAfter(); err != nil || r.Seconds > 10 {
		t.Errorf("Retry-After %q: %v", m.Raw(parser.HeaderRetryAfter), err)
	}
}

// Who has no OnOffer answers what he answered before, and refuses the rest (RFC 3261, Section 14.2).
func TestOfferWithoutAHandler(t *testing.T) {
	withCaller(t, nothing(), func(p *caller) {
		p.send(p.inside("INVITE", "\noffer"))
		m := p.hear("200")
		p.send(p.again("ACK"))
		if string(m.Body()) != "answer" || !m.Has(parser.HeaderContact) || !m.Allows(parser.MethodUpdate) {
			t.Errorf("got %s", m.Bytes())
		}
		p.send(p.inside("INVITE", "\nvideo"))
		m = p.hear("488")
		p.send(p.refusalAck(m))
		if !m.Has(parser.HeaderWarning) {
			t.Errorf("no Warning: %s", m.Bytes())
		}
		p.send(p.inside("UPDATE", "\nvideo"))
		p.hear("488")
		p.send(p.inside("UPDATE", "\noffer"))
		if m := p.hear("200"); string(m.Body()) != "answer" || !m.Has(parser.HeaderContact) {
			t.Errorf("got %s", m.Bytes())
		}
		p.send(p.inside("UPDATE"))
		if m := p.hear("200"); len(m.Body()) != 0 || !m.Has(parser.HeaderContact) {
			t.Errorf("got %s", m.Bytes())
		}
		p.send(p.inside("INVITE"))
		if m := p.hear("200"); string(m.Body()) != "answer" {
			t.Errorf("offers %q", m.Body())
		}
		p.send(p.again("ACK", "\ntheir answer"))
		time.Sleep(time.Second)
		if got := session(p.call); got != "answer/their answer" {
			t.Errorf("session %q", got)
		}
	})
}

// Config.OnOffer decides; an error is 488, or what a *ResponseError says, and a panic 500.
func TestOfferWithAHandler(t *testing.T) {
	withCaller(t, &ua.Config{OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
		switch string(offer.Data) {
		case "video":
			return ua.Body{}, errors.New("no camera")
		case "user":
			return ua.Body{}, &ua.ResponseError{Status: 504}
		case "crash":
			panic("crash")
		}
		return sdpBody("yes to " + string(offer.Data)), nil
	}}, func(p *caller) {
		for _, tt := range []struct{ method, offer, status string }{
			{"INVITE", "\nvideo", "488"}, {"UPDATE", "\nvideo", "488"}, {"UPDATE", "\nuser", "504"}, {"INVITE", "\ncrash", "500"},
		} {
			p.send(p.inside(tt.method, tt.offer, "Contact: <sip:moved@10.0.0.2:5060>"))
			m := p.hear(tt.status)
			if tt.method == "INVITE" {
				p.send(p.refusalAck(m))
			}
			if got := session(p.call); got != "answer/offer" {
				t.Errorf("%s %q: session %q", tt.method, tt.offer, got)
			}
		}
		p.send(p.inside("UPDATE", "\nhold"))
		if m := p.hear("200"); string(m.Body()) != "yes to hold" {
			t.Errorf("got %q", m.Body())
		}
		p.send(p.inside("INVITE", "\nresume", "Contact: <sip:there@10.0.0.2:5060>"))
		if m := p.hear("200"); string(m.Body()) != "yes to resume" {
			t.Errorf("got %q", m.Body())
		}
		p.send(p.again("ACK"))
		if got := session(p.call); got != "yes to resume/resume" {
			t.Errorf("session %q", got)
		}
		p.send(p.inside("INVITE"))
		if m := p.hear("200"); string(m.Body()) != "yes to " {
			t.Errorf("offers %q", m.Body())
		}
		p.send(p.again("ACK", "\nfine"))
		time.Sleep(time.Second)
		if got := session(p.call); got != "yes to /fine" {
			t.Errorf("session %q", got)
		}
		// The accepted requests moved the target, the refused ones did not (RFC 6141, Section 4.6).
		go p.call.Hangup(context.Background())
		bye := p.hear("BYE")
		if uri, _ := bye.RequestURI(); string(uri.User()) != "probe" {
			t.Errorf("BYE to %q, want the last Contact", uri.Raw())
		}
		p.reply(bye, "200 OK", "")
	})
}

// TestTargetFollowsWhatIsAccepted walks through RFC 6141, Section 4.6, at the end that is asked.
func TestTargetFollowsWhatIsAccepted(t *testing.T) {
	withCaller(t, nothing(), func(p *caller) {
		target := func(want string) {
			t.Helper()
			got := ask(p.call, parser.MethodInfo)
			m := p.hear("INFO")
			if uri, _ := m.RequestURI(); string(uri.User()) != want {
				t.Errorf("Request-URI %q, want %s", uri.Raw(), want)
			}
			p.reply(m, "200 OK", "")
			<-got
		}
		p.send(p.inside("UPDATE", "\nvideo", "Contact: <sip:no@10.0.0.2:5060>"))
		p.hear("488")
		target("probe")
		p.send(p.inside("OPTIONS", "Contact: <sip:no@10.0.0.2:5060>"))
		p.hear("200")
		target("probe")
		p.send(p.inside("UPDATE", "Contact: <sip:update@10.0.0.2:5060>"))
		p.hear("200")
		target("update")
		p.send(p.inside("INVITE", "\noffer", "Contact: <sip:invite@10.0.0.2:5060>"))
		p.hear("200")
		p.send(p.again("ACK"))
		target("invite")
		p.send(p.inside("INVITE", "\noffer", "Contact: <sip:a@10.0.0.2>, <sip:b@10.0.0.2>"))
		p.send(p.refusalAck(p.hear("400")))
		p.send(p.inside("UPDATE", "\nx", "Content-Type: text/plain", "Contact: <sip:no@10.0.0.2:5060>"))
		p.hear("415")
		target("invite")
	})
}

// What comes while another change is open gets the status that RFC 3261, Section 14.2, and RFC 3311, Section 5.2, name.
func TestChangesThatMeet(t *testing.T) {
	withCaller(t, &ua.Config{OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
		time.Sleep(5 * time.Second)
		return sdpBody("yes to " + string(offer.Data)), nil
	}}, func(p *caller) {
		p.send(p.inside("INVITE", "\nhold"))
		first := p.seq
		time.Sleep(time.Second)
		p.send(p.inside("INVITE", "\nother"))
		m := p.hear("500")
		laterIn10(t, m)
		p.send(p.refusalAck(m))
		p.send(p.inside("UPDATE", "\nother"))
		laterIn10(t, p.hear("500"))
		p.send(p.inside("UPDATE"))
		p.hear("200") // it offers nothing
		got := update(p.call, ua.Body{})
		p.reply(p.hear("UPDATE"), "200 OK", "", contactOfPhone)
		(<-got).want(t, "")
		mine := reinvite(context.Background(), p.call, sdpBody("mine")) // waits for the ACK
		p.hear("200")
		time.Sleep(time.Second)
		last := p.seq
		p.seq = first
		p.send(p.again("ACK"))
		p.seq = last
		m = p.hear("INVITE")
		// Ours is out: theirs is 491, and ours goes on.
		p.send(p.inside("INVITE", "\ntheirs"))
		p.send(p.refusalAck(p.hear("491")))
		p.send(p.inside("UPDATE", "\ntheirs"))
		p.hear("491")
		p.reply(m, "200 OK", "", contactOfPhone, "\nfine")
		p.hear("ACK")
		(<-mine).want(t, "fine")
		p.send(p.inside("UPDATE", "\nfirst"))
		time.Sleep(time.Second)
		p.send(p.inside("UPDATE", "\nsecond"))
		laterIn10(t, p.hear("500"))
		if m := p.hear("200"); string(m.Body()) != "yes to first" {
			t.Errorf("got %q", m.Body())
		}
	})
}

// A handler that takes too long is not waited for: 504 to an UPDATE after 16*T1, 488 to a re-INVITE after RingTimeout.
func TestOfferThatNobodyAnswers(t *testing.T) {
	withCaller(t, &ua.Config{OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
		time.Sleep(200 * time.Second)
		return sdpBody("late"), nil
	}}, func(p *caller) {
		begun := time.Now()
		p.send(p.inside("UPDATE", "\nhold"))
		p.hear("504")
		if d := time.Since(begun).Truncate(time.Second); d != 8*time.Second {
			t.Errorf("after %v, want 8s", d)
		}
		time.Sleep(195 * time.Second)
		begun = time.Now()
		p.send(p.inside("INVITE", "\nhold"))
		m := p.hear("488")
		if d := time.Since(begun).Truncate(time.Second); d != 180*time.Second {
			t.Errorf("after %v, want 180s", d)
		}
		p.send(p.refusalAck(m))
		time.Sleep(30 * time.Second)
		if got := session(p.call); got != "answer/offer" {
			t.Errorf("session %q", got)
		}
	})
}

// A 2xx to a re-INVITE is repeated until its ACK, and without one the call ends by BYE (RFC 3261, Sections 13.3.1.4 and 14.2).
func TestReinviteThatIsNeverAcknowledged(t *testing.T) {
	withCaller(t, nothing(), func(p *caller) {
		begun, n := time.Now(), 0
		p.send(p.inside("INVITE", "\noffer"))
		for {
			p.seen = make(map[string]bool)
			m := p.within(time.Minute)
			if m == nil {
				t.Fatal("no BYE")
			}
			if m.Method() == parser.MethodBye {
				p.reply(m, "200 OK", "")
				break
			}
			if m.Status() == 200 {
				n++
			}
		}
		<-p.call.Done()
		if d := time.Since(begun).Truncate(time.Second); d != 32*time.Second || n != 11 || !errors.Is(p.call.Err(), ua.ErrNoAck) {
			t.Errorf("%d times 200, BYE after %v, ended with %v; want 11, 32s, ErrNoAck", n, d, p.call.Err())
		}
	})
}

// A new INVITE implies the ACK to the last 2xx, and no BYE follows (RFC 6141, Section 5.5).
func TestNewReinviteImpliesTheAck(t *testing.T) {
	withCaller(t, nothing(), func(p *caller) {
		p.send(p.inside("INVITE", "\noffer"))
		p.hear("200")
		time.Sleep(10 * time.Second)
		p.send(p.inside("INVITE", "\noffer"))
		p.hear("200")
		p.send(p.again("ACK"))
		time.Sleep(40 * time.Second)
		select {
		case <-p.call.Done():
			t.Errorf("the call ended: %v", p.call.Err())
		default:
		}
	})
}

// A CANCEL ends a re-INVITE and not the call (RFC 3261, Section 9.2); a BYE ends both, 487 for what waits (Section 15.1.2).
func TestReinviteOfThePeerIsCancelled(t *testing.T) {
	withCaller(t, &ua.Config{OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
		time.Sleep(5 * time.Second)
		return sdpBody("late"), nil
	}}, func(p *caller) {
		both := func(a, b parser.Method) (invite *parser.Message) {
			t.Helper()
			for range 2 {
				m := p.within(time.Second)
				switch {
				case m == nil:
					t.Fatal("nothing came")
				case m.Method() == parser.MethodInvite && m.Status() == 487:
					invite = m
				case m.Method() != b || m.Status() != 200:
					t.Errorf("got %q", m.StartLine())
				}
			}
			return invite
		}
		invite := p.inside("INVITE", "\nhold")
		p.send(invite)
		time.Sleep(time.Second)
		p.within(time.Millisecond) // the 100
		_, rest, _ := strings.Cut(invite, "Via: ")
		via, _, _ := strings.Cut(rest, "\n")
		p.send(p.again("CANCEL", "Via: "+via))
		p.send(p.refusalAck(both(parser.MethodInvite, parser.MethodCancel)))
		time.Sleep(10 * time.Second)
		if got := session(p.call); got != "answer/offer" {
			t.Errorf("session %q", got)
		}
		p.send(p.inside("INVITE", "\nhold"))
		number := p.seq
		time.Sleep(time.Second)
		p.within(time.Millisecond)
		p.send(p.inside("BYE"))
		m := both(parser.MethodInvite, parser.MethodBye)
		p.seq = number
		p.send(p.refusalAck(m))
		<-p.call.Done()
		if p.call.Err() != nil || !p.call.EndedByPeer() {
			t.Errorf("ended with %v", p.call.Err())
		}
	})
}

// Our BYE is on its way: what crosses it finds no call (RFC 3261, Section 12.2.2).
func TestReinviteCrossesOurBye(t *testing.T) {
	withCaller(t, nothing(), func(p *caller) {
		go p.call.Hangup(context.Background())
		bye := p.hear("BYE")
		p.send(p.inside("INVITE", "\noffer"))
		p.send(p.refusalAck(p.hear("481")))
		p.send(p.inside("UPDATE"))
		p.hear("481")
		p.reply(bye, "200 OK", "")
	})
}

// CallOptions.OnOffer is for one call, at the side that placed it; UPDATE outside a dialog is nobody's.
func TestOfferToACaller(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, invite := p.answeredCall(&ua.CallOptions{OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
			return sdpBody("yes to " + string(offer.Data)), nil
		}})
		from, to := string(invite.Raw(parser.HeaderFrom)), string(invite.Raw(parser.HeaderTo))+";tag=one"
		over := []string{"From: " + to, "To: " + from, "Call-ID: " + string(invite.CallID()), "Content-Type: application/sdp"}
		p.send(request("INVITE", toAgent, append(over, "CSeq: 1 INVITE", "\nhold")...))
		if m := p.hear("200"); string(m.Body()) != "yes to hold" {
			t.Errorf("got %q", m.Body())
		}
		p.send(request("ACK", toAgent, append(over[:3:3], "CSeq: 1 ACK")...))
		p.send(request("UPDATE", toAgent))
		p.hear("481")
		p.endCall(c)
	})
}
