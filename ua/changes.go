package ua

import (
	"time"

	"github.com/ringback-sip/ringback/dialog"
)

// changes is what a call keeps of the requests that change its session, while there are any. The call's lock guards it.
type changes struct {
	ours   *ours         // our re-INVITE or UPDATE
	invite *theirs       // the peer's re-INVITE, until its ACK
	update *theirs       // the peer's UPDATE
	turn   chan struct{} // closed when one of them is over; nil while nobody waits for that
}

// any reports whether there is one.
func (s *changes) any() bool { return s.ours != nil || s.invite != nil || s.update != nil }

// next returns the time of the next deadline, the zero Time when there is none.
func (s *changes) next() (at time.Time) {
	if s.ours != nil {
		at = s.ours.life.Next()
	}
	for _, th := range [...]*theirs{s.invite, s.update} {
		if th != nil {
			at = earlier(at, th.life.Next())
		}
	}
	return at
}

// tickChanges lets the changes look at the time. The caller holds c.mu.
func (c *Call) tickChanges() { c.stepChanges(dialog.Event{Kind: dialog.EventTimer}) }

// endChanges tells the changes that the call is over. The caller holds c.mu.
func (c *Call) endChanges() { c.stepChanges(dialog.Event{Kind: dialog.EventBye}) }

func (c *Call) stepChanges(e dialog.Event) {
	if o := c.changes.ours; o != nil {
		o.step(e)
	}
	for _, th := range [...]*theirs{c.changes.invite, c.changes.update} {
		if th != nil {
			th.step(e)
		}
	}
}

// free wakes who waits for the other requests of the call. The caller holds c.mu.
func (c *Call) free() {
	c.proceed()
	if c.changes.turn != nil {
		close(c.changes.turn)
		c.changes.turn = nil
	}
}

// wait returns what free closes. The caller holds c.mu.
func (c *Call) wait() <-chan struct{} {
	if c.changes.turn == nil {
		c.changes.turn = make(chan struct{})
	}
	return c.changes.turn
}

// onOffer returns the application's function, nil when there is none.
func (c *Call) onOffer() func(*Call, Body) (Body, error) {
	if c.opts.OnOffer != nil {
		return c.opts.OnOffer
	}
	return c.agent.cfg.OnOffer
}

// Session returns the descriptions of the session that stands: ours and the peer's, as they were offered and answered last. The first
// ones stand there before the call is answered. The peer's is zero when it is longer than 4 KiB: a call does not keep such, an application
// that wants it does (Config.OnCall, Config.OnOffer).
func (c *Call) Session() (local, remote Body) {
	c.mu.Lock()
	defer c.mu.Unlock()
	m := &c.in.media
	if c.dialog != nil {
		m = c.mediaOf(c.dialog)
	}
	return m.local, m.remote
}
