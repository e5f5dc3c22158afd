package auth

import (
	"sync"
	"time"
)

// remembered is how far back from the highest nonce count a server knows which ones were used: requests may overtake each other.
const remembered = 64

// window is which counts of one nonce were used: bit i is that of top-i.
type window struct {
	top  uint32
	bits uint64
}

// use marks a count as used, false when it was already, or is too old to be known (RFC 7616, Section 3.4).
func (w *window) use(n uint32) bool {
	switch {
	case w.bits == 0:
		*w = window{n, 1}
	case n > w.top:
		w.bits = w.bits<<min(n-w.top, remembered) | 1
		w.top = n
	case w.top-n >= remembered || w.bits>>(w.top-n)&1 == 1:
		return false
	default:
		w.bits |= 1 << (w.top - n)
	}
	return true
}

// counts remembers the nonces that verified once, as many as there is place for and as long as they are good. Of a nonce that it does not
// know nobody can say whether it was used when it is older than the youngest that it had to forget. Safe for concurrent use.
type counts struct {
	most     int
	lifetime time.Duration

	mu        sync.Mutex // guards what follows
	known     map[nonceID]*window
	order     []nonceID // in which they verified first
	head      int       // of order: what is before it is gone
	forgotten int64     // the highest stamp of those that were forgotten while they were good
}

// use records that a request with the nonce and count n verified, false when that may have been before: a new nonce is needed.
func (c *counts) use(id nonceID, n uint32, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(now)
	if w := c.known[id]; w != nil {
		return w.use(n)
	}
	if id.stamp <= c.forgotten {
		return false
	}
	if len(c.known) >= c.most {
		c.forgotten = max(c.forgotten, c.order[c.head].stamp)
		c.drop()
	}
	w := new(window)
	w.use(n)
	c.known[id] = w
	c.order = append(c.order, id)
	return true
}

// expire drops those that are not good any more. The caller holds c.mu, as does that of drop.
func (c *counts) expire(now time.Time) {
	for c.head < len(c.order) && now.UnixNano()-c.order[c.head].stamp > int64(c.lifetime) {
		c.drop()
	}
}

// drop drops the one that verified first.
func (c *counts) drop() {
	delete(c.known, c.order[c.head])
	c.head++
	if c.head*2 > len(c.order) {
		n := copy(c.order, c.order[c.head:])
		c.order, c.head = c.order[:n], 0
	}
}

// len returns how many are known.
func (c *counts) len(now time.Time) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.expire(now)
	return len(c.known)
}
