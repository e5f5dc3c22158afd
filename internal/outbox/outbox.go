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
	first E   // ahead of rest, if some: mostly there is one, which needs no slice
	rest  []E // the others
	some  bool
	busy  bool
}

// Busy reports whether an effect queued now may have to wait for another caller. The caller holds the lock.
func (q *Queue[E]) Busy() bool { return q.busy || q.waiting() }

// waiting reports whether an effect waits.
func (q *Queue[E]) waiting() bool { return q.some || len(q.rest) > 0 }

// Put queues e. It allocates only when another effect waits already. The caller holds the lock.
func (q *Queue[E]) Put(e E) {
	if q.waiting() {
		q.rest = append(q.rest, e)
		return
	}
	q.first, q.some = e, true
}

// take takes the effect whose turn it is. The caller holds the lock and knows that there is one.
func (q *Queue[E]) take() E {
	var zero E
	if q.some {
		e := q.first
		q.first, q.some = zero, false
		return e
	}
	e := q.rest[0]
	q.rest[0] = zero
	if q.rest = q.rest[1:]; len(q.rest) == 0 {
		q.rest = nil
	}
	return e
}

// Keep drops what waits, but for what keep says. The caller holds the lock.
func (q *Queue[E]) Keep(keep func(E) bool) {
	if q.some && !keep(q.first) {
		q.take()
	}
	q.rest = slices.DeleteFunc(q.rest, func(e E) bool { return !keep(e) })
}

// Do releases mu, which the caller holds, after it has run e, unless somebody else is running effects and will run e
// as well. It does not allocate unless e has to wait behind another.
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
	if q.busy {
		mu.Unlock()
		return
	}
	for q.waiting() {
		q.busy = true
		e := q.take()
		mu.Unlock()
		run(e)
		mu.Lock()
	}
	q.busy = false
	mu.Unlock()
}

// Outbox is a queue of effects that are functions. The zero Outbox is empty.
type Outbox struct{ Queue[func()] }

// Drain releases mu, which the caller holds, after it has run what was queued, unless somebody else is doing so.
func (o *Outbox) Drain(mu *sync.Mutex) { o.Queue.Drain(mu, func(f func()) { f() }) }
