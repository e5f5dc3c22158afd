package ua

import (
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// reliable returns the Reliability of a call that is placed.
func (c *Call) reliable() Reliability {
	if r := c.opts.Reliable; r != ReliableAuto {
		return r
	}
	return c.agent.cfg.Reliable
}

// capabilities writes into the INVITE what we can do, and what of it the callee must (RFC 3262, Section 4).
func (c *Call) capabilities(b *parser.Builder) {
	a, want := c.agent, c.reliable()
	if (want == ReliableNever) == (a.cfg.Reliable == ReliableNever) {
		a.abilities(b)
	} else {
		tags := slices.DeleteFunc(slices.Clone(a.extensions), func(tag string) bool { return tag == option100rel })
		if want != ReliableNever {
			tags = append(tags, option100rel)
		}
		b.Header(parser.HeaderAllow, a.allowInside())
		b.Header(parser.HeaderSupported, strings.Join(tags, ", "))
	}
	if want == ReliableAlways {
		b.Header(parser.HeaderRequire, option100rel)
	}
}

// reliableFrom reports whether m, a provisional response, is to be acknowledged by PRACK, and returns its number. To one
// of a peer that was told not to, no PRACK is sent.
func (c *Call) reliableFrom(m *parser.Message) (rseq uint32, ok bool) {
	if c.reliable() == ReliableNever {
		return 0, false
	}
	return dialog.Reliable(m)
}

// inOrder takes a reliable provisional response in the dialog of l. It reports whether it is to be processed: one that came before, one after a gap and
// one behind a 2xx are not (RFC 3262, Section 4). The caller holds c.mu.
func (c *Call) inOrder(l *leg, rseq uint32, m *parser.Message) bool {
	if l.dialog.Confirmed() {
		return false
	}
	if !l.rel.Take(rseq) {
		c.again(l, rseq)
		return false
	}
	if err := l.dialog.Refresh(m); err != nil {
		c.agent.log.Warn("Contact of a reliable provisional response", "call_id", c.id, "err", err)
	}
	rack, err := dialog.RAck(m, rseq)
	if err != nil {
		return false
	}
	if l.media.x.Step(dialog.Remote, dialog.CarryReliable, c.agent.accepts(m)) == dialog.VerdictAnswer {
		l.media.agreed(l.media.local, bodyOf(m))
	}
	if !l.body.IsZero() || !c.agent.accepts(m) {
		c.prack(l, rack, Body{})
		return true
	}
	l.body = bodyOf(m)
	if !c.cal.offer.IsZero() || c.opts.Answer == nil {
		c.prack(l, rack, Body{})
		return true
	}
	l.agreed = true
	offer := l.body
	c.tell(func() {
		var answer Body
		c.agent.guarded(func() { answer = c.opts.Answer(offer) })
		c.mu.Lock()
		c.prack(l, rack, answer)
		c.unlock()
	})
	return true
}

// prack is a PRACK that was sent, and what follows its transaction.
type prack struct {
	call   *Call
	leg    *leg
	rack   parser.RAck
	answer Body
}

// prack queues the PRACK to a reliable provisional response, with the answer to the offer in it (RFC 3262, Sections 4 and 5). What becomes of it
// changes nothing before the call was answered: the callee rejects the INVITE when it hears none.
func (c *Call) prack(l *leg, rack parser.RAck, answer Body) {
	if c.removed {
		return
	}
	if l.media.x.Step(dialog.Local, dialog.CarryPrack, !answer.IsZero()) == dialog.VerdictAnswer {
		l.media.agreed(answer, l.body)
	}
	c.free()
	p := &prack{c, l, rack, answer}
	p.send()
}

// send queues the PRACK. The caller holds the call's lock.
func (p *prack) send() {
	p.call.send(p.leg.dialog, within{method: parser.MethodPrack, body: p.answer, user: p, fields: func(b *parser.Builder, _ *transport.Hop) {
		b.HeaderBytes(parser.HeaderRAck, p.rack.AppendTo(nil))
	}})
}

func (*prack) Response(*transaction.Client, *parser.Message) {}

// Failed hears that the PRACK did not arrive, as far as anybody knows: it is sent anew when the callee repeats its response, and only then.
func (p *prack) Failed(*transaction.Client, error) {
	p.call.mu.Lock()
	p.leg.failed = p
	p.call.mu.Unlock()
}

// again sends the PRACK to a response that the callee repeats, when the first one failed. Else it has a transaction that repeats it (RFC 3262,
// Section 4). The caller holds c.mu.
func (c *Call) again(l *leg, rseq uint32) {
	if p := l.failed; p != nil && p.rack.RSeq == rseq && !c.removed {
		l.failed = nil
		p.send()
	}
}
