package ua_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// The 200 waits for the end of an offer that is open beside the INVITE, and the session can be changed by both sides afterwards (RFC 3311, Section 5;
// RFC 3262, Section 5).
func TestAnswerWaitsForAnOpenOffer(t *testing.T) {
	slow := func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
		time.Sleep(time.Second)
		return sdpBody("answer to " + string(offer.Data)), nil
	}
	for name, opens := range map[string]func(p *caller) (close func()){
		"in the peer's UPDATE": func(p *caller) func() {
			p.send(p.inside("UPDATE", "\nnew"))
			return func() { p.wantBefore("3 UPDATE") }
		},
		"in the peer's UPDATE, refused": func(p *caller) func() {
			p.send(p.inside("UPDATE", "\nfor long"))
			return func() { p.wantBefore("3 UPDATE") }
		},
		"in our UPDATE": func(p *caller) func() {
			got := update(p.call, sdpBody("ours"))
			m := p.hear("UPDATE")
			return func() {
				p.reply(m, "200 OK", "", contactOfPhone, "\nyes")
				(<-got).want(t, "yes")
			}
		},
		"in our UPDATE, refused": func(p *caller) func() {
			got := update(p.call, sdpBody("ours"))
			m := p.hear("UPDATE")
			return func() {
				p.reply(m, "488 Not Acceptable Here", "")
				(<-got).refused(t, 488)
			}
		},
		"in a PRACK": func(p *caller) func() {
			p.call.Progress(180, ua.Body{})
			p.ok = p.hear("180")
			p.seq++
			p.send(prackTo(p.ok, p.seq, 0, "Content-Type: application/sdp", "\nnew"))
			return func() { p.wantBefore("3 PRACK") }
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := ua.Config{Reliable: ua.ReliableAlways, OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
				if string(offer.Data) == "for long" {
					time.Sleep(10 * time.Second) // longer than an UPDATE may take
				}
				return slow(c, offer)
			}}
			ringing(t, cfg, append([]string{allowUpdate}, offering...), func(p *phone, c *ua.Call) {
				c.Progress(183, sdpBody("answer"))
				m := p.hear("183")
				p.send(prackTo(m, 2, 0))
				p.hear("200")
				x := &caller{phone: p, t: p.t, call: c, ok: m, seq: 2}
				close := opens(x)
				time.Sleep(100 * time.Millisecond)
				if err := c.Answer(ua.Body{}); err != nil {
					t.Fatal(err)
				}
				if err := c.Answer(ua.Body{}); !errors.Is(err, ua.ErrState) {
					t.Errorf("a second Answer: %v, want ErrState", err)
				}
				close()
				ok := p.hear("200")
				if ok.Method() != parser.MethodInvite {
					t.Fatalf("got %q, want 200 to the INVITE", ok.Bytes())
				}
				p.send(ackOf(ok))
				time.Sleep(20 * time.Second)
				x.seq = 5
				p.send(x.inside("INVITE", "\nthird"))
				p.hear("200")
				p.send(x.again("ACK"))
				time.Sleep(time.Second)
				got := reinvite(context.Background(), c, sdpBody("hold"))
				p.reply(p.hear("INVITE"), "200 OK", "", contactOfPhone, "\nheld")
				p.hear("ACK")
				(<-got).want(t, "held")
				p.bye(c)
			})
		})
	}
}

// wantBefore hears the final response to the request with the CSeq cseq, which comes ahead of all others.
func (p *caller) wantBefore(cseq string) {
	p.t.Helper()
	m := p.within(time.Minute)
	for m != nil && m.Status().Provisional() {
		m = p.within(time.Minute)
	}
	if m == nil {
		p.t.Fatalf("nothing came, want the answer to %s", cseq)
	}
	if got := string(m.Raw(parser.HeaderCSeq)); got != cseq {
		p.t.Fatalf("got the answer to %s, want %s first", got, cseq)
	}
}
