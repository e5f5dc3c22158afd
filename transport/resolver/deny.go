package resolver

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

const (
	// firstDenial is how long a target stands back after it failed once; each further failure doubles it. Who tries it too early waits for
	// half of that: the timeout of a transaction, 64*T1.
	firstDenial = time.Minute
	// quiet is what has to pass without a failure, besides as long again as the denial, until it is forgotten: a failure takes 64*T1 to be
	// found out.
	quiet = time.Minute
	// maxDenial is the longest, also where a server says more itself: nobody is out for good.
	maxDenial = 10 * time.Minute
	// maxDenied bounds the list.
	maxDenied = 1024
)

// DenyList remembers targets that failed: for some time they are tried after the others, never left out, since a target that may work is
// better than none. A failure is forgotten some time after that, or when the target has worked. The zero DenyList is empty. Safe for
// concurrent use.
type DenyList struct {
	n atomic.Int32 // the length of denials

	mu      sync.Mutex // guards what follows
	denials map[transport.Target]denial
}

// denial is what is remembered of one target.
type denial struct {
	until, forget time.Time
	last          time.Duration
}

// Failed records that t failed at now: it could not be reached, or did not answer.
func (d *DenyList) Failed(t transport.Target, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := firstDenial
	if old, ok := d.denials[t]; ok && now.Before(old.forget) {
		if now.Before(old.until) {
			return // others found out at the same time
		}
		n = min(2*old.last, maxDenial)
	}
	d.add(t, denial{now.Add(n), now.Add(2*n + quiet), n}, now)
}

// Busy records that t wants no new work for some time (RFC 3261, Section 21.5.4).
func (d *DenyList) Busy(t transport.Target, now time.Time, after time.Duration) {
	after = min(after, maxDenial)
	if after <= 0 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if old := d.denials[t]; now.Add(after).After(old.until) {
		d.add(t, denial{now.Add(after), now.Add(after), firstDenial}, now)
	}
}

// Worked forgets what was wrong with t.
func (d *DenyList) Worked(t transport.Target) {
	if d.n.Load() == 0 { // as nearly always
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.denials, t)
	d.n.Store(int32(len(d.denials)))
}

// Order returns the targets with those that are denied at now behind the others, the first to be free first. It does not change targets,
// and does not allocate while nothing is denied.
func (d *DenyList) Order(targets []transport.Target, now time.Time) []transport.Target {
	if d.n.Load() == 0 || len(targets) < 2 {
		return targets
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	targets = slices.Clone(targets)
	slices.SortStableFunc(targets, func(a, b transport.Target) int { return d.until(a, now).Compare(d.until(b, now)) })
	return targets
}

// Len returns the number of targets that are remembered.
func (d *DenyList) Len() int { return int(d.n.Load()) }

// until returns when t is free, the zero time when it is. d.mu is held.
func (d *DenyList) until(t transport.Target, now time.Time) time.Time {
	if u := d.denials[t].until; now.Before(u) {
		return u
	}
	return time.Time{}
}

// add remembers a denial, in the place of what is over or ends first. d.mu is held.
func (d *DenyList) add(t transport.Target, n denial, now time.Time) {
	if d.denials == nil {
		d.denials = make(map[transport.Target]denial)
	}
	if _, ok := d.denials[t]; !ok && len(d.denials) >= maxDenied {
		d.makeRoom(now)
	}
	d.denials[t] = n
	d.n.Store(int32(len(d.denials)))
}

// makeRoom drops what is to be forgotten, or else what is forgotten first. d.mu is held.
func (d *DenyList) makeRoom(now time.Time) {
	var first transport.Target
	var forget time.Time
	for t, n := range d.denials {
		if !now.Before(n.forget) {
			delete(d.denials, t)
		}
		if forget.IsZero() || n.forget.Before(forget) {
			first, forget = t, n.forget
		}
	}
	if len(d.denials) >= maxDenied {
		delete(d.denials, first)
	}
}
