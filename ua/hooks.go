package ua

// hooks are the calls of the application's functions that one call has in mind: one at a time, in order, and on a
// goroutine of the pool, so that neither a reader nor a message of the call waits for the application. The call's lock
// guards it.
type hooks struct {
	queue []func()
	busy  bool // a goroutine runs them
}

// tell queues a call of the application.
func (c *Call) tell(f func()) {
	c.hooks.queue = append(c.hooks.queue, func() { c.agent.guarded(f) })
}

// behind runs f when the application has heard of all that was queued; at once when there is nothing. The caller does not hold
// c.mu.
func (c *Call) behind(f func()) {
	c.mu.Lock()
	if c.hooks.busy || len(c.hooks.queue) > 0 {
		c.hooks.queue = append(c.hooks.queue, f)
		c.unlock()
		return
	}
	c.mu.Unlock()
	f()
}

// wake reports whether somebody has to run what is queued, and makes it the caller. The caller holds c.mu.
func (c *Call) wake() bool {
	if c.hooks.busy || len(c.hooks.queue) == 0 {
		return false
	}
	c.hooks.busy = true
	return true
}

// runHooks runs what is queued until there is nothing.
func (c *Call) runHooks() {
	for {
		c.mu.Lock()
		if len(c.hooks.queue) == 0 {
			c.hooks = hooks{}
			c.mu.Unlock()
			return
		}
		f := c.hooks.queue[0]
		c.hooks.queue = c.hooks.queue[1:]
		c.mu.Unlock()
		f()
	}
}
