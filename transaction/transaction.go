package transaction

import (
	"math/bits"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/internal/outbox"
	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
)

// Conn is a way there, or the way back of a request (RFC 3261, Section 18.2.2). Its dynamic type is comparable. Each use has a Conn of its
// own, but that a CANCEL and an ACK share the INVITE's, and that ways back over an unreliable transport may be shared: of failures
// on these nobody hears.
type Conn interface {
	// Send sends w and keeps it. It never blocks: it queues, and dials when it must. A failure that
	// shows later is reported by [Layer.Failed]. A server transaction hears of it only over a reliable transport: over
	// another the peer repeats its request.
	Send(w parser.Wire) error
	// Reliable reports whether the transport delivers what it takes: UDP does not, the others do.
	Reliable() bool
}

// transaction is what a Client and a Server have in common: a machine, its timers, and the order of its effects.
type transaction struct {
	*entry
	layer    *Layer
	owner    owner
	machine  machine
	reliable bool
	hears    bool // in Layer.conns

	prev, next *transaction // of the same Conn: guarded by the lock of their part of Layer.conns

	mu       sync.Mutex // guards what follows
	state    state
	settled  bool // only its entry is left
	starting bool // its first message is with its user: no timer runs yet
	repeat   slot
	deadline slot
	interval time.Duration // of repeat
	last     parser.Wire   // what is sent again
	out      outbox.Queue[job]
}

// owner is the Client or the Server around a transaction.
type owner interface {
	// step steps the machine and runs the effects. The caller holds the lock, step releases it.
	step(e event, j job) error
	// settle lets go of all but the entry, and reports true, when nobody needs more. The caller holds the lock.
	settle(w wait) bool
	// ended lets go of what a Terminated transaction does not need. The caller holds the lock.
	ended()
}

// slot is a timer that runs, or is to run when the transaction has started.
type slot struct {
	timer timers // 0: none
	at    time.Duration
	entry timer.Entry[*transaction]
}

// job is what one step wants done outside the lock, or, given to step, what came with the event.
type job struct {
	do   effects
	wire parser.Wire     // for doAnySend
	m    *parser.Message // for doTU
	err  error           // for doTUError

	final bool  // the server transaction counts as unanswered until this has run
	room  int32 // octets that are to be left of Server.left
}

// init readies x, which nobody else knows yet.
func (x *transaction) init(l *Layer, o owner, k key, c Conn) {
	x.entry = &entry{key: k, conn: c}
	x.layer, x.owner, x.reliable = l, o, c.Reliable()
}

// lines is where the deadlines of x stand.
func (x *transaction) lines() *timer.Lines[*transaction] {
	return x.layer.lines[x.key.sum[1]%shardCount]
}

// move enters the next state and sets the timers. The caller holds the lock.
func (x *transaction) move(next state, a actions) {
	if x.state == stateTerminated {
		return
	}
	x.state = next
	if next == stateTerminated {
		x.stop(timerEvery)
		x.owner.ended()
		return
	}
	if a.start|a.stop|a.again == 0 {
		return
	}
	x.stop(a.stop)
	if w, ok := waitOf(a.start); ok && x.owner.settle(w) {
		x.settled = true
		x.stop(timerEvery)
		return
	}
	now := x.layer.now()
	for t := a.start; t != 0; t &= t - 1 {
		one := timers(1) << bits.TrailingZeros16(uint16(t))
		d := x.layer.cfg.duration(x.machine, one)
		switch {
		case one&repeating == 0:
			x.set(&x.deadline, one, now, d)
		case one != timerRefresh || d > 0: // else it is off
			x.interval = d
			x.set(&x.repeat, one, now, d)
		}
	}
	if a.again != 0 {
		x.interval = x.layer.cfg.next(next, a.again, x.interval)
		x.set(&x.repeat, a.again, now, x.interval)
	}
}

// set starts timer t. The caller holds the lock.
func (x *transaction) set(s *slot, t timers, now, d time.Duration) {
	s.timer, s.at = t, now+d
	if !x.starting {
		x.lines().Arm(&s.entry, x, d, s.at)
	}
}

// stop stops the timers of a set. The caller holds the lock.
func (x *transaction) stop(t timers) {
	for _, s := range [...]*slot{&x.repeat, &x.deadline} {
		if s.timer&t != 0 {
			s.timer = 0
			if !x.starting {
				x.lines().Stop(&s.entry)
			}
		}
	}
}

// started lets the timers run that the first event started, if they are needed still: most requests are answered while they are being handed
// on. The caller holds the lock.
func (x *transaction) started() {
	x.starting = false
	for _, s := range [...]*slot{&x.repeat, &x.deadline} {
		if s.timer != 0 {
			x.lines().Arm(&s.entry, x, x.layer.cfg.duration(x.machine, s.timer), s.at)
		}
	}
}

// unarmed reports whether x lives and no timer ends its state.
func (x *transaction) unarmed() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.state == stateTerminated || x.settled || x.starting {
		return false
	}
	s := &x.deadline
	return s.timer == 0 || s.at > x.layer.now() && !x.lines().Armed(&s.entry)
}

// fire runs when a deadline has passed.
func (x *transaction) fire() {
	for {
		x.mu.Lock()
		t := x.due()
		if t == 0 {
			x.mu.Unlock()
			return
		}
		x.owner.step(t.fired(), job{})
	}
}

// due takes the timer that is due, the one that ends something first: there is no use in sending then. When none is, it was
// stopped or set anew while it fired. The caller holds the lock.
func (x *transaction) due() timers {
	if x.starting {
		return 0
	}
	now := x.layer.now()
	for _, s := range [...]*slot{&x.deadline, &x.repeat} {
		if t := s.timer; t != 0 && s.at <= now {
			x.stop(t)
			return t
		}
	}
	return 0
}

// fail tells the machine that something could not be sent.
func (x *transaction) fail(err error) {
	x.mu.Lock()
	x.owner.step(eventTransportError, job{err: err})
}

// drop ends the transaction; its user hears nothing any more. What it has answered is still sent.
func (x *transaction) drop() {
	x.mu.Lock()
	server := x.machine == inviteServer || x.machine == nonInviteServer
	x.out.Keep(func(j job) bool {
		kept := server && j.do&doAnySend != 0 && j.do&^doAnySend == 0
		if j.final && !kept {
			x.layer.unanswered.Add(-1)
		}
		return kept
	})
	x.move(stateTerminated, actions{})
	x.mu.Unlock()
}

// send sends a job's message, if it has one. The caller does not hold the lock.
func (x *transaction) send(j job) {
	if j.do&doAnySend == 0 {
		return
	}
	if j.do&doResend != 0 {
		x.layer.counts.resent.Add(1)
	}
	if err := x.conn.Send(j.wire); err != nil {
		x.fail(err)
	}
}

// Conn returns the way that the transaction uses.
func (x *transaction) Conn() Conn { return x.conn }

// Method returns the method of the request.
func (x *transaction) Method() parser.Method { return x.key.method }
