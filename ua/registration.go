package ua

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/internal/outbox"
	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// ErrUnbound: the registrar said yes, and bound nothing.
var ErrUnbound = errors.New("sip: the registrar granted no time")

// Registration is an address of record that is registered, and stays so by itself: refreshed before it expires, made anew when its flow
// fails, tried again after longer and longer waits while the registrar is away (RFC 3261, Section 10.2; RFC 5626, Section 4). It ends by
// Unregister, by a refusal that stays, or with its agent. Its methods are safe for concurrent use.
type Registration struct {
	*enrolment
	agent *Agent
	key   string        // of the address of record
	home  parser.URI    // the registrar that was asked for
	begun chan struct{} // closed when it is known what becomes of the first REGISTER
	done  chan struct{}
	bound atomic.Bool

	mu     sync.Mutex // guards what follows
	client *registration.Client
	timer  timer.Node
	out    outbox.Outbox
	hooks  hooks
	state  registration.State // the last one that was told
	why    error              // why the last REGISTER, or the flow, failed
	err    error              // why it is over
	moved  []parser.URI       // the registrars that a 3xx named
	plain  bool               // the way does not support outbound: 439
	seen   bool               // there is a NAT on the way: our own Contact is where the registrar sees us
	again  bool               // it was registered anew for that
	public string             // host and port at which the registrar sees us
	pinned bool               // a refresh goes where the last REGISTER went
	turn   int                // counts the REGISTERs
	drop   context.CancelFunc // of the one that is under way
	got    granted            // by the last 2xx
	own    string             // our own Contact in it
	line   line
}

// Register registers an address of record, and keeps it registered until the end of the Registration. It returns when the registrar has
// accepted the first REGISTER and OnState has heard of that; an error is *ResponseError when it refused, ErrUnbound, ErrClosed, transaction.ErrTimeout, the transport's, or ctx's:
// then what was bound meanwhile is removed in the background.
func (a *Agent) Register(ctx context.Context, opts *RegisterOptions) (*Registration, error) {
	e, err := a.enrol(opts)
	if err != nil {
		return nil, err
	}
	e.number = 0 // "increment the CSeq value by one for each REGISTER request with the same Call-ID" (RFC 3261, Section 10.2)
	r := &Registration{enrolment: e, agent: a, key: recordKey(e.remote), home: e.uri, begun: make(chan struct{}), done: make(chan struct{})}
	r.timer.Init(r.tick)
	r.line.probe.Init(r.probe)
	r.mu.Lock()
	now := time.Now()
	r.client = registration.NewClient(a.patience(), e.opts.Expires, e.opts.Persist, now)
	r.state = r.client.State()
	if err := a.addRegistration(r); err != nil {
		r.mu.Unlock()
		return nil, err
	}
	r.report(r.state)
	r.perform(registration.ActionRegister)
	r.timer.Arm(now, r.client.Next())
	r.unlock()
	if e.opts.Persist {
		return r, nil
	}
	select {
	case <-r.begun:
	case <-ctx.Done():
		r.unregister()
		return nil, ctx.Err()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client.State() == registration.Ended {
		return nil, r.err
	}
	return r, nil
}

// patience returns the times that registrations wait for.
func (a *Agent) patience() registration.Timing {
	return registration.Timing{Request: 600 * a.cfg.T1, Remove: 64*a.cfg.T1 + a.cfg.T4}
}

// Done is closed when the registration is over, and the application has heard of every state.
func (r *Registration) Done() <-chan struct{} { return r.done }

// Err says why a registration that is over ended: nil when it was removed as Unregister wanted, else *ResponseError, transaction.ErrTimeout or
// one of this package's errors. It is nil before.
func (r *Registration) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// State returns where the registration stands.
func (r *Registration) State() registration.State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client.State()
}

// Expires returns when our own binding expires if it is not refreshed, the zero Time when there is none.
func (r *Registration) Expires() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.client.Expires()
}

// Bindings returns all that is bound to the address of record, by whomever, as the registrar's last answer had it and as far as it has not
// expired.
func (r *Registration) Bindings() []Binding {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	return slices.DeleteFunc(slices.Clone(r.got.bindings), func(b Binding) bool { return !b.Expires.After(now) })
}

// Path returns the servers that requests to us pass, as the registrar's last answer had them (RFC 3327, Section 5.1).
func (r *Registration) Path() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got.path)
}

