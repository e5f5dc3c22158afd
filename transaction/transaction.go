package transaction

import (
	"math/bits"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/internal/outbox"
	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
)

// Conn is a way there, or the way back of a request (RFC 3261, Section 18.2.2). Each use has a Conn of its own, whose
// dynamic type is comparable; a CANCEL and an ACK share the INVITE's.
type Conn interface {
	// Send sends w and keeps it. It never blocks: it queues, and dials when it must. A failure that
	// shows later is reported by [Layer.Failed].
	Send(w parser.Wire) error
	// Reliable reports whether the transport delivers what it takes: UDP does not, the others do.
	Reliable() bool
}

// transaction is what a Client and a Server have in common: a machine, its timers, and the order of its effects.
type transaction struct {
	layer    *Layer
	owner    owner
	key      key
	conn     Conn
	machine  machine
	reliable bool

	prev, next *transaction // of the same Conn: guarded by its shard's lock

	mu       sync.Mutex // guards what follows
	state    state
	repeat   slot
	deadline slot
	interval time.Duration // of repeat
	node     timer.Node    // armed to the earlier of repeat and deadline
	last     parser.Wire   // what is sent again
	out      outbox.Queue[job]
}

// owner is the Client or the Server around a transaction.
type owner interface {
	// step steps the machine and runs the effects. The caller holds the lock, step releases it.
	step(e event, j job) error
	// ended lets go of what a Terminated transaction does not need. The caller holds the lock.
	ended()
}

// slot is a timer that runs.
type slot struct {
	timer timers // 0: none
	at    time.Duration
}

// job is what one step wants done outside the lock, or, given to step, what came with the event.
type job struct {
	do   effects
	wire parser.Wire     // for doAnySend
	m    *parser.Message // for doTU
	err  error           // for doTUError
}

// init readies x, which nobody else knows yet.
func (x *transaction) init(l *Layer, o owner, k key, c Conn) {
	x.layer, x.owner, x.key, x.conn, x.reliable = l, o, k, c, c.Reliable()
	x.node.Init(x.fire)
}

// move enters the next state and sets the timers. The caller holds the lock.
func (x *transaction) move(next state, a actions) {
	if x.state == stateTerminated {
		return
	}
	x.state = next
	if next == stateTerminated {
		x.repeat, x.deadline = slot{}, slot{}
		x.node.Stop()
		x.owner.ended()
		return
	}
	if a.start|a.stop|a.again == 0 {
		return
	}
	for _, s := range []*slot{&x.repeat, &x.deadline} {
		if s.timer&a.stop != 0 {
			*s = slot{}
		}
	}
	l := x.layer
	now := l.now()
	for t := a.start; t != 0; t &= t - 1 {
		one := timers(1) << bits.TrailingZeros16(uint16(t))
		d := l.cfg.duration(x.machine, one)
		switch {
		case one&repeating == 0:
			x.deadline = slot{one, now + d}
		case one != timerRefresh || d > 0: // else it is off
			x.repeat, x.interval = slot{one, now + d}, d
		}
	}
	if a.again != 0 {
		x.interval = l.cfg.next(next, a.again, x.interval)
		x.repeat = slot{a.again, now + x.interval}
	}
	x.arm(now)
}

// arm sets the node to the earlier slot. The caller holds the lock.
func (x *transaction) arm(now time.Duration) {
	s := x.deadline
	if s.timer == 0 || x.repeat.timer != 0 && x.repeat.at < s.at {
		s = x.repeat
	}
	if s.timer == 0 {
		x.node.Stop()
		return
	}
	x.node.Arm(x.layer.epoch.Add(now), x.layer.epoch.Add(s.at))
}

// fire runs when the node's deadline has passed.
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

// due takes the timer that is due, the one that ends something first: there is no use in sending then. When none is, the
// node was armed anew while it fired. The caller holds the lock.
func (x *transaction) due() timers {
	now := x.layer.now()
	for _, s := range []*slot{&x.deadline, &x.repeat} {
		if s.timer != 0 && s.at <= now {
			t := s.timer
			*s = slot{}
			return t
		}
	}
	x.arm(now)
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
	x.out.Keep(func(j job) bool { return server && j.do&doAnySend != 0 && j.do&^doAnySend == 0 })
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
