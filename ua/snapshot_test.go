package ua_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// die ends an agent without a word to its peers, as kill -9 would.
func die(a *ua.Agent) {
	ctx, stop := context.WithCancel(context.Background())
	stop()
	a.Shutdown(ctx)
}

// A process dies in the middle of a call, at either end of it; another takes its place with what the first had kept, and hangs up.
func TestRestoredCallGoesOn(t *testing.T) {
	for _, tt := range []struct {
		name      string
		dies      dialog.Role
		transport string
	}{
		{"the caller dies", dialog.Caller, "udp"},
		{"the callee dies", dialog.Callee, "udp"},
		{"the caller dies, TCP", dialog.Caller, "tcp"},
		{"the callee dies, TCP", dialog.Callee, "tcp"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
				defer n.Close()
				came := make(chan *ua.Call, 1)
				homes := map[netip.AddrPort]*siptest.Host{agentAddr: n.Host(agentAddr.Addr()), phoneAddr: n.Host(phoneAddr.Addr())}
				callee := agentAt(t, homes[agentAddr], agentAddr, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}); came <- c }})
				caller := agentAt(t, homes[phoneAddr], phoneAddr, &ua.Config{From: "sip:bob@example.com"})
				placed, err := caller.Call(context.Background(), "sip:me@"+agentAddr.String()+";transport="+tt.transport, sdpBody("offer"), nil)
				if err != nil {
					t.Fatal(err)
				}
				first, other, at, stays, answered := caller, callee, phoneAddr, <-came, placed
				if tt.dies == dialog.Callee {
					first, other, at, stays, answered = callee, caller, agentAddr, placed, stays
				}
				time.Sleep(time.Second)
				kept, err := answered.Snapshot()
				if err != nil {
					t.Fatal(err)
				}
				die(first)
				second := agentAt(t, homes[at], at, nothing())
				c, err := second.Restore(context.Background(), kept, nil)
				if err != nil {
					t.Fatal(err)
				}
				if c.State() != dialog.Confirmed || second.Stats().Calls != 1 || second.Stats().Dialogs != 1 {
					t.Errorf("state %v, %+v", c.State(), second.Stats())
				}
				if _, err := second.Restore(context.Background(), kept, nil); !errors.Is(err, ua.ErrExists) {
					t.Errorf("the same again: %v, want ErrExists", err)
				}
				if again, err := c.Snapshot(); err != nil || len(again) != len(kept) {
					t.Errorf("kept again: %d octets, %v; want %d", len(again), err, len(kept))
				}
				select {
				case <-stays.Done():
					t.Fatalf("the other side's call is over: %v", stays.Err())
				default:
				}
				if err := c.Hangup(context.Background()); err != nil {
					t.Error(err)
				}
				<-stays.Done()
				if stays.Err() != nil || !stays.EndedByPeer() {
					t.Errorf("the other side: ended with %v, by its peer %v; want nil, true", stays.Err(), stays.EndedByPeer())
				}
				time.Sleep(2 * time.Minute)
				for _, a := range []*ua.Agent{second, other} {
					if s := a.Stats(); s.Calls+s.Dialogs+s.Transactions != 0 {
						t.Errorf("left: %+v", s)
					}
					a.Shutdown(context.Background())
				}
			})
		})
	}
}

// restoring keeps a call with the phone, lets the agent die and restores the call in another one at the same address. It returns what comes of that.
func restoring(p *phone, allow string) (restored chan outcome, stop context.CancelFunc) {
	p.t.Helper()
	c, _ := p.answeredCall(nil, "Allow: "+allow)
	kept, err := c.Snapshot()
	if err != nil {
		p.t.Fatal(err)
	}
	die(p.agent)
	p.agent = agentAt(p.t, p.home, agentAddr, nothing())
	ctx, stop := context.WithCancel(context.Background())
	restored = make(chan outcome, 1)
	go func() {
		c, err := p.agent.Restore(ctx, kept, nil)
		restored <- outcome{c, err}
	}()
	return restored, stop
}

