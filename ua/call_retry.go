package ua

import (
	"time"

	"github.com/ringback-sip/ringback/dialog"
)

// retry reports whether the INVITE may go to another target: nobody gave up meanwhile, and no phone rings, which would go on. The next try
// has a session of its own, since its CANCEL waits for a provisional response of its own (RFC 3261, Section 9.1).
func (c *Call) retry() bool {
	c.mu.Lock()
	defer c.unlock()
	switch c.session.State() {
	case dialog.Calling, dialog.Proceeding:
	default:
		return false
	}
	if c.removed || len(c.cal.legs) > 0 {
		return false
	}
	c.anew()
	return true
}

// anew begins a new session for another INVITE.
func (c *Call) anew() {
	before := c.state
	c.begin()
	if f, s := c.opts.OnState, c.state; f != nil && s != before {
		c.tell(func() { f(s) })
	}
	c.arm(time.Now())
}
