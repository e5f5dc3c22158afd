package ua

import (
	"context"
	"fmt"
	"slices"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// Reach is where somebody is, when the address of record does not say it: a binding of a registrar. The request's To keeps the address of record.
type Reach struct {
	// URI is the Request-URI: the contact of the binding. Empty: the URI that is called.
	URI string
	// Route is the servers on the way, the first to be passed first: the Path of the binding (RFC 3327, Section 5.4). Nil leaves the
	// route of the other options.
	Route []string
	// Targets is where to send the request, the first to be tried first. Nil: what Route, else the URI comes down to. One with a Flow is reached on
	// that and nowhere else, and so is the peer in the dialog that the request makes, unless its route set says otherwise or the flow has
	// ended: a phone behind a NAT has no other way in (RFC 5626, Section 7).
	Targets []transport.Target
}

// reach sends f where r says.
func (f *first) reach(r *Reach) error {
	if r == nil {
		return nil
	}
	if r.URI != "" {
		uri, err := parser.ParseURI([]byte(r.URI))
		if err == nil {
			uri, err = requestURI(uri)
		}
		if err != nil {
			return fmt.Errorf("sip: %s %q: reach %q: %w", f.method, f.to, r.URI, err)
		}
		f.uri = uri
	}
	if r.Route != nil {
		var err error
		if f.route, err = parseRoute(r.Route); err != nil {
			return err
		}
	}
	f.targets = slices.Clone(r.Targets)
	return nil
}

// Flow returns the flow that the request came on. It may have ended meanwhile.
func (r *Request) Flow() transport.Flow {
	if h, ok := r.tx.Conn().(*transport.Hop); ok {
		return h.Origin()
	}
	return transport.Flow{}
}

// only returns the flow that the last try had to take, the zero Flow when it could choose or that has ended.
func (o *outgoing) only() transport.Flow {
	o.mu.Lock()
	flow := o.at.Flow
	o.mu.Unlock()
	select {
	case <-flow.Done():
		return transport.Flow{}
	default: // also without one
		return flow
	}
}

// along finds the targets of a request in d, one of the call's dialogs: a peer that was reached on one flow only is there still, unless there
// are servers on the way.
func (c *Call) along(ctx context.Context, d *dialog.Dialog) ([]transport.Target, error) {
	next := d.NextHop()
	if out := c.cal.out; out != nil && string(next.Raw()) == string(d.Target().Raw()) {
		if flow := out.only(); flow != (transport.Flow{}) {
			return []transport.Target{{Flow: flow}}, nil
		}
	}
	return c.agent.along(ctx, next, c.flow())
}