// ServiceRoute returns the servers that requests of this address of record pass behind the outbound proxy, as the registrar's last answer had
// them (RFC 3608). The agent sends its requests along them.
func (r *Registration) ServiceRoute() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s []string
	for _, u := range r.got.service {
		s = append(s, string(u.Raw()))
	}
	return s
}

// GRUU returns the public and the temporary GRUU, "" for what the registrar did not give (RFC 5627, Section 4.2).
func (r *Registration) GRUU() (public, temporary string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got.public, r.got.temporary
}

// Unregister removes our own bindings and ends the registration. It returns what Err says when it is over, which is within 64*T1 + T4 when no
// REGISTER was under way; or ctx's error, and then the rest goes on without it.
func (r *Registration) Unregister(ctx context.Context) error {
	r.unregister()
	select {
	case <-r.done:
		return r.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *Registration) unregister() {
	r.mu.Lock()
	r.step(registration.Event{Kind: registration.EventUnregister})
	r.unlock()
}

// tick is called by the timer.
func (r *Registration) tick() {
	r.mu.Lock()
	r.step(registration.Event{Kind: registration.EventTimer})
	r.unlock()
}

// step drives the machine and queues what it asks for. The caller holds r.mu and ends with r.unlock.
func (r *Registration) step(e registration.Event) {
	now := time.Now()
	e.Chance, e.Others = rand.Float64(), r.agent.another(r)
	var buf [2]registration.Action
	for _, act := range r.client.Step(buf[:0], e, now) {
		r.perform(act)
	}
	s := r.client.State()
	if s == r.state {
		r.timer.Arm(now, r.client.Next())
		return
	}
	first := r.state == registration.Trying
	r.state = s
	r.bound.Store(s.Bound())
	if s == registration.Waiting { // what is known of the way may be why
		r.pinned, r.plain, r.uri, r.moved = false, false, r.home, nil
	}
	r.report(s)
	if first {
		r.hooks.queue = append(r.hooks.queue, func() { close(r.begun) })
	}
	if s == registration.Ended {
		r.leave()
		r.hooks.queue = append(r.hooks.queue, func() { close(r.done) })
		r.out.Put(func() { r.agent.removeRegistration(r) })
	}
	r.timer.Arm(now, r.client.Next())
}

// perform queues what the machine asks for.
func (r *Registration) perform(act registration.Action) {
	switch act {
	case registration.ActionRegister, registration.ActionUnregister:
		r.turn++
		turn := r.turn
		r.out.Put(func() {
			if !r.agent.lookups.run(func() { r.send(turn, act) }) {
				r.answer(turn, attempt{err: ErrClosed})
			}
		})
	case registration.ActionDrop:
		r.turn++ // whoever answers is not heard
		if !errors.Is(r.why, ErrClosed) {
			r.why = transaction.ErrTimeout
		}
		if r.drop != nil {
			r.out.Put(r.drop)
			r.drop = nil
		}
	case registration.ActionEnded:
		r.err = r.why
	}
}

// report queues the application's function.
func (r *Registration) report(s registration.State) {
	if f := r.opts.OnState; f != nil {
		err := r.why
		r.hooks.queue = append(r.hooks.queue, func() { r.agent.guarded(func() { f(s, err) }) })
	}
}

// unlock ends what r.mu.Lock began: the queued effects run outside the lock, and the application's functions on a goroutine of the pool.
func (r *Registration) unlock() {
	wake := !r.hooks.busy && len(r.hooks.queue) > 0
	if wake {
		r.hooks.busy = true
	}
	r.out.Drain(&r.mu)
	if wake && !r.agent.lookups.run(r.tell) {
		r.tell()
	}
}

// tell runs the application's functions until none is queued.
func (r *Registration) tell() {
	for {
		r.mu.Lock()
		if len(r.hooks.queue) == 0 {
			r.hooks = hooks{}
			r.mu.Unlock()
			return
		}
		f := r.hooks.queue[0]
		r.hooks.queue = r.hooks.queue[1:]
		r.mu.Unlock()
		f()
	}
}

// attempt is what became of one REGISTER.
type attempt struct {
	msg   *parser.Message
	err   error
	way   *transport.Hop
	sent  []parser.NameAddr
	own   string // our Contact
	seen  string // what it is where the registrar sees us
	asked time.Duration
	last  uint32 // the number of its last try
}

// close ends the registration without a word, when its agent is gone.
func (r *Registration) close() {
	r.mu.Lock()
	r.why = ErrClosed
	r.step(registration.Event{Kind: registration.EventClosed})
	r.unlock()
}
