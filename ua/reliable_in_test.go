package ua_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// ringing runs f with a phone whose INVITE, with these header fields, the agent's application has before it answers.
func ringing(t *testing.T, cfg ua.Config, more []string, f func(p *phone, c *ua.Call)) {
	t.Helper()
	var calls chan *ua.Call // made in the bubble
	cfg.OnCall = func(c *ua.Call) { calls <- c; <-c.Done() }
	withPhone(t, &cfg, func(p *phone) {
		calls = make(chan *ua.Call, 1)
		p.send(request("INVITE", toAgent, more...))
		f(p, <-calls)
	})
}

// offering is an INVITE with an offer of one who supports reliable responses.
var offering = []string{"Supported: 100rel", "Content-Type: application/sdp", "\noffer"}

// prackTo writes the PRACK to a reliable response, with the CSeq number seq; rseq is that of the response when it is 0.
func prackTo(m *parser.Message, seq int, rseq uint32, more ...string) string {
	if rseq == 0 {
		rseq, _ = m.RSeq()
	}
	return request("PRACK", toAgent, append([]string{"From: " + string(m.Raw(parser.HeaderFrom)), "To: " + string(m.Raw(parser.HeaderTo)),
		"Call-ID: " + string(m.CallID()), fmt.Sprintf("CSeq: %d PRACK", seq), fmt.Sprintf("RAck: %d 1 INVITE", rseq)}, more...)...)
}

// hearReliable hears a provisional response and says whether it is reliable.
func (p *phone) hearReliable(what string, want bool) *parser.Message {
	p.t.Helper()
	m := p.hear(what)
	rseq, err := m.RSeq()
	if got := m.HasTag(parser.HeaderRequire, "100rel"); got != want || want && (err != nil || rseq > 1<<31+10) || !want && m.Has(parser.HeaderRSeq) {
		p.t.Errorf("%s: reliable %v, RSeq %d, %v; want reliable %v", what, got, rseq, err, want)
	}
	return m
}

// end answers the call and ends it.
func (p *phone) end(c *ua.Call, body ua.Body) *parser.Message {
	p.t.Helper()
	if err := c.Answer(body); err != nil {
		p.t.Fatal(err)
	}
	ok := p.hear("200")
	p.send(ackOf(ok))
	p.bye(c)
	return ok
}

func (p *phone) bye(c *ua.Call) {
	p.t.Helper()
	go c.Hangup(context.Background())
	p.reply(p.hear("BYE"), "200 OK", "")
	<-c.Done()
}

// Which provisional responses are reliable is up to the caller first, and the Config next (RFC 3262, Section 3).
func TestWhichProvisionalsAreReliable(t *testing.T) {
	body := sdpBody("answer")
	for _, tt := range []struct {
		name     string
		policy   ua.Reliability
		field    string
		body     ua.Body
		reliable bool
	}{
		{"supported, with a body", ua.ReliableAuto, "Supported: 100rel", body, true},
		{"supported, without one", ua.ReliableAuto, "Supported: 100rel", ua.Body{}, false},
		{"required, without a body", ua.ReliableAuto, "Require: 100rel", ua.Body{}, true},
		{"not supported", ua.ReliableAuto, "Supported: timer", body, false},
		{"always, supported", ua.ReliableAlways, "Supported: timer, 100REL", ua.Body{}, true},
		{"always, not supported", ua.ReliableAlways, "Supported: timer", body, false},
		{"never, supported", ua.ReliableNever, "Supported: 100rel", body, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ringing(t, ua.Config{Reliable: tt.policy}, []string{tt.field}, func(p *phone, c *ua.Call) {
				if err := c.Progress(183, tt.body); err != nil {
					t.Fatal(err)
				}
				m := p.hearReliable("183", tt.reliable)
				if tt.reliable {
					p.send(prackTo(m, 2, 0))
					p.hear("200")
				}
				p.end(c, ua.Body{})
			})
		})
	}
	t.Run("never, required", func(t *testing.T) {
		withPhone(t, &ua.Config{Reliable: ua.ReliableNever, OnCall: func(*ua.Call) { t.Error("called") }}, func(p *phone) {
			p.send(request("INVITE", toAgent, "Require: 100rel"))
			if m := p.hear("420"); string(m.Raw(parser.HeaderUnsupported)) != "100rel" {
				t.Errorf("Unsupported %q", m.Raw(parser.HeaderUnsupported))
			}
			p.send(request("OPTIONS", toAgent))
			if m := p.hear("200"); m.HasTag(parser.HeaderSupported, "100rel") || m.Allows(parser.MethodPrack) {
				t.Errorf("says that it can: %s", m.Bytes())
			}
		})
	})
}

