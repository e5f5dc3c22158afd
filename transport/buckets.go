package transport

import (
	"net/netip"
	"sync"
	"time"
)

// What a source may have of stateless error answers: one a second, ten at once.
const (
	refusalInterval = time.Second
	refusalBurst    = 10
	// maxBuckets bounds the table against forged sources: at 64 octets each it stays under a megabyte. A source that
	// finds it full is not answered.
	maxBuckets = 8192
)

// buckets is a token bucket for each source address. The zero buckets is ready; it is safe for concurrent use.
type buckets struct {
	mu    sync.Mutex               // guards what follows
	full  map[netip.Addr]time.Time // when the source's bucket is full again; absent: it is
	swept time.Time
}

// take takes a token from the bucket of source, and reports whether there was one.
func (b *buckets) take(source netip.Addr, now time.Time) bool {
	source = site(source)
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.swept) >= refusalBurst*refusalInterval {
		b.sweep(now) // none is older than that by much
	}
	full, known := b.full[source]
	if !known && len(b.full) >= maxBuckets {
		// A sweep looks at all of them: once in an interval is as often as it can bring anything.
		if now.Sub(b.swept) < refusalInterval {
			return false
		}
		b.sweep(now)
		if len(b.full) >= maxBuckets {
			return false
		}
	}
	if full.Before(now) {
		full = now
	}
	if full.Sub(now) > (refusalBurst-1)*refusalInterval {
		return false
	}
	if b.full == nil {
		b.full = make(map[netip.Addr]time.Time)
	}
	b.full[source] = full.Add(refusalInterval)
	return true
}

// sweep forgets the buckets that are full again. b.mu is held.
func (b *buckets) sweep(now time.Time) {
	b.swept = now
	for source, full := range b.full {
		if !full.After(now) {
			delete(b.full, source)
		}
	}
}

// len returns the number of buckets that are not full.
func (b *buckets) len(now time.Time) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sweep(now)
	return len(b.full)
}
