package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// changed is what became of a change of the session.
type changed struct {
	answer ua.Body
	err    error
}

func (r changed) want(t *testing.T, answer string) {
	t.Helper()
	if r.err != nil || string(r.answer.Data) != answer {
		t.Errorf("got %q, %v; want %q", r.answer.Data, r.err, answer)
	}
}

func (r changed) refused(t *testing.T, status parser.Status) {
	t.Helper()
	var refused *ua.ResponseError
	if !errors.As(r.err, &refused) || refused.Status != status {
		t.Errorf("got %q, %v; want %d", r.answer.Data, r.err, status)
	}
}

func reinvite(ctx context.Context, c *ua.Call, offer ua.Body) chan changed {
	got := make(chan changed, 1)
	go func() {
		answer, err := c.Reinvite(ctx, offer)
		got <- changed{answer, err}
	}()
	return got
}

func update(c *ua.Call, offer ua.Body) chan changed {
	got := make(chan changed, 1)
	go func() {
		answer, err := c.Update(context.Background(), offer)
		got <- changed{answer, err}
	}()
	return got
}

const allowUpdate = "Allow: INVITE, ACK, CANCEL, BYE, UPDATE"

// endCall hangs up and answers the BYE.
func (p *phone) endCall(c *ua.Call) {
	p.t.Helper()
	go c.Hangup(context.Background())
	p.reply(p.hear("BYE"), "200 OK", "")
}

func session(c *ua.Call) string {
	local, remote := c.Session()
	return string(local.Data) + "/" + string(remote.Data)
}

// TestReinviteChangesTheSession holds and resumes a call (RFC 3261, Section 14.1), and moves its target (RFC 6141, Section 4).
func TestReinviteChangesTheSession(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, first := p.answeredCall(nil)
		if got := session(c); got != "offer/answer" {
			t.Errorf("session %q", got)
		}
		got := reinvite(context.Background(), c, sdpBody("hold"))
		m := p.hear("INVITE")
		if string(m.Body()) != "hold" || toTagOf(t, m) != "one" || string(m.Raw(parser.HeaderCSeq)) != "2 INVITE" {
			t.Errorf("got %s", m.Bytes())
		}
		// A target refresh request carries Contact, unchanged unless moved (RFC 3261, Section 12.2.1.1).
		if a, b := string(m.Raw(parser.HeaderContact)), string(first.Raw(parser.HeaderContact)); a != b {
			t.Errorf("Contact %q, first %q", a, b)
		}
		if !m.Allows(parser.MethodInvite) || !m.Allows(parser.MethodUpdate) {
			t.Errorf("Allow %q", m.Raw(parser.HeaderAllow))
		}
		p.reply(m, "180 Ringing", "", "Contact: <sip:elsewhere@10.0.0.2>") // unreliable: it moves nothing
		p.reply(m, "200 OK", "", "Contact: <sip:moved@10.0.0.2:5060>", "\nheld")
		ack := p.hear("ACK")
		if uri, _ := ack.RequestURI(); string(uri.User()) != "moved" || string(ack.Raw(parser.HeaderCSeq)) != "2 ACK" || len(ack.Body()) != 0 {
			t.Errorf("got %s", ack.Bytes())
		}
		(<-got).want(t, "held")
		if got := session(c); got != "hold/held" {
			t.Errorf("session %q", got)
		}
		p.endCall(c)
	})
}

// Each repetition of the 2xx gets the same ACK (RFC 3261, Section 13.2.2.4).
func TestReinviteAcknowledgesEach2xx(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := reinvite(context.Background(), c, sdpBody("hold"))
		m := p.hear("INVITE")
		p.reply(m, "200 OK", "", contactOfPhone, "\nheld")
		ack := p.hear("ACK")
		(<-got).want(t, "held")
		delete(p.seen, string(ack.Bytes()))
		p.reply(m, "200 OK", "", contactOfPhone, "\nheld")
		if again := p.hear("ACK"); string(again.Bytes()) != string(ack.Bytes()) {
			t.Errorf("got %s, want the same ACK", again.Bytes())
		}
		p.endCall(c)
	})
}