// The response is repeated until its PRACK comes, the 200 waits for that, and has no second body (RFC 3262, Sections 3 and 5).
func TestAnswerWaitsForThePRACK(t *testing.T) {
	ringing(t, ua.Config{}, offering, func(p *phone, c *ua.Call) {
		begun := time.Now()
		if err := c.Progress(183, sdpBody("answer")); err != nil {
			t.Fatal(err)
		}
		if err := c.Answer(sdpBody("another")); err == nil {
			t.Error("another answer than that of the 183 was taken")
		}
		if err := c.Answer(sdpBody("answer")); err != nil {
			t.Fatal(err)
		}
		if err := c.Answer(sdpBody("answer")); !errors.Is(err, ua.ErrState) {
			t.Errorf("a second Answer: %v, want ErrState", err)
		}
		m := p.hearReliable("183", true)
		at := p.repeats(8 * time.Second)
		for i, want := range []time.Duration{500, 1500, 3500, 7500} {
			if i >= len(at) || at[i].Sub(begun).Round(10*time.Millisecond) != want*time.Millisecond {
				t.Fatalf("repeated at %v after %v", at, begun)
			}
		}
		p.send(prackTo(m, 2, 77))
		p.hear("481")
		p.send(prackTo(m, 3, 0, "RAck: "))
		p.hear("400")
		p.send(prackTo(m, 4, 0))
		got := p.hearAll("4 PRACK", "1 INVITE")
		ok := got["1 INVITE"]
		if got["4 PRACK"].Status() != 200 || ok.Status() != 200 || len(ok.Body()) != 0 {
			t.Fatalf("got %q and %q, want 200, and 200 without a body", got["4 PRACK"].Bytes(), ok.Bytes())
		}
		p.send(prackTo(m, 5, 0))
		p.hear("481")
		p.send(ackOf(ok))
		p.bye(c)
	})
}

// hearAll hears one response for each CSeq, in any order: what is sent at the same instant has none.
func (p *phone) hearAll(cseqs ...string) map[string]*parser.Message {
	p.t.Helper()
	got := map[string]*parser.Message{}
	for len(got) < len(cseqs) {
		m := p.within(time.Minute)
		if m == nil || m.IsRequest() || !slices.Contains(cseqs, string(m.Raw(parser.HeaderCSeq))) {
			p.t.Fatalf("heard %v, want %v", m, cseqs)
		}
		got[string(m.Raw(parser.HeaderCSeq))] = m
	}
	return got
}

// repeats returns when repeated messages came in d.
func (p *phone) repeats(d time.Duration) (at []time.Time) {
	p.t.Helper()
	p.pc.SetReadDeadline(time.Now().Add(d))
	for buf := make([]byte, 65536); ; {
		n, _, err := p.pc.ReadFrom(buf)
		if err != nil {
			return at
		}
		if !p.seen[string(buf[:n])] {
			p.t.Fatalf("got %q, want what came before", buf[:n])
		}
		at = append(at, time.Now())
	}
}

// Without a PRACK the INVITE is rejected, and the application hears why.
func TestNoPRACKRejectsTheINVITE(t *testing.T) {
	ringing(t, ua.Config{}, offering, func(p *phone, c *ua.Call) {
		begun := time.Now()
		c.Progress(183, sdpBody("answer"))
		c.Answer(ua.Body{})
		p.hear("183")
		if err := c.Acknowledged(context.Background()); !errors.Is(err, ua.ErrNoPrack) {
			t.Errorf("Acknowledged: %v, want ErrNoPrack", err)
		}
		p.send(ackTo(p.hear("504")))
		<-c.Done()
		if !errors.Is(c.Err(), ua.ErrNoPrack) || time.Since(begun).Round(time.Second) != 32*time.Second {
			t.Errorf("ended with %v after %v, want ErrNoPrack after 32s", c.Err(), time.Since(begun))
		}
	})
}

// One at a time: the second has its turn, and the next number, when the first has its PRACK (RFC 3262, Section 3).
func TestReliableProvisionalsWaitForOneAnother(t *testing.T) {
	ringing(t, ua.Config{}, []string{"Require: 100rel"}, func(p *phone, c *ua.Call) {
		for _, status := range []parser.Status{180, 182, 183} {
			if err := c.Progress(status, ua.Body{}); err != nil {
				t.Fatal(err)
			}
		}
		m := p.hearReliable("180", true)
		if at := p.repeats(time.Second); len(at) != 1 {
			t.Errorf("the 180 came again %d times in 1s, want once", len(at))
		}
		first, _ := m.RSeq()
		p.send(prackTo(m, 2, 0))
		got := p.hearAll("2 PRACK", "1 INVITE")
		next := got["1 INVITE"]
		if rseq, _ := next.RSeq(); got["2 PRACK"].Status() != 200 || next.Status() != 182 || rseq != first+1 {
			t.Errorf("got %q and %q, want 200, and 182 with the next number", got["2 PRACK"].Bytes(), next.Bytes())
		}
		if at := p.repeats(time.Second); len(at) != 1 {
			t.Errorf("the 182 came again %d times in 1s, want once", len(at))
		}
		// Without a session description the 200 waits for nothing, and what waited is forgotten.
		p.end(c, sdpBody("answer"))
	})
}

