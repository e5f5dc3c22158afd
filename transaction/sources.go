package transaction

import (
	"hash/maphash"
	"net/netip"
	"sync"
)

// sources counts the unfinished server transactions of each source, but those that the core answers before it returns. A
// source is forgotten with the last of them, so that there are never more sources than transactions.
type sources struct {
	seed   maphash.Seed
	shards [shardCount]struct {
		mu sync.Mutex // guards m
		m  map[netip.Addr]int
	}
}

func (s *sources) shard(a netip.Addr) int {
	return int(maphash.Comparable(s.seed, a) % shardCount)
}

// add counts n more, or less, of a.
func (s *sources) add(a netip.Addr, n int) {
	sh := &s.shards[s.shard(a)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if sh.m == nil {
		sh.m = make(map[netip.Addr]int)
	}
	if n += sh.m[a]; n > 0 {
		sh.m[a] = n
	} else {
		delete(sh.m, a)
	}
}

// of returns the number of a.
func (s *sources) of(a netip.Addr) int {
	sh := &s.shards[s.shard(a)]
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return sh.m[a]
}

// len returns the number of sources.
func (s *sources) len() int {
	n := 0
	for i := range s.shards {
		sh := &s.shards[i]
		sh.mu.Lock()
		n += len(sh.m)
		sh.mu.Unlock()
	}
	return n
}

// source returns what c counts against, the zero Addr when that has no limit.
func (l *Layer) source(c Conn) netip.Addr {
	if l.cfg.Source == nil {
		return netip.Addr{}
	}
	return l.cfg.Source(c)
}
