package siptest

import (
	"sync"
	"time"
)

// deadline is a read or write deadline of a socket. The network's lock guards it.
type deadline struct {
	at    time.Time
	timer *time.Timer
}

// set sets the deadline, zero for none, and has those who wait on c look again now and when it passes.
func (d *deadline) set(at time.Time, c *sync.Cond) {
	d.stop()
	d.at = at
	c.Broadcast()
	if wait := time.Until(at); !at.IsZero() && wait > 0 {
		d.timer = time.AfterFunc(wait, func() {
			c.L.Lock()
			c.Broadcast()
			c.L.Unlock()
		})
	}
}

// stop stops the timer.
func (d *deadline) stop() {
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}

// passed reports whether there is a deadline and it has passed.
func (d *deadline) passed() bool { return !d.at.IsZero() && !time.Now().Before(d.at) }