// A refusal leaves the session, and the target, as they were (RFC 3261, Section 14.1; RFC 6141, Section 4.6).
func TestRefusedChangeLeavesTheSession(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil, allowUpdate)
		got := reinvite(context.Background(), c, sdpBody("video"))
		m := p.hear("INVITE")
		p.reply(m, "488 Not Acceptable Here", "", "Contact: <sip:moved@10.0.0.2:5060>")
		p.hear("ACK")
		(<-got).refused(t, 488)
		u := update(c, sdpBody("more"))
		m = p.hear("UPDATE")
		if uri, _ := m.RequestURI(); string(uri.User()) != "bob" {
			t.Errorf("target %q moved", uri.Raw())
		}
		p.reply(m, "504 Ask The User", "")
		(<-u).refused(t, 504)
		if got := session(c); got != "offer/answer" {
			t.Errorf("session %q", got)
		}
		u = update(c, sdpBody("less"))
		p.reply(p.hear("UPDATE"), "200 OK", "", contactOfPhone, "\nfine")
		(<-u).want(t, "fine")
		if got := session(c); got != "less/fine" {
			t.Errorf("session %q", got)
		}
		p.endCall(c)
	})
}

// After a 491 the owner of the Call-ID tries again 2.1 to 4 s later, the other side up to 2 s later (RFC 3261, Section 14.1).
func TestGlareIsTriedAgain(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := reinvite(context.Background(), c, sdpBody("hold"))
		for i := range 3 {
			m := p.hear("INVITE")
			if i == 2 {
				p.reply(m, "200 OK", "", contactOfPhone, "\nheld")
				break
			}
			p.reply(m, "491 Request Pending", "")
			begun := time.Now()
			p.hear("ACK")
			time.Sleep(2090 * time.Millisecond)
			if m := p.within(time.Millisecond); m != nil {
				t.Fatalf("got %q after 2.09 s", m.StartLine())
			}
			if i == 0 {
				go func() { // one that waits behind the first
					c.Reinvite(context.Background(), sdpBody("late"))
				}()
				p.reply(p.hear("INVITE"), "488 No", "")
				p.hear("ACK")
			}
			if d := time.Since(begun); d > 4100*time.Millisecond {
				t.Fatalf("%v", d)
			}
		}
		p.hear("ACK")
		(<-got).want(t, "held")
		p.endCall(c)
	})
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
		defer stop()
		got := reinvite(ctx, c, sdpBody("hold"))
		p.reply(p.hear("INVITE"), "491 Request Pending", "")
		p.hear("ACK")
		if r := <-got; !errors.Is(r.err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the context's", r.err)
		}
		p.endCall(c)
	})
}

// TestReinviteIsCancelled: when ctx ends there is a CANCEL, and the session stays (RFC 3261, Section 9.1).
func TestReinviteIsCancelled(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		ctx, stop := context.WithCancel(context.Background())
		got := reinvite(ctx, c, sdpBody("hold"))
		m := p.hear("INVITE")
		stop()
		time.Sleep(time.Second)
		p.reply(m, "100 Trying", "") // no CANCEL before a provisional response
		p.reply(p.hear("CANCEL"), "200 OK", "")
		p.reply(m, "487 Request Terminated", "")
		p.hear("ACK")
		if r := <-got; !errors.Is(r.err, context.Canceled) {
			t.Errorf("got %v, want the context's", r.err)
		}
		if got := session(c); got != "offer/answer" {
			t.Errorf("session %q", got)
		}
		p.endCall(c)
	})
}