// The probe takes a number above all that may have been used, says who we are, and by UPDATE where we are.
func TestProbeOfARestoredCall(t *testing.T) {
	for _, tt := range []struct{ allow, method, answer string }{
		{"INVITE, ACK, BYE, UPDATE", "UPDATE", "200 OK"},
		{"INVITE, ACK, BYE", "OPTIONS", "200 OK"},
		{"INVITE, ACK, BYE", "OPTIONS", "405 Method Not Allowed"}, // it knows the call, and not the method
		{"INVITE, ACK, BYE, UPDATE", "UPDATE", "500 Busy"},
	} {
		t.Run(tt.method+" "+tt.answer, func(t *testing.T) {
			withPhone(t, nothing(), func(p *phone) {
				restored, stop := restoring(p, tt.allow)
				defer stop()
				m := p.hear(tt.method)
				if got, want := string(m.Raw(parser.HeaderCSeq)), "65538 "+tt.method; got != want {
					t.Errorf("CSeq %q, want %q", got, want)
				}
				if toTagOf(t, m) != "one" || m.Has(parser.HeaderContact) != (tt.method == "UPDATE") {
					t.Errorf("got %q", m.Bytes())
				}
				p.reply(m, tt.answer, "", "Contact: <sip:bob@10.0.0.2:5060;moved>")
				o := <-restored
				if o.err != nil {
					t.Fatal(o.err)
				}
				go o.call.Hangup(context.Background())
				bye := p.hear("BYE")
				uri, _ := bye.RequestURI()
				if _, moved := uri.Param("moved"); moved != (tt.method == "UPDATE" && tt.answer == "200 OK") {
					t.Errorf("BYE goes to %s", uri.Raw()) // RFC 3311, Section 5.1: UPDATE refreshes the target, OPTIONS does not
				}
				p.reply(bye, "200 OK", "")
				<-o.call.Done()
			})
		})
	}
}

// A peer that knows nothing of the call, says nothing, or waits longer than we do: the call is over, and why is known.
func TestRestoredCallThatIsGone(t *testing.T) {
	t.Run("481", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			restored, stop := restoring(p, "INVITE")
			defer stop()
			p.reply(p.hear("OPTIONS"), "481 Gone", "")
			var refused *ua.ResponseError
			if o := <-restored; o.call != nil || !errors.As(o.err, &refused) || refused.Status != 481 {
				t.Errorf("got %v, %v; want 481", o.call, o.err)
			}
			p.reply(p.hear("BYE"), "481 Gone", "")
		})
	})
	t.Run("silence", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			restored, stop := restoring(p, "UPDATE")
			defer stop()
			begun := time.Now()
			if o := <-restored; !errors.Is(o.err, transaction.ErrTimeout) || time.Since(begun) != 32*time.Second {
				t.Errorf("got %v after %v, want ErrTimeout after 32s", o.err, time.Since(begun))
			}
		})
	})
	t.Run("cancelled", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			restored, stop := restoring(p, "INVITE")
			p.hear("OPTIONS")
			stop()
			if o := <-restored; !errors.Is(o.err, context.Canceled) {
				t.Errorf("got %v, want Canceled", o.err)
			}
			p.reply(p.hear("BYE"), "200 OK", "")
		})
	})
	t.Run("over already", func(t *testing.T) {
		withPhone(t, &ua.Config{MaxDuration: time.Minute}, func(p *phone) {
			c, _ := p.answeredCall(nil)
			kept, err := c.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			die(p.agent)
			p.agent = agentAt(t, p.home, agentAddr, nothing())
			time.Sleep(2 * time.Minute)
			if _, err := p.agent.Restore(context.Background(), kept, nil); !errors.Is(err, ua.ErrMaxDuration) {
				t.Errorf("got %v, want ErrMaxDuration", err)
			}
		})
	})
}

