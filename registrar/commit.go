package registrar

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/store"
)

// commit makes the changes of q, all or none, and returns the bindings that there are then. Who finds that somebody else was faster begins
// anew.
func (g *Registrar) commit(ctx context.Context, q *request, now time.Time) (all []Binding, f *refusal) {
	if !q.query && !q.all {
		g.hold(q, now)
		defer func() {
			if f != nil {
				g.release(q.contacts, nil)
			}
		}()
	}
	key := q.aor.key()
	for range maxTries {
		old, rev, err := g.load(ctx, key, now)
		if err != nil {
			return nil, g.failed(q, err)
		}
		if q.query {
			return old, nil
		}
		next, ok := q.apply(old)
		if !ok {
			return nil, refuse(parser.StatusServerInternalError, "CSeq Out Of Order") // RFC 3261, Section 10.3, Steps 6 and 7
		}
		if f := g.room(next, rev); f != nil {
			return nil, f
		}
		err = g.write(ctx, key, next, rev)
		if errors.Is(err, store.ErrConflict) {
			continue
		}
		if err != nil {
			return nil, g.failed(q, err)
		}
		g.release(old, next)
		g.release(q.contacts, next)
		return next, nil
	}
	return nil, g.failed(q, store.ErrConflict)
}

// load reads the bindings of a key that are not over, and the revision of its record.
func (g *Registrar) load(ctx context.Context, key string, now time.Time) ([]Binding, uint64, error) {
	val, rev, err := g.cfg.Store.Get(ctx, key)
	if err != nil {
		return nil, 0, err
	}
	all, err := readRecord(val)
	if err != nil {
		g.cfg.Logger.Error("bindings are lost", "key", key, "err", err) // whoever registers again is back
	}
	return live(all, now), rev, nil
}

// write puts next in the place of revision rev.
func (g *Registrar) write(ctx context.Context, key string, next []Binding, rev uint64) error {
	switch {
	case len(next) > 0:
		_, err := g.cfg.Store.Put(ctx, key, appendRecord(nil, next), rev, last(next))
		return err
	case rev > 0:
		return g.cfg.Store.Delete(ctx, key, rev)
	}
	return nil
}

// room says why there is no place for next.
func (g *Registrar) room(next []Binding, rev uint64) *refusal {
	size := 0
	for i := range next {
		b := &next[i]
		size += len(b.Contact) + len(b.Params) + len(b.CallID)
		for _, p := range b.Path {
			size += len(p)
		}
	}
	counted, ok := g.cfg.Store.(interface{ Len() int })
	switch {
	case len(next) > g.cfg.MaxContacts:
		return tooMany()
	case size > maxRecord:
		return refuse(parser.StatusRequestEntityTooLarge, "")
	case ok && rev == 0 && len(next) > 0 && counted.Len() >= g.cfg.MaxAORs:
		return refuse(parser.StatusServiceUnavailable, "Too Many Addresses Of Record")
	}
	return nil
}

// failed logs that the store does not work, and refuses q for it.
func (g *Registrar) failed(q *request, err error) *refusal {
	g.cfg.Logger.Error("bindings were not changed", "aor", q.aor.String(), "err", err)
	return refuse(parser.StatusServerInternalError, "")
}

// hold keeps the flow of the contacts of q that are reached on it.
func (g *Registrar) hold(q *request, now time.Time) {
	for i := range q.contacts {
		if b := &q.contacts[i]; b.Received.flow != 0 {
			g.conns.hold(b.Received.flow, q.flow, b.Until.Sub(now))
		}
	}
}

// release lets go of the connections of bindings that are not among next.
func (g *Registrar) release(old, next []Binding) {
	for i := range old {
		r := &old[i].Received
		if r.run == g.run && r.flow != 0 && !slices.ContainsFunc(next, func(b Binding) bool { return b.Received.flow == r.flow && b.Received.run == r.run }) {
			g.conns.drop(r.flow)
		}
	}
}