// A 2xx that crosses the CANCEL changes the session, and the application hears of it.
func TestReinviteAcceptedBeforeItsCancel(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		ctx, stop := context.WithCancel(context.Background())
		got := reinvite(ctx, c, sdpBody("hold"))
		m := p.hear("INVITE")
		p.reply(m, "180 Ringing", "")
		time.Sleep(time.Second)
		stop()
		p.hear("CANCEL")
		p.reply(m, "200 OK", "", contactOfPhone, "\nheld")
		p.hear("ACK")
		(<-got).want(t, "held")
		if got := session(c); got != "hold/held" {
			t.Errorf("session %q", got)
		}
		p.endCall(c)
	})
}

// A peer that answers neither the re-INVITE nor its CANCEL, or knows nothing of the call, ends it (RFC 3261, Section 12.2.1.2).
func TestReinviteOfAPeerThatIsGone(t *testing.T) {
	for name, tt := range map[string]struct {
		say  func(p *phone, m *parser.Message)
		want time.Duration // until the call is over
	}{
		"silence": {func(p *phone, m *parser.Message) {}, 32 * time.Second},
		"481":     {func(p *phone, m *parser.Message) { p.reply(m, "481 Gone", "") }, 0},
		"408":     {func(p *phone, m *parser.Message) { p.reply(m, "408 Timeout", "") }, 0},
		"ringing": {func(p *phone, m *parser.Message) { p.reply(m, "180 Ringing", "") }, 212 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			withPhone(t, nothing(), func(p *phone) {
				c, _ := p.answeredCall(nil)
				begun := time.Now()
				got := reinvite(context.Background(), c, sdpBody("hold"))
				tt.say(p, p.hear("INVITE"))
				r := <-got
				<-c.Done()
				if d := time.Since(begun).Truncate(time.Second); r.err == nil || c.Err() == nil || d != tt.want {
					t.Errorf("got %v, the call ended with %v, after %v; want errors after %v", r.err, c.Err(), d, tt.want)
				}
				if s := name; s == "silence" && !errors.Is(r.err, transaction.ErrTimeout) {
					t.Errorf("got %v, want ErrTimeout", r.err)
				}
			})
		})
	}
}

// An INVITE without an offer asks for one, and its ACK has the answer (RFC 3261, Section 14.1).
func TestReinviteWithoutOffer(t *testing.T) {
	for name, f := range map[string]func(*ua.Call, ua.Body) (ua.Body, error){
		"nobody": nil,
		"handler": func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
			return sdpBody("answer to " + string(offer.Data)), nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			withPhone(t, &ua.Config{OnOffer: f}, func(p *phone) {
				c, _ := p.answeredCall(nil)
				got := reinvite(context.Background(), c, ua.Body{})
				m := p.hear("INVITE")
				if len(m.Body()) != 0 {
					t.Errorf("offers %q", m.Body())
				}
				p.reply(m, "200 OK", "", contactOfPhone, "\ntheirs")
				want := "offer"
				if f != nil {
					want = "answer to theirs"
				}
				if ack := p.hear("ACK"); string(ack.Body()) != want {
					t.Errorf("ACK with %q, want %q", ack.Body(), want)
				}
				(<-got).want(t, "theirs")
				time.Sleep(time.Millisecond)
				if got := session(c); got != want+"/theirs" {
					t.Errorf("session %q", got)
				}
				p.endCall(c)
			})
		})
	}
}

