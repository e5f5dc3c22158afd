package ua

import (
	"slices"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
)

// Authenticate returns a Handler that lets pass who proves to be a user of s, and challenges the others; those that come behind it, and
// OnCall and OnMessage, find the name in Request.User and Call.User. It is for requests outside a dialog: what is in one has its tags to show.
// methods are those that have to prove it, none means all. ACK and CANCEL come to no Handler: nobody can be asked again for them (RFC 3261,
// Section 22.1).
//
// The Secret function of s may block, as one does that asks a database: it runs on a handler goroutine, and what comes without credentials is challenged without it.
// A request that finds no place there gets 503.
func Authenticate(s *auth.Server, methods ...parser.Method) Handler {
	return &authenticator{s, slices.Clone(methods)}
}

type authenticator struct {
	server  *auth.Server
	methods []parser.Method
}

// Handle takes the requests that are not let pass.
func (h *authenticator) Handle(r *Request) bool {
	if len(h.methods) > 0 && !slices.Contains(h.methods, r.Method()) {
		return false
	}
	if !r.lent.Has(h.server.Credentials()) {
		return h.verify(r)
	}
	if !r.Decide(func() bool { return h.verify(r) }) {
		r.agent.refuseBusy(r.tx, r.lent)
	}
	return true
}

// verify answers, and reports true, when the request is not let pass.
func (h *authenticator) verify(r *Request) bool {
	now := time.Now()
	v := h.server.Verify(r.lent, now)
	if v.Stale && r.tx.Merged() && v.Status == parser.StatusUnauthorized {
		// A proxy that forked has sent us the same request twice, and its credentials are good once: a challenge would be taken for
		// an answer to both (RFC 3261, Section 8.2.2.2).
		r.refuse(response{status: parser.StatusLoopDetected}, nil)
		return true
	}
	switch v.Status {
	case 0:
		r.user = &User{Name: v.Username, Realm: h.server.Realm()}
		return false
	case h.server.Status():
		r.refuse(response{status: v.Status}, func(b *parser.Builder) {
			for _, value := range h.server.Challenge(v.Stale, now) {
				b.Header(h.server.Header(), value)
			}
		})
	default:
		r.refuse(response{v.Status, "Bad Credentials"}, nil)
	}
	return true
}

// refuse answers, in the reader without a copy of the request, in words of less when they do not fit.
func (r *Request) refuse(first response, more func(*parser.Builder)) {
	if r.agent.respondAs(r.toTag(), r.tx, r.lent, first, more) != nil {
		r.finish(first.status)
	}
}

// User is who a request comes from, as its credentials have proved. The zero User is nobody in particular.
type User struct {
	Name  string
	Realm string
}

// User returns who proved to have sent the request to Authenticate; in a call, to have placed that.
func (r *Request) User() User {
	if r.call != nil {
		return r.call.User()
	}
	return r.user.get()
}

// User returns who proved to have placed the call that came in.
func (c *Call) User() User { return c.in.user.get() }

// get returns what most have not.
func (u *User) get() User {
	if u == nil {
		return User{}
	}
	return *u
}
