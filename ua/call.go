package ua

import (
	"context"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/internal/outbox"
	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// Call is one call, placed by Agent.Call or given to Config.OnCall: an INVITE, what became of it, and the dialog it made
// (RFC 3261, Sections 12 to 15). Its methods are safe for concurrent use. A call always ends: every state that a peer can leave
// it in has a deadline.
type Call struct {
	agent *Agent
	auth  *auth.Client // of all its requests
	role  dialog.Role
	id    string        // Call-ID
	done  chan struct{} // closed when the call is over for the application
	gone  chan struct{} // closed when nothing is left of it
	opts  *CallOptions  // read only, as who has none shares it
	me    me            // set before the call is known to others

	mu      sync.Mutex // guards what follows
	session *dialog.Session
	timer   timer.Node
	answers []func() // to a BYE or CANCEL: what they wait for is nobody's
	out     outbox.Outbox
	hooks   hooks
	peer    peer
	dialog  *dialog.Dialog // the caller's that was answered first, or the callee's
	err     error
	byPeer  bool
	told    bool // done is closed
	removed bool // gone is closed
	apart   bool // what it sends may wait for a look-up: see asks
	dialogs []dialog.ID
	state   dialog.State    // the last one that OnState heard of
	body    Body            // the peer's answer, or its late offer
	leaving []Field         // what the application adds to the message that ends the call
	ended   *parser.Message // by which the peer ended it, once Ended was asked
	byes    []byte          // the octets of that
	expires time.Time       // when the INVITE lapses without an answer; zero: never
	lapsed  bool
	release func() // of the connection that the call is on, which is not idle meanwhile

	in        *incoming      // of a callee; a caller's is shared and never written
	cal       *calling       // the other way round
	now       inside         // the request that is being stepped
	way       *transport.Hop // that of the INVITE, when its transaction is over
	settles   time.Time      // when that is at a callee; zero: not known yet, or past
	changes   changes
	refresher dialog.SessionTimer

	messages serial
	packages packages
	takes    *takeover // nil: nothing
}

// Done is closed when the call is over: ended by either side, refused, cancelled, or given up.
func (c *Call) Done() <-chan struct{} { return c.done }

// Err says why a call that is over ended: nil after a BYE of either side, else *ResponseError, transaction.ErrTimeout or
// one of this package's errors. It is nil before.
func (c *Call) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// EndedByPeer reports whether the other side ended the call.
func (c *Call) EndedByPeer() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.told && c.byPeer
}

// State returns where the call's session stands.
func (c *Call) State() dialog.State {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session.State()
}

// ID returns the dialog's identifier; its tags are empty as far as they are not known yet.
func (c *Call) ID() dialog.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dialog != nil {
		return c.dialog.ID()
	}
	return dialog.ID{CallID: c.id, LocalTag: c.cal.first.tag}
}

// Answered returns the session body that the peer sent after the INVITE: of its 2xx for a caller, of its ACK for a
// callee whose INVITE had none.
func (c *Call) Answered() Body {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.body
}

