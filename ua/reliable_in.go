package ua

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// ringingAgain is how long a reliable provisional response keeps proxies from giving up: they are to hear another every two and a half
// minutes (RFC 3262, Section 3), and are looked at once a minute.
const ringingAgain = 90 * time.Second

// reliably is what a callee's Call keeps for its reliable provisional responses. The call's lock guards it.
type reliably struct {
	machine   *dialog.ReliableServer
	sent      progress    // the last one
	at        time.Time   // when it was sent first
	last      bool        // no other was sent after it, reliably or not
	queue     []progress  // those behind it
	held      parser.Wire // the 2xx that waits for a PRACK
	behind    *progress   // the 2xx that waits for the answer to an offer; nil: none
	described bool        // one of them carries a session description, of which body is the first
	body      Body
	answer    Body          // to the offer in the PRACK that is being stepped
	settled   chan struct{} // closed when none is unacknowledged any more; nil: none was
}

// progress is a provisional response.
type progress struct {
	status parser.Status
	wire   parser.Wire
}

// progressReliably sends a provisional response reliably, or queues it behind one that has no PRACK yet.
func (c *Call) progressReliably(first response, body Body, more func(*parser.Builder)) error {
	c.mu.Lock()
	defer c.unlock()
	return c.addProgress(first, body, more)
}

// addProgress is progressReliably for who holds c.mu.
func (c *Call) addProgress(first response, body Body, more func(*parser.Builder)) error {
	m := c.in.invite
	if m == nil || !waiting(c.session.State()) {
		return ErrState
	}
	if c.in.rel == nil {
		seq, err := m.CSeq()
		if err != nil {
			return err
		}
		c.in.rel = &reliably{machine: dialog.NewReliableServer(seq.Number, rand.Uint32(), c.agent.timing)}
	}
	r := c.in.rel
	if !body.IsZero() && r.described && !body.equal(r.body) {
		return errDescribed
	}
	w, err := c.response(m, first, body, func(b *parser.Builder) {
		b.Header(parser.HeaderRequire, option100rel)
		b.Int(parser.HeaderRSeq, int(r.machine.RSeq()))
		c.agent.willing(b, m)
		if more != nil {
			more(b)
		}
	})
	if err != nil {
		return err
	}
	if !c.stepReliable(dialog.ReliableEvent{Kind: dialog.ReliableProvisional, Description: !body.IsZero()}, progress{first.status, w}) {
		return ErrState
	}
	if !body.IsZero() {
		r.described, r.body = true, body
		if c.in.media.x.Step(dialog.Local, dialog.CarryReliable, true) != dialog.VerdictRefuse {
			c.in.media.local = body
		}
	}
	return nil
}

var errDescribed = errors.New("sip: a reliable provisional response has said something else already")

// waiting reports whether s is a state of a callee that has not answered yet.
func waiting(s dialog.State) bool { return s == dialog.Incoming || s == dialog.Ringing }

// stepReliable drives the machine with e, which is about the response p, and does what it says. The caller holds c.mu. It returns false when the machine
// refused.
func (c *Call) stepReliable(e dialog.ReliableEvent, p progress) bool {
	r := c.in.rel
	ok := true
	var buf [3]dialog.ReliableAction
	for _, act := range r.machine.Step(buf[:0], e, time.Now()) {
		switch act {
		case dialog.ReliableSend:
			c.sendProgress(p)
		case dialog.ReliableQueue:
			r.queue = append(r.queue, p)
		case dialog.ReliableNext:
			p, r.queue = r.queue[0], r.queue[1:]
			c.sendProgress(p)
		case dialog.ReliableAgain:
			c.sendResponse(r.sent.wire, thenBye)
		case dialog.ReliableDrop:
			r.queue = nil
		case dialog.ReliableAnswer:
			if r.held.Len() > 0 {
				p, r.held = progress{parser.StatusOK, r.held}, parser.Wire{}
			}
			c.in.next = p.wire
			c.step(dialog.Event{Kind: dialog.EventAnswer, Status: p.status})
		case dialog.ReliableHold:
			r.held = p.wire
		case dialog.ReliableReject:
			c.unacknowledged()
		case dialog.ReliableOK:
			c.replyWith(parser.StatusOK, r.answer)
			r.answer = Body{}
		case dialog.ReliableUnknown:
			c.replyInside(parser.StatusDoesNotExist)
		case dialog.ReliableRefuse:
			ok = false
		}
	}
	if s := r.machine.State(); s == dialog.Acknowledged || s == dialog.Finished {
		r.settle()
	}
	return ok
}

// sendProgress sends a reliable response for the first time.
func (c *Call) sendProgress(p progress) {
	r := c.in.rel
	r.sent, r.at = p, time.Now()
	if r.settled == nil {
		r.settled = make(chan struct{})
	}
	c.in.next = p.wire
	c.step(dialog.Event{Kind: dialog.EventRing, Status: p.status})
	r.last = true // of that the session knows nothing
}

// settle tells those who wait that no response is unacknowledged.
func (r *reliably) settle() {
	if r.settled != nil {
		close(r.settled)
		r.settled = nil
	}
}

// forget lets go of all that is not needed to answer a late PRACK: a call may last for hours.
func (r *reliably) forget() {
	if r != nil {
		*r = reliably{machine: r.machine, settled: r.settled}
	}
}

// unacknowledged rejects an INVITE whose caller sends no PRACK (RFC 3262, Section 3).
func (c *Call) unacknowledged() {
	w, err := c.response(c.in.invite, response{status: parser.StatusServerTimeOut}, Body{}, nil)
	if err != nil {
		return
	}
	c.because(ErrNoPrack, false)
	c.in.next = w
	c.step(dialog.Event{Kind: dialog.EventReject, Status: parser.StatusServerTimeOut})
}

// left2xx returns the body that is left for the 2xx: none, when a reliable provisional response had it (RFC 6337, Section 3.1).
func (c *Call) left2xx(body Body) (Body, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch r := c.in.rel; {
	case r == nil || !r.described:
		return body, nil
	case body.IsZero(), body.equal(r.body):
		return Body{}, nil
	}
	return Body{}, errDescribed
}

// ringAgain keeps proxies from giving up. What was sent reliably is not sent again: another one is.
func (c *Call) ringAgain() {
	r := c.in.rel
	switch {
	case r == nil || !r.last:
		c.sendResponse(c.in.kept, thenAnswer)
	case r.machine.State() == dialog.Acknowledged && time.Since(r.at) >= ringingAgain:
		c.addProgress(response{status: r.sent.status}, Body{}, nil)
	}
}

// Acknowledged waits until every provisional response that was sent reliably has the caller's PRACK; at once when there is none to wait for. What
// the caller answered to an offer in one of them is then in Answered. Errors are ErrNoPrack and what else may have ended the call, or ctx's.
func (c *Call) Acknowledged(ctx context.Context) error {
	for {
		c.mu.Lock()
		var settled chan struct{}
		if c.in.rel != nil {
			settled = c.in.rel.settled
		}
		ended := c.told || c.session.State() == dialog.Terminated
		c.mu.Unlock()
		switch {
		case ended:
			if err := c.Err(); err != nil {
				return err
			}
			return ErrState
		case settled == nil:
			return nil
		}
		select {
		case <-settled:
		case <-c.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
