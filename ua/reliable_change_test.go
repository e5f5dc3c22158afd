package ua_test

import (
	"context"
	"testing"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// A reliable provisional response to a re-INVITE is acknowledged, with numbers of its own, and its answer is that of the re-INVITE (RFC 3262, Section 3;
// RFC 6141, Section 3.1). Recv-Info is renewed by what is accepted (RFC 6086, Section 5.2.2).
func TestReliableProvisionalOfAReinvite(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := reinvite(context.Background(), c, sdpBody("offer 2"))
		invite := p.hear("INVITE")
		p.reply(invite, "183 x", "", append(reliably(900, "\nanswer 2"), "Contact: <sip:moved@10.0.0.2:5060>")[1:]...)
		m := p.prack("one", "900 "+string(invite.Raw(parser.HeaderCSeq)))
		if uri, _ := m.RequestURI(); string(uri.User()) != "moved" || len(m.Body()) != 0 {
			t.Errorf("got %q", m.Bytes())
		}
		p.reply(invite, "183 again", "", reliably(900, "\nanswer 2")...)
		p.reply(invite, "183 gap", "", reliably(902)...)
		p.silent()
		p.reply(invite, "200 OK", "", "Recv-Info: foo")
		if ack := p.hear("ACK"); len(ack.Body()) != 0 {
			t.Errorf("the ACK has body %q", ack.Body())
		}
		(<-got).want(t, "answer 2")
		if s := session(c); s != "offer 2/answer 2" {
			t.Errorf("the session is %s", s)
		}
		info := make(chan error, 1)
		go func() {
			_, err := c.Info(context.Background(), "foo", ua.Body{})
			info <- err
		}()
		p.reply(p.hear("INFO"), "200 OK", "")
		if err := <-info; err != nil {
			t.Error(err)
		}
		p.endCall(c)
	})
}

// A re-INVITE without an offer gets one in the reliable response: the PRACK answers it, by the application or with what was said last.
func TestOfferInAReliableProvisionalOfAReinvite(t *testing.T) {
	for _, tt := range []struct {
		name, answer string
		f            func(*ua.Call, ua.Body) (ua.Body, error)
	}{
		{"without a function", "offer", nil},
		{"by the application", "answer to theirs", func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
			return sdpBody("answer to " + string(offer.Data)), nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withPhone(t, &ua.Config{OnOffer: tt.f}, func(p *phone) {
				c, _ := p.answeredCall(nil)
				got := reinvite(context.Background(), c, ua.Body{})
				invite := p.hear("INVITE")
				p.reply(invite, "183 x", "", reliably(1, "\ntheirs")...)
				if m := p.prack("one", "1 "+string(invite.Raw(parser.HeaderCSeq))); string(m.Body()) != tt.answer {
					t.Errorf("the PRACK has body %q, want %q", m.Body(), tt.answer)
				}
				p.reply(invite, "200 OK", "", contactOfPhone)
				if ack := p.hear("ACK"); len(ack.Body()) != 0 {
					t.Errorf("the ACK has body %q", ack.Body())
				}
				(<-got).want(t, "theirs")
				if s := session(c); s != tt.answer+"/theirs" {
					t.Errorf("the session is %s", s)
				}
				p.endCall(c)
			})
		})
	}
}
