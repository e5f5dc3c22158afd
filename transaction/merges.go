package transaction

import "sync"

// merges finds the live server transactions of one request, whatever way its copies came.
type merges [shardCount]mergesPart

type mergesPart struct {
	mu sync.Mutex // guards x; nothing else is locked while it is held
	x  index
}

func (g *merges) part(k mergeKey) *mergesPart { return &g[k%shardCount] }

// add adds p and reports whether there was another of its request.
func (g *merges) add(p *entry) bool {
	s := g.part(p.merge)
	s.mu.Lock()
	defer s.mu.Unlock()
	other := s.x.find(p.merge.hash(), func(o *entry) bool { return o.merge == p.merge })
	s.x.add(p.merge.hash(), p)
	return other != nil
}

// remove removes p, if it has a key.
func (g *merges) remove(p *entry) {
	if p.merge == 0 {
		return
	}
	s := g.part(p.merge)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.x.remove(p.merge.hash(), p)
}

// len returns the number of transactions.
func (g *merges) len() int {
	n := 0
	for i := range g {
		s := &g[i]
		s.mu.Lock()
		n += s.x.n
		s.mu.Unlock()
	}
	return n
}
