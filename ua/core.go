package ua

import (
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// core is the agent as the transaction layer's user. Its methods run in the reader, in the arrival order of
// the flow, and do not block: what needs the application is handed to a handler goroutine.
type core Agent

// Request takes a request that opened a server transaction.
func (k *core) Request(t *transaction.Server, m *parser.Message) {
	a := (*Agent)(k)
	if to, err := m.To(); err == nil && len(to.Tag()) > 0 {
		a.inside(t, m)
		return
	}
	if a.draining.Load() {
		a.refuseBusy(t, m)
		return
	}
	a.outside(&Request{agent: a, tx: t, msg: m})
}

// outside takes a request outside a dialog. Hooks of the application that panic in the reader cost only this request.
func (a *Agent) outside(r *Request) {
	defer func() {
		if p := recover(); p != nil {
			a.recovered(p)
			r.finish(parser.StatusServerInternalError)
		}
	}()
	for _, h := range a.cfg.Handlers {
		if h.Handle(r) {
			return
		}
	}
	a.handle(r)
}

// inside takes a request whose To has a tag.
func (a *Agent) inside(t *transaction.Server, m *parser.Message) {
	// The method comes first in the order of RFC 3261, Section 8.2.
	if refusal := a.checkMethod(m); refusal != nil {
		refusal.send(a, t, m)
		return
	}
	c := a.callOf(m)
	if c == nil {
		// RFC 3261, Section 12.2.2: a tag that we do not know is a dialog that we lost.
		a.respond(t, m, parser.StatusDoesNotExist, "", nil)
		return
	}
	c.request(t, m)
}

// handle takes a request outside a dialog that none of the configured handlers wanted.
func (a *Agent) handle(r *Request) {
	if refusal := a.check(r.tx, r.msg); refusal != nil {
		refusal.send(a, r.tx, r.msg)
		return
	}
	switch r.msg.Method() {
	case parser.MethodOptions:
		a.answerOptions(r.tx, r.msg)
	case parser.MethodInvite:
		a.invited(r.tx, r.msg)
	case parser.MethodMessage:
		if !a.handlers.run(r.message) {
			a.refuseBusy(r.tx, r.msg)
		}
	default: // BYE, and what else makes no sense without a dialog (RFC 3261, Section 15.1.2)
		a.respond(r.tx, r.msg, parser.StatusDoesNotExist, "", nil)
	}
}

// Cancel takes a CANCEL (RFC 3261, Section 9.2). It is always answered: 200 with the To tag of the INVITE's own
// answers, or 481.
func (k *core) Cancel(t, invite *transaction.Server, m *parser.Message) {
	a := (*Agent)(k)
	if invite == nil {
		a.respond(t, m, parser.StatusDoesNotExist, "", nil)
		return
	}
	if c, ok := invite.User().(*callee); ok {
		(*Call)(c).cancelled(t, m)
		return
	}
	a.respond(t, m, parser.StatusOK, "", nil)
}

// Ack takes the ACK to a 2xx (RFC 3261, Section 13.3.1.4). One that belongs to nothing is dropped.
func (k *core) Ack(_ transaction.Conn, m *parser.Message) {
	if c := (*Agent)(k).callOf(m); c != nil {
		c.acked(m)
	}
}
