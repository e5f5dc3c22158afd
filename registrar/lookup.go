package registrar

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// ErrUnknown: a URI is not of one of our domains, or a GRUU that is not valid any more.
var ErrUnknown = errors.New("registrar: no such address of record")

// Lookup returns where the user is whom an address of record or a GRUU names, the best place first, and of two as good as one another
// that which was registered last. None is no error. A sips URI has only places that are secure (RFC 5630, Section 5.3). Each has its
// Targets; what cannot be reached any more, since its connection ended, is left out (RFC 5626, Section 7).
func (g *Registrar) Lookup(ctx context.Context, uri parser.URI) ([]Binding, error) {
	if !uri.IsSIP() {
		return nil, ErrUnknown
	}
	aor, ours := g.aor(uri)
	if !ours {
		return nil, ErrUnknown
	}
	gr, gruu := uri.Param("gr")
	epoch, temporary := uint64(0), gruu && len(gr) == 0
	if temporary {
		var ok bool
		if err := g.openGRUUs(ctx); err != nil {
			return nil, fmt.Errorf("look up %s: %w", uri.Raw(), err)
		}
		if aor, epoch, ok = g.opened(uri); !ok {
			return nil, ErrUnknown
		}
	}
	all, _, err := g.load(ctx, aor.key(), time.Now())
	if err != nil {
		return nil, fmt.Errorf("look up %s: %w", uri.Raw(), err)
	}
	if gruu {
		urn := string(parser.Unescape(nil, gr))
		all = slices.DeleteFunc(all, func(b Binding) bool {
			return temporary && b.epoch != epoch || !temporary && !sameInstance(b.Instance, urn)
		})
		if temporary && len(all) == 0 {
			return nil, ErrUnknown // RFC 5627, Section 5.3
		}
	}
	reached := all[:0]
	for _, b := range all {
		var ok bool
		if b.Targets, ok = g.targets(&b); ok && (!uri.IsSIPS() || b.uri().IsSIPS()) {
			reached = append(reached, b)
		}
	}
	order(reached)
	return reached, nil
}

// Bindings counts the bindings of all users. It reads all of the Store.
func (g *Registrar) Bindings(ctx context.Context) (n int, err error) {
	now := time.Now()
	err = g.cfg.Store.Range(ctx, prefix, func(_ string, val []byte, _ uint64, _ time.Time) error {
		all, err := readRecord(val)
		if err != nil {
			return nil // it is none: see load
		}
		for i := range all {
			if now.Before(all[i].Until) {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count bindings: %w", err)
	}
	return n, nil
}

// Connections returns how many bindings keep a connection of theirs from being closed.
func (g *Registrar) Connections() int { return g.conns.len() }

// targets returns where to send what is for b, nil for where its path or contact says; false when that is nowhere: the connection ended, and nobody
// else could open one.
func (g *Registrar) targets(b *Binding) ([]transport.Target, bool) {
	switch t, ok := g.target(b); {
	case !ok:
		return nil, false
	case t == (transport.Target{}):
		return nil, true
	default:
		return []transport.Target{t}, true
	}
}

// target is targets with the zero Target for where the path or the contact says.
func (g *Registrar) target(b *Binding) (t transport.Target, ok bool) {
	r := &b.Received
	if r.flow == 0 {
		return t, true
	}
	if r.run == g.run {
		if f, ok := g.conns.flow(r); ok {
			return transport.Target{Flow: f}, true
		}
	}
	if r.Protocol == transport.UDP { // of an earlier process: from whatever socket suits
		return transport.Target{Protocol: transport.UDP, Addr: r.Remote}, true
	}
	return t, !b.flowKey() && r.Protocol != transport.WS && r.Protocol != transport.WSS
}