// The PRACK answers an offer that the callee made (RFC 3262, Section 5; RFC 6337, Pattern 4).
func TestDelayedOfferInAReliableProvisional(t *testing.T) {
	ringing(t, ua.Config{}, []string{"Supported: 100rel"}, func(p *phone, c *ua.Call) {
		if err := c.Acknowledged(context.Background()); err != nil {
			t.Errorf("Acknowledged with nothing to wait for: %v", err)
		}
		c.Progress(183, sdpBody("offer"))
		m := p.hearReliable("183", true)
		go p.send(prackTo(m, 2, 0, "Content-Type: application/sdp", "\nanswer"))
		if err := c.Acknowledged(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := c.Answered(); string(got.Data) != "answer" || got.Type != "application/sdp" {
			t.Errorf("Answered %q, want that of the PRACK", got)
		}
		p.hear("200")
		if ok := p.end(c, ua.Body{}); len(ok.Body()) != 0 {
			t.Errorf("the 200 has body %q", ok.Body())
		}
	})
}

// A CANCEL ends a call whose 200 waits; a BYE does as well (RFC 3261, Sections 9.2 and 15.1.2).
func TestCancelAndByeWhileTheAnswerWaits(t *testing.T) {
	for _, method := range []string{"CANCEL", "BYE"} {
		t.Run(method, func(t *testing.T) {
			same := []string{"Via: SIP/2.0/UDP ADDR;branch=z9hG4bKsame", "From: <sip:probe@ADDR>;tag=x", "Call-ID: same-" + method}
			ringing(t, ua.Config{}, slices.Concat(offering, same), func(p *phone, c *ua.Call) {
				c.Progress(183, sdpBody("answer"))
				c.Answer(ua.Body{})
				m := p.hear("183")
				if method == "CANCEL" {
					p.send(request("CANCEL", toAgent, same...))
				} else {
					p.send(request("BYE", toAgent, "From: "+string(m.Raw(parser.HeaderFrom)), "To: "+string(m.Raw(parser.HeaderTo)),
						"Call-ID: "+string(m.CallID()), "CSeq: 2 BYE"))
				}
				seq := map[string]string{"CANCEL": "1 CANCEL", "BYE": "2 BYE"}[method]
				got := p.hearAll(seq, "1 INVITE")
				if got[seq].Status() != 200 || got["1 INVITE"].Status() != 487 {
					t.Errorf("got %q and %q, want 200 and 487", got[seq].Bytes(), got["1 INVITE"].Bytes())
				}
				p.send(ackTo(got["1 INVITE"]))
				<-c.Done()
				p.send(prackTo(m, 9, 0)) // crossed: the dialog is gone
				p.hear("481")
				if err := c.Acknowledged(context.Background()); err == nil {
					t.Error("Acknowledged of a call that is over: no error")
				}
			})
		})
	}
}

// While it rings, proxies hear another reliable response, with its own number, every two minutes.
func TestReliableRingingGoesOn(t *testing.T) {
	ringing(t, ua.Config{}, []string{"Require: 100rel"}, func(p *phone, c *ua.Call) {
		begun := time.Now()
		c.Ring()
		first := p.hearReliable("180", true)
		p.send(prackTo(first, 2, 0))
		p.hear("200")
		again := p.hearReliable("180", true)
		a, _ := first.RSeq()
		if b, _ := again.RSeq(); b != a+1 || time.Since(begun).Round(time.Second) != 2*time.Minute {
			t.Errorf("RSeq %d, then %d after %v; want the next after 2m", a, b, time.Since(begun))
		}
		p.send(prackTo(again, 3, 0))
		p.hear("200")
		p.end(c, ua.Body{})
	})
}

// A response that is not reliable may follow one that is.
func TestUnreliableBesideReliable(t *testing.T) {
	ringing(t, ua.Config{}, offering, func(p *phone, c *ua.Call) {
		c.Progress(183, sdpBody("answer"))
		m := p.hearReliable("183", true)
		c.Ring()
		p.hearReliable("180", false)
		p.send(prackTo(m, 2, 0))
		p.hear("200")
		if err := c.Progress(183, sdpBody("another")); err == nil {
			t.Error("another session description was taken")
		}
		p.end(c, ua.Body{})
	})
}

// Who waits for a PRACK does not wait for ever: the agent may be shut down.
func TestAcknowledgedEndsWithTheAgent(t *testing.T) {
	ringing(t, ua.Config{}, offering, func(p *phone, c *ua.Call) {
		c.Progress(183, sdpBody("answer"))
		got := make(chan error, 1)
		go func() { got <- c.Acknowledged(context.Background()) }()
		time.Sleep(time.Second)
		ctx, stop := context.WithCancel(context.Background())
		stop() // nobody is waited for
		p.agent.Shutdown(ctx)
		if err := <-got; err == nil {
			t.Error("Acknowledged returned without an error")
		}
	})
}
