package ua

import (
	"fmt"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// challenged takes a 401 or 407 to the INVITE while somebody wants its answer, and reports whether it did: what becomes of the call is
// decided when the application was asked for credentials. The session waits meanwhile, and so do its deadlines for the application. The caller
// holds c.mu.
func (c *Call) challenged(m *parser.Message) bool {
	if !challenges(m.Status()) || c.cal.auth == nil || !c.wanted() {
		return false
	}
	own := m.Clone()
	c.tell(func() { c.authenticate(own) })
	return true
}

// wanted reports whether the INVITE was not answered, and nobody gave up.
func (c *Call) wanted() bool {
	s := c.session.State()
	return !c.removed && (s == dialog.Calling || s == dialog.Proceeding)
}

// authenticate sends the INVITE again, with the credentials that m asks for, or ends the call.
func (c *Call) authenticate(m *parser.Message) {
	again, why := c.agent.judge(c.cal.auth, m)
	c.mu.Lock()
	if !again || !c.wanted() {
		c.because(challenged(m, why), true)
		c.step(dialog.Event{Kind: dialog.EventFailure, Status: m.Status()})
		c.unlock()
		return
	}
	if c.cal.set != nil { // whatever rang has stopped (RFC 3261, Section 12.3)
		c.leave(c.cal.set.EndEarly()...)
		c.cal.set, c.cal.leg = nil, nil
	}
	if c.release != nil {
		c.release()
		c.release = nil
	}
	c.cal.first.number++ // RFC 3261, Section 22.2
	c.anew()
	out := c.cal.out.again()
	c.cal.out = out
	c.unlock()
	if err := out.next(errNoTarget); err != nil {
		c.failed(fmt.Errorf("sip: call %s: %w", c.cal.first.to, err))
	}
}