// Hangup ends the call, whatever its state: CANCEL, BYE, or 480 when it was not answered yet. It returns when nothing is left to
// be done: the peer confirmed, or stopped answering; or with ctx's error, and then the rest goes on without it. The
// functions of CallOptions, which must not wait, must not call it but on a goroutine of their own. What ends the call gets the header fields, of which
// Reason.Field makes one; when those cannot be written, that is the error and the call goes on.
func (c *Call) Hangup(ctx context.Context, header ...Field) error {
	if len(header) > 0 {
		if err := writable(header); err != nil {
			return err
		}
	}
	c.hangup(header...)
	select {
	case <-c.gone:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *Call) hangup(header ...Field) {
	c.mu.Lock()
	if c.leaving == nil {
		c.leaving = header
	}
	switch c.session.State() {
	case dialog.Calling, dialog.Proceeding:
		c.because(ErrCanceled, false)
	}
	c.step(dialog.Event{Kind: dialog.EventHangup})
	c.unlock()
}

// tick is called by the timer.
func (c *Call) tick() {
	c.mu.Lock()
	now := time.Now()
	if set := c.cal.set; set != nil {
		ended, over := set.Expire(now)
		c.leave(ended...)
		if over {
			c.settle()
		}
	}
	if !c.settles.IsZero() && !now.Before(c.settles) {
		c.settles = time.Time{}
		c.settle()
	}
	c.lapse(now)
	if c.in.rel != nil {
		c.stepReliable(dialog.ReliableEvent{Kind: dialog.ReliableTimer}, progress{})
	}
	c.step(dialog.Event{Kind: dialog.EventTimer})
	c.tickChanges()
	c.tickTimer(now)
	c.unlock()
}

// step drives the session and queues what it asks for. The caller holds c.mu and ends with c.unlock. It returns
// false when the session refused a user's event.
func (c *Call) step(e dialog.Event) bool {
	now := time.Now()
	before := c.session.State()
	var buf [6]dialog.Action
	ok := true
	for _, act := range c.session.Step(buf[:0], e, now) {
		if act.Kind == dialog.ActionRefuse {
			ok = false
			continue
		}
		c.perform(act, e.Kind, before)
	}
	if c.in.rel != nil && !waiting(c.session.State()) { // the INVITE has its final response
		c.stepReliable(dialog.ReliableEvent{Kind: dialog.ReliableFinal}, progress{})
	}
	if s := c.session.State(); s != c.state {
		c.state = s
		if f := c.opts.OnState; f != nil {
			c.tell(func() { f(s) })
		}
	}
	c.arm(now)
	return ok
}

// arm sets the timer to the next deadline. A call whose session is over leaves the agent's tables at once: late 2xx responses still
// reach it through the INVITE's transaction.
func (c *Call) arm(now time.Time) {
	if c.session.State() == dialog.Terminated && !c.changes.any() {
		c.remove()
	}
	if c.removed { // by Shutdown, whatever its state
		c.timer.Stop()
		return
	}
	next := c.session.Next()
	if c.cal.set != nil {
		next = earlier(next, c.cal.set.Next())
	}
	if c.in.rel != nil {
		next = earlier(next, c.in.rel.machine.Next())
	}
	c.timer.Arm(now, earlier(earlier(earlier(next, c.settles), c.expiry()), earlier(c.changes.next(), c.refresher.Next())))
}

// earlier returns the earlier of two times, of which the zero Time is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// remove queues the end of the call's places in the agent's tables.
func (c *Call) remove() {
	if c.removed {
		return
	}
	c.removed = true
	if c.release != nil {
		c.release()
	}
	ids := c.dialogs
	c.dialogs = nil
	c.out.Put(func() {
		for _, id := range ids {
			c.agent.removeDialog(id)
		}
		if t := c.in.tx; t != nil {
			t.Done()
		}
		c.agent.removeCall(c)
		c.behind(func() { close(c.gone) })
	})
}

// join queues the dialog's entry in the agent's table.
func (c *Call) join(id dialog.ID) {
	if c.removed {
		return
	}
	c.dialogs = append(c.dialogs, id)
	c.agent.addDialog(id, c)
}

// unlock ends what c.mu.Lock began: the queued effects run outside the lock. Answers to a BYE or CANCEL go first and at
// once; the rest in order, one at a time. What may have to wait runs elsewhere than in the reader: the application's functions, and
// what an agent sends that looks up names.
func (c *Call) unlock() {
	answers, wake := c.answers, c.wake()
	c.answers = nil
	apart := c.apart && c.out.Busy()
	switch {
	case answers == nil && !wake && !apart:
		c.out.Drain(&c.mu)
		return
	case answers == nil && !apart:
		c.out.Drain(&c.mu)
	default:
		c.mu.Unlock()
	}
	for _, f := range answers {
		f()
	}
	drain := func() {
		c.mu.Lock()
		c.out.Drain(&c.mu)
	}
	if apart {
		c.elsewhere(drain)
	} else if answers != nil {
		drain()
	}
	if wake {
		c.elsewhere(c.runHooks)
	}
}

// elsewhere runs f on another goroutine; after Shutdown, when no reader is left, on this one.
func (c *Call) elsewhere(f func()) {
	if !c.agent.lookups.run(f) {
		f()
	}
}

// end tells the application that the call is over, once.
func (c *Call) end() {
	if c.told {
		return
	}
	c.told = true
	c.endEarly(nil)
	c.out.Put(func() { close(c.done) })
}

// because records why the call ends, unless a reason is known already.
func (c *Call) because(err error, byPeer bool) {
	if c.err == nil && !c.told {
		c.err, c.byPeer = err, byPeer
	}
}

// byeSent follows the BYE's own transaction; whatever becomes of it, the call is over (RFC 3261, Section 15.1.1).
type byeSent struct{ call *Call }

func (b byeSent) Response(_ *transaction.Client, m *parser.Message) {
	if m.Status().Final() {
		b.done()
	}
}

func (b byeSent) Failed(*transaction.Client, error) { b.done() }

func (b byeSent) done() {
	b.call.mu.Lock()
	b.call.step(dialog.Event{Kind: dialog.EventByeDone})
	b.call.unlock()
}
