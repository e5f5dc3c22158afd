package transaction

import (
	"sync"
	"time"
)

// shardCount divides each table, so that readers of different flows seldom wait for each other.
const shardCount = 16

// An entry is what a table knows of a transaction, and all that is left of one that has settled.
type entry struct {
	key   key
	conn  Conn
	merge mergeKey // of a server transaction

	live *transaction // nil once it has settled: guarded by the shard's lock; what follows is set then

	again []byte // what a repetition is answered with
	ends  time.Duration
	later *entry // in line: guarded by the shard's lock
}

// A shard is a part of a table. Nothing else is locked while mu is held.
type shard struct {
	mu      sync.Mutex // guards what follows
	x       index
	closed  bool // Shutdown has been here
	settled [waitCount]line
}

// A table finds the transactions by their keys. What is not in it does not exist (RFC 3261, Section 17.1: destroyed
// at once).
type table struct {
	now    func() time.Duration
	waits  [waitCount]time.Duration
	forget func(*entry) // told of a settled one that was removed; it may be nil
	shards [shardCount]shard
}

func (t *table) shard(k key) *shard { return &t.shards[k.sum[0]%shardCount] }

// find returns the transaction with key k or, once it has settled, what is left of it; nil and nil when there is none.
func (t *table) find(k key) (x *transaction, settled *entry) {
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.find(k)
	switch {
	case p == nil:
		return nil, nil
	case p.live != nil:
		return p.live, nil
	}
	return nil, p
}

// add adds x under its key, unless that is taken: then it returns false. It fails with ErrShutdown.
func (t *table) add(x *transaction) (ok bool, err error) {
	s := t.shard(x.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false, ErrShutdown
	}
	if s.find(x.key) != nil {
		return false, nil
	}
	x.live = x
	s.x.add(x.key.hash(), x.entry)
	return true, nil
}

// find returns the entry with key k, nil when there is none. The caller holds the lock.
func (s *shard) find(k key) *entry {
	return s.x.find(k.hash(), func(p *entry) bool { return p.key == k })
}

// remove removes p and reports whether it was there.
func (t *table) remove(p *entry) bool {
	s := t.shard(p.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.remove(p)
}

// remove is table.remove for who holds the lock.
func (s *shard) remove(p *entry) bool { return s.x.remove(p.key.hash(), p) }

// len returns the number of transactions.
func (t *table) len() int {
	n := 0
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		n += s.x.n
		s.mu.Unlock()
	}
	return n
}

// live returns the transactions that have not settled.
func (t *table) live() []*transaction {
	var all []*transaction
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		all = s.live(all)
		s.mu.Unlock()
	}
	return all
}

// live appends those of s to all. The caller holds the lock.
func (s *shard) live(all []*transaction) []*transaction {
	for _, p := range s.x.entries {
		if p != nil && p.live != nil {
			all = append(all, p.live)
		}
	}
	return all
}

// close refuses further transactions, removes the settled ones and returns the others.
func (t *table) close() []*transaction {
	var all []*transaction
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		s.closed = true
		all = s.live(all)
		var gone []*entry
		for w := range s.settled {
			for p := s.settled[w].take(); p != nil; p = s.settled[w].take() {
				if s.remove(p) {
					gone = append(gone, p)
				}
			}
		}
		s.mu.Unlock()
		for _, p := range gone {
			t.forgotten(p)
		}
	}
	return all
}

// forgotten says that p, which had settled, was removed. Nothing is locked.
func (t *table) forgotten(p *entry) {
	if t.forget != nil {
		t.forget(p)
	}
}
