package ua

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// probeEvery is how often a registrar that answers no other keep-alive is asked for OPTIONS: as often as STUN would (RFC 5626, Section 4.4.2).
const probeEvery = 29 * time.Second

// line is the flow that a registration stands on, and what finds out that it has failed (RFC 5626, Section 4.4): pings where they were agreed, the end
// of the connection in any case, and OPTIONS where there is nothing else. The zero line is none. The lock of the registration guards it.
type line struct {
	flow    transport.Flow
	pings   bool          // they were agreed
	every   time.Duration // Flow-Timer
	release func()        // of the hold on the flow's connection
	stop    func()        // of what watches it
	probe   timer.Node    // of OPTIONS
	pause   time.Duration // between two; 0: none
	heard   bool          // one was answered, on whatever flow: the registrar knows them
}

// targets returns where to send on the flow, nil when it is gone: "Registrations that merely refresh an existing binding are sent over the same
// flow as the original registration" (RFC 5626, Section 4.2.2).
func (l *line) targets() []transport.Target {
	if l.flow == (transport.Flow{}) {
		return nil
	}
	select {
	case <-l.flow.Done():
		return nil
	default:
	}
	if l.flow.Reliable() {
		return []transport.Target{{Flow: l.flow}}
	}
	return []transport.Target{{Protocol: l.flow.Protocol(), Addr: l.flow.Remote()}}
}

// settle makes the way of a REGISTER that had success the registration's. m is the 2xx.
func (r *Registration) settle(h *transport.Hop, m *parser.Message) {
	var f transport.Flow
	if h != nil {
		f, _ = h.Flow()
	}
	l := &r.line
	if f == l.flow && r.got.outbound == l.pings && r.got.every == l.every && l.flow != (transport.Flow{}) {
		return
	}
	r.leave()
	l.flow, l.pings, l.every = f, r.got.outbound, r.got.every
	if f == (transport.Flow{}) {
		return // it broke when the answer was there: the connection's end was told to nobody
	}
	l.release = f.Hold()
	failed := func(err error) { r.failed(f, err) }
	var err error
	if l.pings {
		l.stop, err = f.KeepAlive(l.every, failed)
	} else {
		l.stop, err = f.Watch(failed)
		l.pause = r.probing(f, m)
		r.rest()
	}
	if err != nil {
		r.out.Put(func() { r.failed(f, err) })
	}
}

// leave forgets the flow.
func (r *Registration) leave() {
	l := &r.line
	if l.stop != nil {
		l.stop()
	}
	if l.release != nil {
		l.release()
	}
	l.probe.Stop()
	l.flow, l.stop, l.release, l.pause = transport.Flow{}, nil, nil, 0
}

// failed takes the end of a flow.
func (r *Registration) failed(f transport.Flow, err error) {
	r.mu.Lock()
	defer r.unlock()
	if f != r.line.flow {
		return
	}
	r.leave()
	r.pinned, r.why = false, err
	r.step(registration.Event{Kind: registration.EventFlowFailed})
}

// probing returns how often OPTIONS is to be sent on f, 0 for never.
func (r *Registration) probing(f transport.Flow, m *parser.Message) time.Duration {
	switch {
	case f.Reliable() || r.opts.Probe < 0:
		return 0
	case r.opts.Probe > 0:
		return r.opts.Probe
	case translated(m):
		return probeEvery
	}
	return 0
}

// translated reports whether the request that m answers came from another address than we sent it from: there is a NAT on the way, which forgets us
// when we are silent.
func translated(m *parser.Message) bool {
	via, err := m.Via()
	if err != nil {
		return false
	}
	host, literal := transport.Literal(via.Host())
	if !literal {
		return false // what is advertised
	}
	if v, ok := via.Param("received"); ok {
		at, err := netip.ParseAddr(string(v))
		if err == nil && at.Unmap() != host {
			return true
		}
	}
	port, ok := via.RPort()
	own := via.Port()
	if own == 0 {
		own = 5060
	}
	return ok && port != 0 && int(port) != own
}

// rest waits for the time of the next OPTIONS: at random, so that those who began together do not go on together.
func (r *Registration) rest() {
	if pause := r.line.pause; pause > 0 {
		now := time.Now()
		r.line.probe.Arm(now, now.Add(pause-rand.N(pause/5+1)))
	}
}

// probe asks whether the registrar is still there.
func (r *Registration) probe() {
	r.mu.Lock()
	targets := r.line.targets()
	if r.line.pause == 0 || targets == nil {
		r.mu.Unlock()
		return
	}
	f := r.line.flow
	r.mu.Unlock()
	r.agent.lookups.run(func() { r.ask(f, targets) })
}

// ask sends OPTIONS. Whatever the answer, somebody is there.
func (r *Registration) ask(f transport.Flow, targets []transport.Target) {
	to := string(r.home.Raw())
	first, err := r.agent.newFirst(parser.MethodOptions, to, r.opts.From)
	if err != nil {
		return // the registrar's URI was read before
	}
	first.route = r.route
	e := &errand{first: first, auth: r.auth, targets: targets}
	_, err = r.agent.run(context.Background(), e)
	var refused *ResponseError
	answered := err == nil || errors.As(err, &refused)
	r.mu.Lock()
	if f != r.line.flow {
		r.mu.Unlock()
		return
	}
	switch {
	case answered && r.seen && e.way != nil && r.public != r.agent.mapped.at(e.way):
		r.mu.Unlock()
		r.failed(f, transport.ErrMapping) // calls go to where nobody is any more
		return
	case answered:
		r.line.heard = true
		r.rest()
	case r.line.heard || !errors.Is(err, transaction.ErrTimeout):
		r.mu.Unlock()
		r.failed(f, err)
		return
	default: // it answers no OPTIONS, and says nothing by that
		r.line.pause = 0
	}
	r.unlock()
}
