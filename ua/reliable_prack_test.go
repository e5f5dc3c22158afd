package ua_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// An offer in a PRACK that nobody answers is refused; the PRACK without it is taken (RFC 6337, Section 2.3).
func TestOfferInAPRACKIsRefused(t *testing.T) {
	ringing(t, ua.Config{}, offering, func(p *phone, c *ua.Call) {
		c.Progress(183, sdpBody("answer"))
		m := p.hear("183")
		p.send(prackTo(m, 2, 0, "Content-Type: application/sdp", "\nanother offer"))
		p.hear("488")
		p.send(prackTo(m, 3, 0, "Content-Type: text/strange", "\nwhat")) // which is no offer
		p.hear("200")
		p.end(c, ua.Body{})
	})
}

// An offer in a PRACK is the application's to answer, in the 200 to it; the 200 to the INVITE waits for that (RFC 3262, Section 5; RFC 6337, Pattern 5).
func TestOfferInAPRACKIsAnswered(t *testing.T) {
	cfg := ua.Config{OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
		time.Sleep(time.Second)
		return sdpBody("answer to " + string(offer.Data)), nil
	}}
	ringing(t, cfg, offering, func(p *phone, c *ua.Call) {
		c.Progress(183, sdpBody("answer"))
		c.Answer(ua.Body{})
		m := p.hear("183")
		begun := time.Now()
		p.send(prackTo(m, 2, 0, "Content-Type: application/sdp", "\nanother"))
		p.send(prackTo(m, 3, 0, "Content-Type: application/sdp", "\nthird"))
		if later := p.hear("500"); string(later.Raw(parser.HeaderCSeq)) != "3 PRACK" || !later.Has(parser.HeaderRetryAfter) {
			t.Errorf("got %q, want 500 to the offer that came before the other was answered", later.Bytes())
		}
		got := p.hearAll("2 PRACK", "1 INVITE")
		if ok := got["2 PRACK"]; ok.Status() != 200 || string(ok.Body()) != "answer to another" || time.Since(begun) < time.Second {
			t.Errorf("got %q after %v, want 200 with the answer after 1s", ok.Bytes(), time.Since(begun))
		}
		if ok := got["1 INVITE"]; ok.Status() != 200 || len(ok.Body()) != 0 {
			t.Errorf("got %q, want 200 without a body", ok.Bytes())
		}
		if local, remote := c.Session(); string(local.Data) != "answer to another" || string(remote.Data) != "another" {
			t.Errorf("the session is %q and %q", local.Data, remote.Data)
		}
		p.send(ackOf(got["1 INVITE"]))
		p.bye(c)
	})
}

// The application does not want it, or cannot be asked: 488, and the session is what it was.
func TestOfferInAPRACKThatTheApplicationRefuses(t *testing.T) {
	for _, answer := range []func(*ua.Call, ua.Body) (ua.Body, error){
		func(*ua.Call, ua.Body) (ua.Body, error) { return ua.Body{}, errors.New("no") },
		func(*ua.Call, ua.Body) (ua.Body, error) { return ua.Body{}, nil },
		func(*ua.Call, ua.Body) (ua.Body, error) { panic("no") },
	} {
		ringing(t, ua.Config{OnOffer: answer}, offering, func(p *phone, c *ua.Call) {
			c.Progress(183, sdpBody("answer"))
			m := p.hear("183")
			p.send(prackTo(m, 2, 0, "Content-Type: application/sdp", "\nanother"))
			p.hear("488")
			if local, remote := c.Session(); string(local.Data) != "answer" || string(remote.Data) != "offer" {
				t.Errorf("the session is %q and %q", local.Data, remote.Data)
			}
			p.send(prackTo(m, 3, 0))
			p.hear("200")
			p.end(c, ua.Body{})
		})
	}
}
