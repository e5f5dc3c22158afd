// Package outbox runs the effects of a state machine in order, one at a time, outside the lock that guards it.
//
// Whoever holds the lock queues effects with Put and ends with Drain. One caller at a time drains; what
// others put meanwhile is run by it. An effect may therefore call back into the object it came from.
package outbox

import "sync"

// Outbox is a queue of effects. The zero Outbox is empty. The mutex given to Drain guards it.
type Outbox struct {
	queue []func()
	busy  bool
}

// Put queues f. The caller holds the lock.
func (o *Outbox) Put(f func()) { o.queue = append(o.queue, f) }

// Drain releases mu, which the caller holds, after it has run what was queued, unless somebody else is doing so.
func (o *Outbox) Drain(mu *sync.Mutex) {
	if o.busy || len(o.queue) == 0 {
		mu.Unlock()
		return
	}
	o.busy = true
	for len(o.queue) > 0 {
		f := o.queue[0]
		o.queue[0] = nil
		o.queue = o.queue[1:]
		mu.Unlock()
		f()
		mu.Lock()
	}
	o.queue, o.busy = nil, false
	mu.Unlock()
}