// Only a call that stands can be kept, and only what was kept can be restored.
func TestSnapshotIsRefused(t *testing.T) {
	refused := make(chan error, 2)
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		_, early := c.Snapshot()
		c.Answer(ua.Body{})
		<-c.Done()
		_, late := c.Snapshot()
		refused <- early
		refused <- late
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		p.send(ackOf(ok))
		p.send(byeOf(ok))
		p.hear("200")
		if early, late := <-refused, <-refused; early != ua.ErrState || late != ua.ErrState {
			t.Errorf("before the answer: %v, after the end: %v; want ErrState", early, late)
		}
		for _, b := range []string{"", "RBDS", "INVITE sip:a SIP/2.0"} {
			if c, err := p.agent.Restore(context.Background(), []byte(b), nil); c != nil || !errors.Is(err, dialog.ErrSnapshot) {
				t.Errorf("%q: got %v, %v", b, c, err)
			}
		}
	})
}

// A restored call whose agent moves elsewhere tells the peer by UPDATE; here the peer's BYE finds the new place.
func TestRestoredElsewhere(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil, "Allow: UPDATE")
		kept, err := c.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		die(p.agent)
		elsewhere := netip.MustParseAddrPort("10.0.0.3:5060")
		p.agent = agentAt(t, p.net.Host(elsewhere.Addr()), elsewhere, nothing())
		restored := make(chan outcome, 1)
		go func() {
			c, err := p.agent.Restore(context.Background(), kept, nil)
			restored <- outcome{c, err}
		}()
		m := p.hear("UPDATE")
		contact, err := m.Contact()
		if err != nil || string(contact.URI().Host()) != "10.0.0.3" {
			t.Errorf("Contact %q, want the new place", contact.URI().Raw())
		}
		p.pc.WriteTo(onWire(replyTo(m, "200 OK", "")), udpAddr(elsewhere))
		o := <-restored
		if o.err != nil {
			t.Fatal(o.err)
		}
		p.pc.WriteTo(onWire(request("BYE", string(contact.URI().Raw()), "From: "+string(m.Raw(parser.HeaderTo)), "To: "+string(m.Raw(parser.HeaderFrom)),
			"Call-ID: "+string(m.CallID()), "CSeq: 1 BYE")), udpAddr(elsewhere))
		p.hear("200")
		<-o.call.Done()
		if o.call.Err() != nil || !o.call.EndedByPeer() {
			t.Errorf("ended with %v, by the peer %v; want nil, true", o.call.Err(), o.call.EndedByPeer())
		}
	})
}

// A restored call knows what was described, can be put on hold, and refreshes its session when the first process would have, with the same
// description (RFC 4028, Section 7.4).
func TestRestoredCallKnowsItsSession(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil, "Allow: INVITE", "Session-Expires: 600;refresher=uac", "Require: timer")
		answered := time.Now()
		time.Sleep(100 * time.Second)
		kept, err := c.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		die(p.agent)
		time.Sleep(50 * time.Second)
		p.agent = agentAt(t, p.home, agentAddr, nothing())
		restored := make(chan outcome, 1)
		go func() {
			c, err := p.agent.Restore(context.Background(), kept, nil)
			restored <- outcome{c, err}
		}()
		p.reply(p.hear("OPTIONS"), "200 OK", "")
		o := <-restored
		if o.err != nil {
			t.Fatal(o.err)
		}
		if local, remote := o.call.Session(); string(local.Data) != "offer" || string(remote.Data) != "answer" || string(o.call.Answered().Data) != "answer" {
			t.Errorf("got %q and %q, want offer and answer", local.Data, remote.Data)
		}
		m := p.hear("INVITE")
		if since := time.Since(answered).Round(time.Second); since != 300*time.Second || string(m.Body()) != "offer" {
			t.Errorf("refreshed after %v with %q, want the offer after 300s", since, m.Body())
		}
		p.reply(m, "200 OK", "", contactOfPhone, "Session-Expires: 600;refresher=uac", "Require: timer", "\nanswer")
		p.hear("ACK")
		held := make(chan ua.Body, 1)
		go func() {
			answer, err := o.call.Reinvite(context.Background(), sdpBody("hold"))
			if err != nil {
				t.Error(err)
			}
			held <- answer
		}()
		m = p.hear("INVITE")
		p.reply(m, "200 OK", "", contactOfPhone, "\nheld")
		p.hear("ACK")
		if got := <-held; string(m.Body()) != "hold" || string(got.Data) != "held" {
			t.Errorf("offered %q, got %q", m.Body(), got.Data)
		}
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}
