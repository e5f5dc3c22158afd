package ua_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// reliably are the fields of a reliable provisional response.
func reliably(rseq int, more ...string) []string {
	return append([]string{contactOfPhone, "Require: 100rel", fmt.Sprintf("RSeq: %d", rseq)}, more...)
}

// prack hears a PRACK, checks what it acknowledges, and answers it.
func (p *phone) prack(tag, rack string) *parser.Message {
	p.t.Helper()
	m := p.hear("PRACK")
	if got := string(m.Raw(parser.HeaderRAck)); got != rack || toTagOf(p.t, m) != tag {
		p.t.Errorf("PRACK to %q with RAck %q, want %q and %q", toTagOf(p.t, m), got, tag, rack)
	}
	p.reply(m, "200 OK", "")
	return m
}

// silent fails when anything new comes in a second.
func (p *phone) silent() {
	p.t.Helper()
	if m := p.within(time.Second); m != nil {
		p.t.Errorf("got %q, want nothing", m.StartLine())
	}
}

// wins answers the INVITE and ends the call.
func (p *phone) wins(invite *parser.Message, out chan outcome, tag string, more ...string) *ua.Call {
	p.t.Helper()
	p.reply(invite, "200 OK", tag, append([]string{contactOfPhone}, more...)...)
	if ack := p.hear("ACK"); len(ack.Body()) != 0 {
		p.t.Errorf("the ACK has body %q", ack.Body())
	}
	o := <-out
	if o.err != nil {
		p.t.Fatal(o.err)
	}
	p.bye(o.call)
	return o.call
}

// Every reliable provisional response gets one PRACK, in order; repeats and those behind a gap get none and are not heard of (RFC 3262,
// Section 4). The answer in one is that of the call.
func TestReliableProvisionalsAreAcknowledgedInOrder(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		var heard []string
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{OnProgress: func(m *parser.Message) {
			heard = append(heard, string(m.Reason()))
		}})
		invite := p.hear("INVITE")
		if !invite.HasTag(parser.HeaderSupported, "100rel") || invite.Has(parser.HeaderRequire) {
			t.Errorf("Supported %q, Require %q", invite.Raw(parser.HeaderSupported), invite.Raw(parser.HeaderRequire))
		}
		p.reply(invite, "183 first", "one", reliably(41, "\nanswer")...)
		if m := p.prack("one", "41 1 INVITE"); string(m.Raw(parser.HeaderCSeq)) != "2 PRACK" || len(m.Body()) != 0 {
			t.Errorf("got %q", m.Bytes())
		}
		p.reply(invite, "183 repeated", "one", reliably(41, "\nanswer")...)
		p.reply(invite, "183 gap", "one", reliably(43)...)
		p.silent()
		p.reply(invite, "180 second", "one", reliably(42)...)
		p.prack("one", "42 1 INVITE")
		p.reply(invite, "183 third", "one", reliably(43)...)
		if m := p.prack("one", "43 1 INVITE"); string(m.Raw(parser.HeaderCSeq)) != "4 PRACK" {
			t.Errorf("CSeq %q, want 4", m.Raw(parser.HeaderCSeq))
		}
		p.reply(invite, "183 unreliable", "one", contactOfPhone)
		p.silent()
		if c := p.wins(invite, out, "one", "\nsomething else"); string(c.Answered().Data) != "answer" {
			t.Errorf("Answered %q, want what the 183 said first", c.Answered().Data)
		}
		if got := fmt.Sprint(heard); got != "[first second third unreliable]" {
			t.Errorf("heard of %s", got)
		}
	})
}

// Each early dialog has numbers of its own, and its own CSeq (RFC 3262, Section 4).
func TestForkedReliableProvisionals(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "183 x", "one", reliably(7, "\nanswer one")...)
		p.prack("one", "7 1 INVITE")
		p.reply(invite, "183 x", "two", reliably(900, "\nanswer two")...)
		if m := p.prack("two", "900 1 INVITE"); string(m.Raw(parser.HeaderCSeq)) != "2 PRACK" {
			t.Errorf("CSeq %q, want 2: that of the other dialog does not count", m.Raw(parser.HeaderCSeq))
		}
		p.reply(invite, "180 x", "one", reliably(8)...)
		p.prack("one", "8 1 INVITE")
		p.reply(invite, "180 x", "two", reliably(9)...)
		p.silent()
		if c := p.wins(invite, out, "two"); string(c.Answered().Data) != "answer two" {
			t.Errorf("Answered %q, want that of the phone that won", c.Answered().Data)
		}
	})
}

// An offer in a reliable provisional response is answered in the PRACK, and the ACK has nothing left to say (RFC 3262, Section 5).
func TestPRACKAnswersAnOffer(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		release := make(chan struct{})
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{Answer: func(offer ua.Body) ua.Body {
			<-release
			return sdpBody("answer to " + string(offer.Data))
		}})
		invite := p.hear("INVITE")
		p.reply(invite, "183 x", "one", reliably(1, "\noffer")...)
		p.silent() // the application thinks
		close(release)
		if m := p.prack("one", "1 1 INVITE"); string(m.Body()) != "answer to offer" {
			t.Errorf("the PRACK has body %q", m.Body())
		}
		if c := p.wins(invite, out, "one"); string(c.Answered().Data) != "offer" {
			t.Errorf("Answered %q, want the offer", c.Answered().Data)
		}
	})
}

