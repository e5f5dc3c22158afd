package transaction

import "sync"

// merges counts the live server transactions of each request, whatever way its copies came.
type merges [shardCount]mergesPart

type mergesPart struct {
	mu sync.Mutex // guards m; nothing else is locked while it is held
	m  map[mergeKey]int32
}

func (g *merges) part(k mergeKey) *mergesPart { return &g[k%shardCount] }

// add counts one more and returns how many there were.
func (g *merges) add(k mergeKey) int {
	s := g.part(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = make(map[mergeKey]int32)
	}
	n := s.m[k]
	s.m[k] = n + 1
	return int(n)
}

// remove counts one less. The key that is none was not counted.
func (g *merges) remove(k mergeKey) {
	if k == 0 {
		return
	}
	s := g.part(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.m[k]; n > 1 {
		s.m[k] = n - 1
	} else {
		delete(s.m, k)
	}
}

// len returns the number of requests.
func (g *merges) len() int {
	n := 0
	for i := range g {
		s := &g[i]
		s.mu.Lock()
		n += len(s.m)
		s.mu.Unlock()
	}
	return n
}
