package registrar

import (
	"context"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// Registrar answers REGISTER. New makes one; its methods are safe for concurrent use.
type Registrar struct {
	cfg     Config
	anyHost bool   // every host is a domain
	run     uint64 // of this Registrar, among those that had the Store before
	conns   conns
	lanes   lanes
	gruus   gruus
}

// New returns a Registrar with cfg, which it copies. It starts nothing, and nothing is to be ended; the Store is the caller's.
func New(cfg *Config) *Registrar {
	g := &Registrar{anyHost: cfg == nil || cfg.Domain == nil, run: rand.Uint64() | 1}
	g.cfg = cfg.withDefaults()
	return g
}

// Handle takes every REGISTER: it is a ua.Handler. It returns at once: the answer is given on a goroutine of the agent's handlers, one at a time
// and in the order of arrival for each address of record.
func (g *Registrar) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
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
		ctx, stop := context.WithTimeout(context.Background(), storeTimeout)
		defer stop()
		all, f = g.commit(ctx, q, now)
	}
	if f != nil {
		_ = r.Respond(f.status, &ua.ResponseOptions{Reason: f.reason, Header: f.fields}) // an answer that is not given is given for us: 500
		return
	}
	_ = r.Respond(parser.StatusOK, &ua.ResponseOptions{Header: g.answer(q, all, now)})
}
