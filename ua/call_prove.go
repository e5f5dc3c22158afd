package ua

import (
	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// proof stands between a request within a dialog and its user: the request carries the credentials that it is known to need, and goes again
// when it is asked for others (RFC 3261, Sections 12.2.1.2 and 22.2).
type proof struct {
	user transaction.ClientUser
	call *Call
	x    *auth.Exchange
	seq  uint32        // the request's CSeq number, which the call's lock guards while it is asked for credentials
	next func() uint32 // returns the dialog's next one
	out  **outgoing    // where the request on its way is to be found, which the call's lock guards; nil: nowhere but here
	at   *outgoing
}

// prove makes the proof of a request in d with the CSeq number seq.
func (c *Call) prove(d *dialog.Dialog, seq uint32, user transaction.ClientUser) *proof {
	p := &proof{user: user, call: c, x: c.auth.Exchange(d.RemoteURI(), d.ID().CallID), seq: seq}
	p.next = func() uint32 { return p.seq + 1 } // what nothing follows, a BYE
	p.out = &p.at
	return p
}

// towards makes the request, whose targets are known.
func (p *proof) towards(targets []transport.Target, bld build) *outgoing {
	o := p.call.agent.towards(targets, bld, p)
	p.call.mu.Lock()
	*p.out = o
	p.call.mu.Unlock()
	return o
}

// Response passes a response on, unless credentials may help.
func (p *proof) Response(t *transaction.Client, m *parser.Message) {
	c := p.call
	if c.role == dialog.Callee {
		c.mu.Lock()
		c.reached()
		c.mu.Unlock()
	}
	if challenges(m.Status()) {
		own := m.Clone()
		c.mu.Lock()
		c.tell(func() { p.challenged(t, own) })
		c.unlock()
		return
	}
	if m.Status().Final() {
		c.agent.accepted(p.x, m)
	}
	p.user.Response(t, m)
}

// Failed passes the failure on.
func (p *proof) Failed(t *transaction.Client, err error) { p.user.Failed(t, err) }

// challenged sends the request again with the credentials that m asks for, or passes m on.
func (p *proof) challenged(t *transaction.Client, m *parser.Message) {
	c := p.call
	again, why := c.agent.judge(p.x, m)
	c.mu.Lock()
	s, _ := p.user.(*sent)
	if !again || s != nil && !s.again() {
		c.unlock()
		if s != nil {
			s.because(why)
		}
		p.user.Response(t, m)
		return
	}
	p.seq = p.next()
	out := (*p.out).again()
	*p.out = out
	c.out.Put(func() {
		if err := out.next(errNoTarget); err != nil {
			p.user.Failed(nil, err)
		}
	})
	c.unlock()
}
