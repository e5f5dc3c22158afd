package timer

import (
	"sync"
	"time"
)

// Lines holds the deadlines of many objects whose waits are of few different lengths. Those that wait equally long stand in line:
// their deadlines pass in the order in which they were set, so that setting and stopping one costs a few pointers
// whatever their number, and a line shares one time.Timer, which runs only while somebody stands in it. Create with
// NewLines; safe for concurrent use. Nothing of the caller's is locked while its lock is held.
type Lines[O any] struct {
	epoch time.Time
	fire  func(O)

	mu    sync.Mutex // guards what follows, and all entries
	lines []*line[O] // few: as many as there are different waits
}

// line holds the entries of one wait, the earliest deadline first.
type line[O any] struct {
	wait        time.Duration
	first, last *Entry[O]
	timer       *time.Timer
	due         time.Duration // when timer fires: never after the first deadline
	running     bool
}

// Entry is one deadline of the object that embeds it. The zero Entry is not armed.
type Entry[O any] struct {
	object     O
	line       *line[O] // nil: not armed
	prev, next *Entry[O]
	at         time.Duration
}

// NewLines makes Lines whose time counts from epoch. fire runs on a goroutine of a line, without any lock, for each object whose
// deadline has passed, one after the other: it must not block. It may run for a deadline that was stopped or moved just
// then, and so compares the time with the object's own idea of its deadline.
func NewLines[O any](epoch time.Time, fire func(O)) *Lines[O] {
	return &Lines[O]{epoch: epoch, fire: fire}
}

// Arm sets the deadline of e, an entry of o, to at, or moves it there. wait is how long o waits altogether, and says which line it stands in: the same
// for all objects of one kind.
func (l *Lines[O]) Arm(e *Entry[O], o O, wait, at time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.line != nil && e.line.wait != wait {
		l.stop(e)
	}
	if e.line != nil {
		e.line.unlink(e) // its line's timer is about to be set
	}
	n := l.line(wait)
	e.object, e.at = o, at
	n.link(e)
	l.run(n)
}

// Stop disarms e.
func (l *Lines[O]) Stop(e *Entry[O]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stop(e)
}

// Armed reports whether e has a deadline, and a timer runs that fires by then.
func (l *Lines[O]) Armed(e *Entry[O]) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return e.line != nil && e.line.running && e.line.due <= max(e.at, l.now())
}

// Running returns the number of timers that run: none when no entry is armed.
func (l *Lines[O]) Running() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if line.running {
			n++
		}
	}
	return n
}

func (l *Lines[O]) now() time.Duration { return time.Since(l.epoch) }

// stop is Stop for who holds the lock.
func (l *Lines[O]) stop(e *Entry[O]) {
	n := e.line
	if n == nil {
		return
	}
	n.unlink(e)
	if n.first == nil {
		n.stop()
	}
}

// line returns the line of those who wait so long. The caller holds the lock.
func (l *Lines[O]) line(wait time.Duration) *line[O] {
	for _, n := range l.lines {
		if n.wait == wait {
			return n
		}
	}
	n := &line[O]{wait: wait}
	l.lines = append(l.lines, n)
	return n
}

// run sees to it that the timer of n fires by its first deadline. It may fire earlier, when the first one has left: then it is set again, which
// is cheaper than to set it at each leaving. The caller holds the lock.
func (l *Lines[O]) run(n *line[O]) {
	if n.running && n.due <= n.first.at {
		return
	}
	n.due, n.running = n.first.at, true
	d := max(n.due-l.now(), 0)
	if n.timer == nil {
		n.timer = time.AfterFunc(d, func() { l.pass(n) })
		return
	}
	n.timer.Reset(d)
}

// stop stops the timer of n.
func (n *line[O]) stop() {
	if n.running {
		n.timer.Stop()
		n.running = false
	}
}

// pass fires for the deadlines of n that have passed.
func (l *Lines[O]) pass(n *line[O]) {
	for {
		l.mu.Lock()
		e := n.first
		if e == nil {
			n.stop()
			l.mu.Unlock()
			return
		}
		if e.at > l.now() {
			n.running = false
			l.run(n)
			l.mu.Unlock()
			return
		}
		n.unlink(e)
		o := e.object
		l.mu.Unlock()
		l.fire(o)
	}
}

// link puts e where its deadline belongs: at the end, but for those whose callers read the clock at the same time.
func (n *line[O]) link(e *Entry[O]) {
	before := n.last
	for before != nil && before.at > e.at {
		before = before.prev
	}
	e.line, e.prev = n, before
	if before != nil {
		e.next, before.next = before.next, e
	} else {
		e.next, n.first = n.first, e
	}
	if e.next != nil {
		e.next.prev = e
	} else {
		n.last = e
	}
}

// unlink takes e out.
func (n *line[O]) unlink(e *Entry[O]) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		n.first = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		n.last = e.prev
	}
	e.line, e.prev, e.next = nil, nil, nil
}
