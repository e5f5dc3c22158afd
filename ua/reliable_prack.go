package ua

import (
	"errors"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// pracked takes a PRACK, whose order was judged (RFC 3262, Sections 3 and 5). The caller holds c.mu.
func (c *Call) pracked(t *transaction.Server, m *parser.Message) {
	a, r := c.agent, c.in.rel
	rack, err := m.RAck()
	switch {
	case err != nil: // which is mandatory (RFC 3262, Section 7.2)
		a.respond(t, m, parser.StatusBadRequest, "", nil)
		return
	case r == nil:
		a.respond(t, m, parser.StatusDoesNotExist, "", nil)
		return
	}
	if r.machine.Matches(rack) {
		next := c.in.media.x
		switch v := next.Step(dialog.Remote, dialog.CarryPrack, a.accepts(m)); v {
		case dialog.VerdictAnswer:
			c.body = bodyOf(m)
			c.in.media.heard(c.body)
		case dialog.VerdictOffer:
			c.offered(t, rack, next)
			return
		case dialog.VerdictPending, dialog.VerdictIllegal:
			a.respond(t, m, v.Status(), "", nil)
			return
		case dialog.VerdictLater:
			refuseLater().send(a, t, m)
			return
		}
		c.in.media.x = next
	}
	c.prackedBy(t, m, rack)
}

// prackedBy tells the machine of the PRACK m, which it answers.
func (c *Call) prackedBy(t *transaction.Server, m *parser.Message, rack parser.RAck) {
	c.free()
	c.now = inside{t, m}
	c.stepReliable(dialog.ReliableEvent{Kind: dialog.ReliablePrack, RAck: rack}, progress{})
}

// offered takes a PRACK with an offer, which leaves the exchange at x when it is answered. The response that it acknowledges is repeated until the application has
// said something. Nobody has to answer: then it is refused, and comes again without (RFC 6337, Section 2.3).
func (c *Call) offered(t *transaction.Server, rack parser.RAck, x dialog.Exchange) {
	m, f := t.Request(), c.onOffer()
	rack.Name = nil // of the reader's buffer
	if f == nil {
		refuseChange().send(c.agent, t, m)
		return
	}
	c.in.media.x = x
	ask := func() {
		offer, answer, err := bodyOf(m), Body{}, errors.New("handler panicked")
		c.agent.guarded(func() { answer, err = f(c, offer) })
		c.mu.Lock()
		defer c.unlock()
		if err != nil || answer.IsZero() || !c.in.rel.machine.Matches(rack) {
			c.noAnswer(t, m)
			return
		}
		if c.in.media.x.Step(dialog.Local, dialog.CarryPrackSuccess, true) == dialog.VerdictAnswer {
			c.in.media.agreed(answer, offer)
		}
		c.in.rel.answer = answer
		c.prackedBy(t, m, rack)
	}
	if !c.messages.run(c.agent.handlers, ask) {
		c.noAnswer(t, m)
	}
}

// noAnswer refuses the offer in the PRACK m, and leaves the session as it was. The caller holds c.mu.
func (c *Call) noAnswer(t *transaction.Server, m *parser.Message) {
	c.in.media.x.Step(dialog.Local, dialog.CarryPrackRefusal, false)
	c.free()
	c.out.Put(func() { refuseChange().send(c.agent, t, m) })
}
