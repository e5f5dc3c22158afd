package ua

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// maxDatagram is the size above which a request leaves UDP for a transport with congestion control
// when the path's MTU is unknown (RFC 3261, Section 18.1.1).
const maxDatagram = 1300

// build writes a request for one try: the way is known first, then Via and Contact, then the bytes.
type build func(h *transport.Hop, v dialog.Via) (parser.Wire, error)

// outgoing is one request on its way. Each target is a try of its own with a new branch, until one of them
// is reached (RFC 3263, Section 4.3).
type outgoing struct {
	agent *Agent
	build build
	user  transaction.ClientUser

	mu      sync.Mutex // guards what follows
	targets []target
	tries   int
	begun   time.Time // the first of them
	at      transport.Target
	large   bool           // of the target at which it is
	hop     *transport.Hop // of the last try, as is at
	tx      *transaction.Client
	over    []*transaction.Client // of earlier tries
	heard   bool                  // there was a response in this one
	quit    bool                  // nobody wants the answer any more
}

// target is where a try goes.
type target struct {
	transport.Target
	large bool // UDP whatever the size: TCP was tried
}

// locate finds the targets of a request outside a dialog that is not sent yet: next sends it. An error of either means that nothing
// was sent and that user hears nothing. They are those of the first server on its way, and none is in the clear when the Request-URI is a SIPS
// URI (RFC 3261, Section 8.1.2). It blocks while names are looked up.
func (a *Agent) locate(ctx context.Context, f *first, bld build, user transaction.ClientUser) (*outgoing, error) {
	targets, err := f.targets, error(nil)
	if targets == nil {
		targets, err = a.targets(ctx, f.route.nextHop(f.uri))
	}
	if err == nil && f.uri.IsSIPS() {
		targets, err = secured(targets)
	}
	if err != nil {
		return nil, err
	}
	return a.towards(targets, bld, user), nil
}

// towards makes a request whose targets are known.
func (a *Agent) towards(targets []transport.Target, bld build, user transaction.ClientUser) *outgoing {
	o := &outgoing{agent: a, build: bld, user: user}
	for _, t := range targets {
		o.targets = append(o.targets, target{Target: t})
	}
	return o
}

// targets finds where to send a request for uri.
func (a *Agent) targets(ctx context.Context, uri parser.URI) (targets []transport.Target, err error) {
	err = errLocate
	a.guarded(func() { targets, err = a.transport.Targets(ctx, uri) })
	if err == nil && uri.IsSIPS() {
		targets, err = secured(targets)
	}
	return a.denials.Order(targets, time.Now()), err
}

var (
	errNoTarget = errors.New("no target to send to")
	errLocate   = errors.New("Config.Locate panicked")
)

// next tries the targets that are left, in order; last is the error when there is none.
func (o *outgoing) next(last error) error {
	for {
		t, ok := o.pop()
		if !ok {
			return last
		}
		if last = o.try(t); last == nil {
			return nil
		}
	}
}

func (o *outgoing) pop() (target, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.targets) == 0 || o.quit {
		return target{}, false
	}
	t := o.targets[0]
	o.targets = o.targets[1:]
	if o.tries++; o.tries == 1 {
		o.begun = time.Now()
	}
	o.at, o.large, o.heard = t.Target, t.large, false
	return t, true
}

// try starts a client transaction towards t.
func (o *outgoing) try(t target) error {
	h, w, err := o.agent.prepare(t.Target, o.build)
	if err != nil {
		return err
	}
	o.mu.Lock()
	if t.Protocol == transport.UDP && w.Len() > maxDatagram && !t.large {
		// RFC 3261, Section 18.1.1: TCP first, and back to UDP when the peer does not take it there.
		tcp, udp := t, target{Target: t.Target, large: true}
		tcp.Protocol = transport.TCP
		o.targets = append([]target{tcp, udp}, o.targets...)
		o.mu.Unlock()
		return errNoTarget
	}
	n := o.tries
	o.hop = h
	o.mu.Unlock()
	tx, err := o.agent.transactions.Request(h, w, o)
	if err != nil {
		return err
	}
	o.mu.Lock()
	if o.tries == n { // else it failed already and another target is being tried
		o.tx = tx
	}
	quit := o.quit
	o.mu.Unlock()
	if quit { // meanwhile
		tx.Abandon()
	}
	return nil
}

// prepare chooses the way to t and writes the request for it.
func (a *Agent) prepare(t transport.Target, bld build) (*transport.Hop, parser.Wire, error) {
	h, err := a.transport.Hop(t)
	if err != nil {
		return nil, parser.Wire{}, err
	}
	w, err := bld(h, dialog.Via{Transport: h.Protocol().String(), SentBy: h.SentBy(), Branch: a.tokens.branch()})
	if err != nil {
		return nil, parser.Wire{}, fmt.Errorf("write request: %w", err)
	}
	return h, w, nil
}

// way returns the way of the last try, nil before the first.
func (o *outgoing) way() *transport.Hop {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.hop
}

// client returns the transaction that the request is in, nil before the first try.
func (o *outgoing) client() *transaction.Client {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.tx
}

// abandon drops the request: nobody waits for its answer.
func (o *outgoing) abandon() {
	o.mu.Lock()
	o.quit = true
	tx := o.tx
	o.mu.Unlock()
	if tx != nil {
		tx.Abandon()
	}
}

// acknowledgement is an ACK to a 2xx: it is sent without a transaction, and again, the same bytes on the same way, for
// each repetition of the 2xx (RFC 3261, Section 13.2.2.4).
type acknowledgement struct {
	hop  *transport.Hop
	wire parser.Wire
	udp  *acknowledgement // of a large one: what is sent when the peer takes no connection
	flow transport.Flow   // the only way that hop may take, if there is one
}

// newAck writes the ACK for the first of targets that there is a way to.
func (a *Agent) newAck(targets []transport.Target, bld build) (*acknowledgement, error) {
	err := errNoTarget
	for _, t := range targets {
		k := acknowledgement{flow: t.Flow}
		if k.hop, k.wire, err = a.prepare(t, bld); err != nil {
			continue
		}
		if t.Protocol == transport.UDP && k.wire.Len() > maxDatagram {
			t.Protocol = transport.TCP
			if tcp, wire, err := a.prepare(t, bld); err == nil {
				return &acknowledgement{hop: tcp, wire: wire, udp: &k}, nil
			}
		}
		return &k, nil
	}
	return nil, err
}

// lost reports whether the only way that it may take is gone: the next one is to be looked for.
func (k *acknowledgement) lost() bool {
	select {
	case <-k.flow.Done():
		return true
	default: // also without one
		return false
	}
}

func (k *acknowledgement) send() {
	k.hop.Send(k.wire) // lost with its way: the peer repeats its 2xx, and we this
}

// again sends it once more: by UDP after all when there is no connection (RFC 3261, Section 18.1.1).
func (k *acknowledgement) again() {
	if k.udp != nil {
		if _, connected := k.hop.Flow(); !connected {
			k = k.udp
		}
	}
	k.send()
}
