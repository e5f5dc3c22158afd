package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// provisional takes a provisional response to a re-INVITE. One that is reliable is acknowledged, once and in order, in a space of numbers of its own
// (RFC 3262, Section 3); it moves the peer's address (RFC 6141, Section 4.6), and may carry the answer, or the offer that we asked for. The caller holds the
// call's lock.
func (o *ours) provisional(m *parser.Message) {
	c := o.call
	rseq, ok := c.reliableFrom(m)
	if !ok || o.life.Kind() != dialog.OurInvite || o.life.State() == dialog.Terminated || !o.rel.Take(rseq) {
		return
	}
	if err := o.dialog.Refresh(m); err != nil {
		c.agent.log.Warn("Contact of a reliable provisional response", "call_id", c.id, "err", err)
	}
	rack, err := dialog.RAck(m, rseq)
	if err != nil {
		return
	}
	switch o.media.x.Step(dialog.Remote, dialog.CarryReliable, c.agent.accepts(m)) {
	case dialog.VerdictAnswer:
		o.answer = bodyOf(m)
		o.media.agreed(o.offer, o.answer)
	case dialog.VerdictOffer:
		o.answer = bodyOf(m)
		o.askPrack(rack)
		return
	}
	o.prack(rack, Body{})
}

// askPrack sends the PRACK that answers the peer's offer, behind the application, as acknowledge does with the ACK.
func (o *ours) askPrack(rack parser.RAck) {
	c, said, f := o.call, o.media.local, o.call.onOffer()
	if f == nil {
		o.prack(rack, said)
		return
	}
	offer := o.answer
	ask := func() {
		c.agent.guarded(func() { said, _ = f(c, offer) }) // a PRACK has to follow in any case
		c.mu.Lock()
		o.prack(rack, said)
		c.unlock()
	}
	if !c.messages.run(c.agent.handlers, ask) {
		o.prack(rack, said)
	}
}

// prack queues the PRACK with the answer said, where the peer wanted one.
func (o *ours) prack(rack parser.RAck, said Body) {
	c := o.call
	if c.removed {
		return
	}
	if o.media.x.Step(dialog.Local, dialog.CarryPrack, !said.IsZero()) == dialog.VerdictAnswer {
		o.media.agreed(said, o.answer)
	}
	c.free()
	c.send(o.dialog, within{method: parser.MethodPrack, body: said, user: ignore{}, fields: func(b *parser.Builder, _ *transport.Hop) {
		b.HeaderBytes(parser.HeaderRAck, rack.AppendTo(nil))
	}})
}