// UPDATE is for peers that allow it; without an offer it says where we are, and follows the peer (RFC 3311, Section 5).
func TestUpdate(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		if r := <-update(c, ua.Body{}); !errors.Is(r.err, ua.ErrNoUpdate) {
			t.Errorf("got %v, want ErrNoUpdate", r.err)
		}
		p.endCall(c)
		if r := <-update(c, ua.Body{}); !errors.Is(r.err, ua.ErrState) {
			t.Errorf("got %v, want ErrState", r.err)
		}
	})
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil, allowUpdate)
		got := update(c, ua.Body{})
		m := p.hear("UPDATE")
		if len(m.Body()) != 0 || !strings.Contains(string(m.Raw(parser.HeaderContact)), agentAddr.String()) {
			t.Errorf("got %s", m.Bytes())
		}
		p.reply(m, "200 OK", "", "Contact: <sip:moved@10.0.0.2:5060>")
		(<-got).want(t, "")
		if got := session(c); got != "offer/answer" {
			t.Errorf("session %q", got)
		}
		got = update(c, sdpBody("more"))
		m = p.hear("UPDATE")
		if uri, _ := m.RequestURI(); string(uri.User()) != "moved" {
			t.Errorf("Request-URI %q, want where the peer moved", uri.Raw())
		}
		if m := p.within(20 * time.Second); m != nil {
			t.Errorf("got %q", m.StartLine())
		}
		(<-got).refusedBy(t, transaction.ErrTimeout)
		<-c.Done()
		if !errors.Is(c.Err(), transaction.ErrTimeout) {
			t.Errorf("ended with %v", c.Err())
		}
	})
}

func (r changed) refusedBy(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(r.err, err) {
		t.Errorf("got %v, want %v", r.err, err)
	}
}

// UPDATE in an early dialog: without an offer always, with one only when the first exchange is complete (RFC 3311, Section 5.1).
func TestUpdateInAnEarlyDialog(t *testing.T) {
	var call *ua.Call
	rang := make(chan bool, 1)
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		call = c
		c.Ring()
		rang <- true
		<-c.Done()
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent, allowUpdate, "Content-Type: application/sdp", "\noffer"))
		ring := p.hear("180")
		<-rang
		(<-update(call, sdpBody("more"))).refusedBy(t, ua.ErrState)
		got := update(call, ua.Body{})
		m := p.hear("UPDATE")
		p.reply(m, "200 OK", "", contactOfPhone)
		(<-got).want(t, "")
		p.send(request("BYE", toAgent, "From: "+string(ring.Raw(parser.HeaderFrom)), "To: "+string(ring.Raw(parser.HeaderTo)),
			"Call-ID: "+string(ring.CallID()), "CSeq: 2 BYE"))
		var refused *parser.Message
		for range 2 { // in whatever order: they are two transactions
			if m := p.within(time.Second); m != nil && m.Method() == parser.MethodInvite {
				refused = m
			}
		}
		if refused == nil || refused.Status() != 487 {
			t.Fatalf("the INVITE was not answered 487")
		}
		p.send(request("ACK", toAgent, "Via: "+string(refused.Raw(parser.HeaderVia)), "From: "+string(refused.Raw(parser.HeaderFrom)),
			"To: "+string(refused.Raw(parser.HeaderTo)), "Call-ID: "+string(refused.CallID()), "CSeq: 1 ACK"))
	})
}

// The call ends while a change waits: the peer's BYE comes first, its 487 to the re-INVITE follows (RFC 3261, Section 15.1.2).
func TestByeCrossesOurReinvite(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(sdpBody("answer")); calls <- c; <-c.Done() }}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Content-Type: application/sdp", "\noffer"))
		ok := p.hear("200")
		p.send(ackOf(ok))
		c := <-calls
		got := reinvite(context.Background(), c, sdpBody("hold"))
		m := p.hear("INVITE")
		p.reply(m, "100 Trying", "")
		p.send(byeOf(ok))
		p.hear("200")
		(<-got).refusedBy(t, ua.ErrState)
		<-c.Done()
		if c.Err() != nil || !c.EndedByPeer() {
			t.Errorf("ended with %v", c.Err())
		}
		p.reply(m, "487 Request Terminated", "")
		p.hear("ACK")
	})
	// And where that 487 never comes, nothing is left of it 64*T1 later all the same: withPhone looks.
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		reinvite(context.Background(), c, sdpBody("hold"))
		p.reply(p.hear("INVITE"), "180 Ringing", "")
		time.Sleep(time.Second)
		p.endCall(c)
	})
}
