package registrar

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/ua"
)

// Registrar answers REGISTER. New makes one; its methods are safe for concurrent use.
type Registrar struct {
	cfg     Config
	anyHost bool   // every host is a domain
	inline  bool   // nothing blocks: the reader answers
	run     uint64 // of this Registrar, among those that had the Store before
	conns   conns
	lanes   lanes
	gruus   gruus
}

// New returns a Registrar with cfg, which it copies. It starts nothing, and nothing is to be ended; the Store is the caller's.
func New(cfg *Config) *Registrar {
	g := &Registrar{cfg: cfg.withDefaults(), anyHost: cfg == nil || cfg.Domain == nil, run: rand.Uint64() | 1}
	if cfg == nil || cfg.Authorize == nil {
		_, g.inline = g.cfg.Store.(*store.Memory)
	}
	return g
}

// Handle takes every REGISTER: it is a ua.Handler. Those of one address of record are answered one at a time and in the order of arrival: by the
// reader itself with a store.Memory and without Config.Authorize, since nothing blocks then, else on a goroutine of the agent's handlers.
func (g *Registrar) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
	}
	if g.inline {
		g.serve(r)
		return true
	}
	key := ""
	if to, err := r.Message().To(); err == nil && to.URI().IsSIP() {
		aor, _ := g.aor(to.URI())
		key = aor.key()
	}
	if !g.lanes.run(key, r, g.serve) {
		busy(r)
	}
	return true
}

// Methods says that REGISTER is served, so that it stands in Allow.
func (g *Registrar) Methods() []parser.Method { return []parser.Method{parser.MethodRegister} }

// busy answers that there is no place, with a time that differs from one request to the next.
func busy(r *ua.Request) {
	_ = r.Respond(parser.StatusServiceUnavailable, &ua.ResponseOptions{ // who does not hear it asks again
		Header: []ua.Field{{Name: "Retry-After", Value: strconv.Itoa(5 + rand.IntN(10))}},
	})
}

// serve answers one REGISTER.
func (g *Registrar) serve(r *ua.Request) {
	now := time.Now()
	q, f := g.read(r, now)
	var all []Binding
	if f == nil {
		ctx, stop := context.Background(), context.CancelFunc(func() {})
		if !g.inline {
			ctx, stop = context.WithTimeout(ctx, storeTimeout)
		}
		all, f = g.commit(ctx, q, now)
		stop()
	}
	status, opts := parser.StatusOK, &ua.ResponseOptions{}
	if f != nil {
		status, opts.Reason, opts.Header = f.status, f.reason, f.fields
	} else {
		opts.Header = g.answer(q, all, now)
	}
	err := r.Respond(status, opts)
	if err != nil { // all bindings are more than a message holds
		err = r.Respond(parser.StatusServerInternalError, nil)
	}
	if err != nil {
		g.cfg.Logger.Info("REGISTER was not answered", "call_id", string(r.Message().CallID()), "err", err)
		r.Go(func() {}) // gives up the request, if there was no answer
	}
}
