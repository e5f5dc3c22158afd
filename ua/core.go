package ua

import (
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// core is the agent as the transaction layer's user. Its methods run in the reader, in the arrival order of
// the flow, and do not block: what needs the application is handed to a handler goroutine.
type core Agent

// maxTo is the longest To to which a tag can be added.
const maxTo = parser.MaxLine - len("To: ;tag=") - tokenSize

// Request takes a request that opened a server transaction.
func (k *core) Request(t *transaction.Server, m *parser.Message) {
	a := (*Agent)(k)
	if len(m.Raw(parser.HeaderTo)) > maxTo {
		t.Abandon() // there is no answer
		return
	}
	if to, err := m.To(); err == nil && len(to.Tag()) > 0 {
		a.inside(t, m)
		return
	}
	if a.draining.Load() {
		a.refuseBusy(t, m)
		return
	}
	a.outside(t, m)
}

// outside takes a request outside a dialog. Hooks of the application that panic in the reader cost only this request.
func (a *Agent) outside(t *transaction.Server, m *parser.Message) {
	var r *Request // of what somebody sees
	defer func() {
		if p := recover(); p != nil {
			a.recovered(p)
			if r == nil {
				r = &Request{agent: a, tx: t, lent: m}
			}
			r.finish(parser.StatusServerInternalError)
		}
	}()
	if method := m.Method(); len(a.cfg.Handlers) > 0 || method == parser.MethodInvite || method == parser.MethodMessage {
		r = &Request{agent: a, tx: t, lent: m}
		if method == parser.MethodInvite {
			t.Bind((*taken)(r)) // until there is a call
		}
	}
	a.pass(t, m, r)
}

// pass asks the handlers that were not asked yet, and then the agent itself. r is nil when there are none and nobody else wants it.
func (a *Agent) pass(t *transaction.Server, m *parser.Message, r *Request) {
	for r != nil && r.asked < len(a.cfg.Handlers) {
		h := a.cfg.Handlers[r.asked]
		r.asked++
		if h.Handle(r) {
			r.Message() // the handler may ask when it is not lent any more
			return
		}
	}
	a.handle(t, m, r)
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

// handle takes a request outside a dialog that none of the configured handlers wanted. r is m as the application sees it, for INVITE and MESSAGE.
func (a *Agent) handle(t *transaction.Server, m *parser.Message, r *Request) {
	if refusal := a.check(t, m); refusal != nil {
		refusal.send(a, t, m)
		return
	}
	switch m.Method() {
	case parser.MethodOptions:
		a.answerOptions(t, m)
	case parser.MethodInvite:
		a.invited(t, r.Message(), r.user)
	case parser.MethodMessage:
		r.Message()
		if !a.handlers.run(r.message) {
			a.refuseBusy(t, m)
		}
	default: // BYE, and what else makes no sense without a dialog (RFC 3261, Section 15.1.2)
		a.respond(t, m, parser.StatusDoesNotExist, "", nil)
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
	switch u := invite.User().(type) {
	case *callee:
		(*Call)(u).cancelled(t, m)
	case *theirs:
		u.cancelled(t, m)
	case *taken:
		a.cancel(t, invite, m, (*Request)(u).toTag())
	default: // it came on another connection than the INVITE, which is being looked at
		a.cancel(t, invite, m, a.tokens.one())
	}
}

// cancel answers a CANCEL, and the INVITE for which there is no call: a Handler's, or one that has just arrived.
func (a *Agent) cancel(t, invite *transaction.Server, m *parser.Message, tag string) {
	a.respondAs(tag, t, m, response{status: parser.StatusOK}, nil)
	if req := invite.Request(); req != nil && req.Method() == parser.MethodInvite && !invite.Final() {
		a.respondAs(tag, invite, req, response{status: parser.StatusRequestTerminated}, nil)
	}
}

// Ack takes the ACK to a 2xx (RFC 3261, Section 13.3.1.4). One that belongs to nothing is dropped.
func (k *core) Ack(_ transaction.Conn, m *parser.Message) {
	if c := (*Agent)(k).callOf(m); c != nil {
		c.acked(m)
	}
}
