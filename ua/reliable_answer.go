package ua

import "github.com/ringback-sip/ringback/dialog"

// held reports whether the application answered, and the 2xx waits for a PRACK, or for the answer to an offer.
func (c *Call) held() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.rel != nil && (c.in.rel.held.Len() > 0 || c.in.rel.behind != nil)
}

// succeed sends the 2xx p, behind what it has to wait for: the PRACK to a session description, and the end of an offer that is open beside the INVITE,
// in an UPDATE or a PRACK. Both have deadlines. It returns false when there is one already. The caller holds c.mu.
func (c *Call) succeed(p progress) bool {
	r, next := c.in.rel, c.in.media.x
	open := next.Step(dialog.Local, dialog.CarrySuccess, false) == dialog.VerdictRefuse && next.Open() != 0
	switch s := r.machine.State(); {
	case r.behind != nil:
		return false
	case open && (s == dialog.Acknowledged || s == dialog.Unacknowledged):
		r.behind = &p
		return true
	}
	return c.stepReliable(dialog.ReliableEvent{Kind: dialog.ReliableSuccess}, p)
}

// proceed sends a 2xx that waited for the answer to an offer. The caller holds c.mu.
func (c *Call) proceed() {
	if r := c.in.rel; r != nil && r.behind != nil && c.in.media.x.Open() == 0 {
		p := *r.behind
		if r.behind = nil; waiting(c.session.State()) {
			c.succeed(p)
		}
	}
}
