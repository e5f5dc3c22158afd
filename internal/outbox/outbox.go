// Package outbox runs the effects of a state machine in order, one at a time, outside the lock that guards it.
//
// Whoever holds the lock queues effects and ends with a call that drains. One caller at a time drains; what
// others put meanwhile is run by it. An effect may therefore call back into the object it came from.
package outbox

import (
	"slices"
	"sync"
)

// Queue is a queue of effects that a function runs. The zero Queue is empty. The mutex given to its methods guards it.
// After an effect panicked no other runs.
type Queue[E any] struct {
	queue []E
	busy  bool
}

// Busy reports whether an effect queued now may have to wait for another caller. The caller holds the lock.
func (q *Queue[E]) Busy() bool { return q.busy || len(q.queue) > 0 }

// Put queues e. The caller holds the lock.
func (q *Queue[E]) Put(e E) { q.queue = append(q.queue, e) }

// Keep drops what waits, but for what keep says. The caller holds the lock.
func (q *Queue[E]) Keep(keep func(E) bool) {
	q.queue = slices.DeleteFunc(q.queue, func(e E) bool { return !keep(e) })
}

// Do releases mu, which the caller holds, after it has run e, unless somebody else is running effects and will run e
// as well. It does not allocate unless e has to wait.
func (q *Queue[E]) Do(mu *sync.Mutex, e E, run func(E)) {
	if q.Busy() {
		q.Put(e)
	} else {
		q.busy = true
		mu.Unlock()
		run(e)
		mu.Lock()
		q.busy = false
	}
	q.Drain(mu, run)
}

// Drain releases mu, which the caller holds, after it has run what was queued, unless somebody else is doing so.
func (q *Queue[E]) Drain(mu *sync.Mutex, run func(E)) {
	if q.busy || len(q.queue) == 0 {
		mu.Unlock()
		return
	}
	q.busy = true
	for len(q.queue) > 0 {
		e := q.queue[0]
		clear(q.queue[:1])
		q.queue = q.queue[1:]
		mu.Unlock()
		run(e)
		mu.Lock()
	}
	q.queue, q.busy = nil, false
	mu.Unlock()
}

// Outbox is a queue of effects that are functions. The zero Outbox is empty.
type Outbox struct{ Queue[func()] }

// Drain releases mu, which the caller holds, after it has run what was queued, unless somebody else is doing so.
func (o *Outbox) Drain(mu *sync.Mutex) { o.Queue.Drain(mu, func(f func()) { f() }) }