// Who wants no reliable responses does not say that it can, and sends no PRACK; who wants nothing else says so.
func TestReliabilityOfTheCaller(t *testing.T) {
	for _, tt := range []struct {
		name          string
		config, call  ua.Reliability
		supports, req bool
	}{
		{"Config says never", ua.ReliableNever, ua.ReliableAuto, false, false},
		{"the call says never", ua.ReliableAuto, ua.ReliableNever, false, false},
		{"Config says always", ua.ReliableAlways, ua.ReliableAuto, true, true},
		{"the call says always", ua.ReliableNever, ua.ReliableAlways, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withPhone(t, &ua.Config{Reliable: tt.config}, func(p *phone) {
				out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{Reliable: tt.call})
				invite := p.hear("INVITE")
				if got := invite.HasTag(parser.HeaderSupported, "100rel"); got != tt.supports {
					t.Errorf("Supported says %v, want %v", got, tt.supports)
				}
				if got := invite.HasTag(parser.HeaderRequire, "100rel"); got != tt.req {
					t.Errorf("Require says %v, want %v", got, tt.req)
				}
				p.reply(invite, "180 x", "one", reliably(1)...)
				if tt.supports {
					p.prack("one", "1 1 INVITE")
				} else {
					p.silent()
				}
				p.wins(invite, out, "one")
			})
		})
	}
}

// A reliable provisional response moves the remote target, another does not (RFC 6141, Section 4.7).
func TestReliableProvisionalMovesTheTarget(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "180 x", "one", contactOfPhone)
		p.reply(invite, "180 y", "one", "Contact: <sip:unheard@10.0.0.2:5060>")
		p.reply(invite, "183 x", "one", "Contact: <sip:moved@10.0.0.2:5060>", "Require: 100rel", "RSeq: 1")
		m := p.prack("one", "1 1 INVITE")
		if uri, _ := m.RequestURI(); string(uri.User()) != "moved" {
			t.Errorf("the PRACK went to %q, want moved", uri.Raw())
		}
		p.reply(invite, "200 OK", "one", "\nanswer")
		ack := p.hear("ACK")
		if uri, _ := ack.RequestURI(); string(uri.User()) != "moved" {
			t.Errorf("the ACK went to %q, want moved", uri.Raw())
		}
		p.bye((<-out).call)
	})
}

// A reliable provisional response that crosses the CANCEL is acknowledged; one that comes behind the 200 is not.
func TestReliableProvisionalsThatCross(t *testing.T) {
	t.Run("CANCEL", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			ctx, cancel := context.WithCancel(context.Background())
			out := p.called(ctx, sdpBody("offer"), nil)
			invite := p.hear("INVITE")
			p.reply(invite, "180 x", "one", contactOfPhone)
			time.Sleep(time.Second)
			cancel()
			p.reply(p.hear("CANCEL"), "200 OK", "one")
			p.reply(invite, "183 x", "one", reliably(1)...)
			p.prack("one", "1 1 INVITE")
			p.reply(invite, "487 x", "one")
			p.hear("ACK")
			if o := <-out; !errors.Is(o.err, context.Canceled) {
				t.Errorf("got %v", o.err)
			}
		})
	})
	t.Run("200", func(t *testing.T) {
		withPhone(t, nothing(), func(p *phone) {
			out := p.called(context.Background(), sdpBody("offer"), nil)
			invite := p.hear("INVITE")
			p.reply(invite, "200 OK", "one", contactOfPhone, "\nanswer")
			p.hear("ACK")
			p.reply(invite, "183 x", "one", reliably(1)...)
			p.silent()
			p.bye((<-out).call)
		})
	})
}

// A PRACK that is refused or never answered changes nothing while the INVITE has no answer. One that nobody heard is sent anew when its response is
// repeated.
func TestPRACKThatFails(t *testing.T) {
	for _, status := range []string{"481 x", "500 x", ""} {
		withPhone(t, nothing(), func(p *phone) {
			out := p.called(context.Background(), sdpBody("offer"), nil)
			invite := p.hear("INVITE")
			p.reply(invite, "183 x", "one", reliably(1, "\nanswer")...)
			m := p.hear("PRACK")
			if status != "" {
				p.reply(m, status, "")
			}
			time.Sleep(40 * time.Second)
			p.reply(invite, "183 x", "one", append(reliably(1, "\nanswer"), "X-Again: 1")...)
			if status != "" {
				p.silent() // it was heard
			} else if m := p.prack("one", "1 1 INVITE"); string(m.Raw(parser.HeaderCSeq)) != "3 PRACK" {
				t.Errorf("CSeq %q, want a PRACK of its own", m.Raw(parser.HeaderCSeq))
			}
			p.wins(invite, out, "one")
		})
	}
}
