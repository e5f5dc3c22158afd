package resolver

import (
	"sync"
	"time"
)

// maxTTL is the longest that an answer is kept, whatever its TTL: a domain that moves is followed within the hour.
const maxTTL = time.Hour

// entry is what a cache holds of one question.
type entry struct {
	answer Answer
	until  time.Time
}

// asked is what one question is about: a name in lower case and without the final dot, and a type.
type asked struct {
	name string
	t    Type
}

// cache keeps answers for their TTL, also those that there is no such record (RFC 2308). It holds at most max of them. Safe for
// concurrent use.
type cache struct {
	max int

	mu      sync.Mutex // guards what follows
	entries map[asked]entry
}

func newCache(most int) *cache { return &cache{max: most, entries: make(map[asked]entry)} }

// get returns the answer to a, false when there is none that is true at now. Its TTL is what is left of it.
func (c *cache) get(a asked, now time.Time) (Answer, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[a]
	if !ok || !now.Before(e.until) {
		return Answer{}, false
	}
	e.answer.TTL = e.until.Sub(now)
	return e.answer, true
}

// put keeps the answer to a, which nobody writes to any more, unless its TTL says that it is for once.
func (c *cache) put(a asked, answer Answer, now time.Time) {
	ttl := min(answer.TTL, maxTTL)
	if ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.entries[a]; !ok && len(c.entries) >= c.max {
		c.makeRoom()
	}
	c.entries[a] = entry{answer, now.Add(ttl)}
}

// sample is how many answers are looked at to find one that can go.
const sample = 16

// makeRoom drops the answer that ends first, of some that a map returns in no order. c.mu is held.
func (c *cache) makeRoom() {
	var first asked
	var until time.Time
	n := 0
	for a, e := range c.entries {
		if n == 0 || e.until.Before(until) {
			first, until = a, e.until
		}
		if n++; n == sample {
			break
		}
	}
	delete(c.entries, first)
}

// size returns the number of answers, of which some may be old.
func (c *cache) size() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries)
}
