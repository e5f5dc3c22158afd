package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// request takes a request of the peer inside one of the call's dialogs.
func (c *Call) request(t *transaction.Server, m *parser.Message) {
	a := c.agent
	c.mu.Lock()
	d := c.dialogOf(m)
	if d == nil {
		c.mu.Unlock()
		a.respond(t, m, parser.StatusDoesNotExist, "", nil)
		return
	}
	if status := d.Receive(m); status != 0 {
		c.mu.Unlock()
		a.respond(t, m, status, "CSeq Out Of Order", nil) // RFC 3261, Section 12.2.2
		return
	}
	c.reached()
	if m.Method() == parser.MethodBye {
		c.now = inside{t, m}
		c.left(d)
		c.unlock()
		return
	}
	c.mu.Unlock()
	if f := a.checkRequire(m); f != nil {
		f.send(a, t, m)
		return
	}
	switch m.Method() {
	case parser.MethodInvite, parser.MethodUpdate:
		t.Reached()
		c.asked(t, m, d)
	case parser.MethodPrack:
		if f := a.checkBody(m); f != nil {
			f.send(a, t, m)
			return
		}
		c.mu.Lock()
		c.pracked(t, m)
		c.unlock()
	case parser.MethodInfo:
		c.informed(t, m)
	case parser.MethodOptions:
		a.answerOptions(t, m)
	case parser.MethodMessage:
		c.hand(t, m)
	default:
		f := refusal{parser.StatusMethodNotAllowed, parser.HeaderAllow, a.allow}
		f.send(a, t, m)
	}
}

// hand gives a request to the application, behind those that it has already.
func (c *Call) hand(t *transaction.Server, m *parser.Message) {
	r := &Request{agent: c.agent, tx: t, lent: m, call: c}
	r.Message()
	if !c.messages.run(c.agent.handlers, r.message) {
		// A 503 is for requests outside a dialog: here it would speak of all that we do (RFC 3261, Section 21.5.4).
		c.agent.respond(t, m, parser.StatusServerInternalError, "", retryLater)
	}
}

// left takes a BYE in d.
func (c *Call) left(d *dialog.Dialog) {
	switch {
	case d == c.dialog:
		c.endedBy(c.now.msg)
		c.because(nil, true)
		c.step(dialog.Event{Kind: dialog.EventBye})
	case c.dialog == nil: // an early dialog of an INVITE that nobody answered yet
		c.cal.leg = c.legOf(d)
		c.step(dialog.Event{Kind: dialog.EventBye})
	default: // another phone's: it changes nothing
		c.replyInside(parser.StatusOK)
		if c.cal.set != nil { // nil 64*T1 after the first 2xx
			c.cal.set.Drop(d)
		}
		c.leave(d)
	}
	if c.now.tx != nil { // the session is over already, or does not know it yet
		c.replyInside(parser.StatusDoesNotExist)
	}
}

// dialogOf returns the dialog that m belongs to: the caller may have several early ones.
func (c *Call) dialogOf(m *parser.Message) *dialog.Dialog {
	if c.role == dialog.Callee {
		return c.dialog
	}
	from, err := m.From()
	if err != nil {
		return nil
	}
	for _, l := range c.cal.legs {
		if parser.EqualFold(from.Tag(), l.dialog.ID().RemoteTag) {
			return l.dialog
		}
	}
	return nil
}
