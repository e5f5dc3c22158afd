package ua

import (
	"context"
	"log/slog"
	"sync"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// Handler takes requests outside a dialog before the agent itself does: a registrar, a proxy, a focus.
type Handler interface {
	// Handle reports whether r is its own; it does not keep what is not. It runs in the reader and must not block: r.Go runs what may, and
	// r.Decide finds out whether r is its own where that may. Behind a Handler that decided so it runs on a handler goroutine. A Handler
	// with a method Methods() []parser.Method says which ones stand in Allow because of it.
	Handle(r *Request) bool
}

// Request is a request that waits for an answer: MESSAGE, or whatever a Handler took.
type Request struct {
	agent *Agent
	tx    *transaction.Server
	lent  *parser.Message // the request in the reader's buffer: for the reader, until it turns to the next
	call  *Call
	asked int   // how many of Config.Handlers were asked
	user  *User // nil until Authenticate knows
	keep  sync.Once
	msg   *parser.Message // the request, copied once
	once  sync.Once
	tag   string // our To tag, set once
}

// Method returns the method of the request. Unlike Message it copies nothing: a Handler asks it first.
func (r *Request) Method() parser.Method { return r.tx.Method() }

// Message returns the request. It is the Request's own and may be kept.
func (r *Request) Message() *parser.Message {
	r.keep.Do(func() {
		if r.msg = r.tx.Request(); r.msg == nil { // answered already
			r.msg = r.lent.Clone()
		}
	})
	return r.msg
}

// Call returns the call in whose dialog the request came, nil outside one.
func (r *Request) Call() *Call { return r.call }

// Go runs f on a handler goroutine, false when there is no place. When f returns and there is no final
// answer yet, the request is answered for it: MESSAGE and INFO 200, the others 500; 500 as well when f panicked.
func (r *Request) Go(f func()) bool {
	r.Message()
	return r.agent.handlers.run(func() {
		r.serve(func() bool { f(); return true })
	})
}

// Decide runs f on a handler goroutine, false when there is no place: for a Handler that has to ask somebody whether r is its own, a database of
// passwords, say. When f returns false, r goes on to the Handlers behind and to the agent itself, as if Handle had returned that; else all is as with Go. Two
// requests may overtake each other on the way. A Handler that calls Decide returns true, and answers 503 when there was no place.
func (r *Request) Decide(f func() (own bool)) bool {
	r.lent = r.Message()
	return r.agent.handlers.run(func() {
		r.serve(func() bool {
			if f() {
				return true
			}
			r.agent.pass(r.tx, r.lent, r)
			return false
		})
	})
}

// message runs the function of the Config that the request is for.
func (r *Request) message() {
	f := r.agent.cfg.OnMessage
	if r.Method() == parser.MethodInfo {
		f = r.agent.cfg.OnInfo
	}
	r.serve(func() bool { f(r); return true })
}

// serve runs f and answers for it, unless f says that the request is somebody else's.
func (r *Request) serve(f func() (own bool)) {
	own := true
	defer func() {
		if own {
			r.finish(parser.StatusServerInternalError) // also when f ends its goroutine
		}
	}()
	if !r.agent.guarded(func() { own = f() }) || !own {
		return
	}
	switch r.Method() {
	case parser.MethodMessage, parser.MethodInfo:
		r.finish(parser.StatusOK)
	}
}

// finish answers unless there is a final answer.
func (r *Request) finish(status parser.Status) {
	if !r.tx.Final() {
		if log := r.agent.log; log.Enabled(context.Background(), slog.LevelDebug) {
			log.Debug("answered for the handler", "status", int(status), "call_id", string(r.Message().CallID()))
		}
		if err := r.Respond(status, nil); err != nil {
			r.tx.Abandon() // nothing can be written to it
		}
	}
}

// ResponseOptions is what an application adds to a response. Nil is nothing.
type ResponseOptions struct {
	Reason string // "": the status' own
	Header []Field
	Body   Body
}

// Respond answers the request. A second final response is refused with transaction.ErrState, as is a
// provisional one other than 100 (RFC 4320, Section 4.1). It does not block.
func (r *Request) Respond(status parser.Status, opts *ResponseOptions) error {
	if opts != nil {
		if err := checkFields(opts.Header, parser.HeaderVia); err != nil {
			return err
		}
	}
	if opts == nil {
		return r.agent.respondAs(r.toTag(), r.tx, r.Message(), response{status: status}, nil)
	}
	return r.agent.respondAs(r.toTag(), r.tx, r.Message(), response{status, opts.Reason}, func(b *parser.Builder) {
		writeFields(b, opts.Header)
		writeBody(b, opts.Body)
	})
}

// toTag returns our To tag, the same in all responses.
func (r *Request) toTag() string {
	r.once.Do(func() { r.tag = r.agent.tokens.one() })
	return r.tag
}

// taken is a Request as the user of its INVITE's server transaction: that of a Handler. A CANCEL is answered for it, and a response of
// its own after that is refused with transaction.ErrState.
type taken Request

func (*taken) Ack(*transaction.Server, *parser.Message) {}
func (*taken) Failed(*transaction.Server, error)        {}

func writeBody(b *parser.Builder, body Body) {
	if !body.IsZero() {
		b.Body(body.Type, body.Data)
	}
}
