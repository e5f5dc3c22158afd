package transaction

import (
	"hash/maphash"
	"sync"
)

// shardCount divides each table, so that readers of different flows seldom wait for each other.
const shardCount = 16

// A shard is a part of a table. Nothing else is locked while mu is held.
type shard[K comparable, V any] struct {
	mu     sync.Mutex // guards what follows
	m      map[K]V
	closed bool // Shutdown has been here
}

// A table finds the live transactions by their keys. What is not in it does not exist (RFC 3261, Section 17.1: destroyed
// at once).
type table [shardCount]shard[key, *transaction]

func (t *table) shard(k key) *shard[key, *transaction] { return &t[k.sum[0]%shardCount] }

// get returns the transaction with key k, nil when there is none.
func (t *table) get(k key) *transaction {
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.m[k]
}

// add adds x under k, or returns the transaction that has the key already. It fails with ErrShutdown.
func (t *table) add(k key, x *transaction) (old *transaction, err error) {
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrShutdown
	}
	if old := s.m[k]; old != nil {
		return old, nil
	}
	if s.m == nil {
		s.m = make(map[key]*transaction)
	}
	s.m[k] = x
	return nil, nil
}

// remove removes x if it is what k finds.
func (t *table) remove(k key, x *transaction) {
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m[k] == x {
		delete(s.m, k)
	}
}

// len returns the number of transactions.
func (t *table) len() int {
	n := 0
	for i := range t {
		s := &t[i]
		s.mu.Lock()
		n += len(s.m)
		s.mu.Unlock()
	}
	return n
}

// all returns the transactions that are there.
func (t *table) all() []*transaction {
	var all []*transaction
	for i := range t {
		s := &t[i]
		s.mu.Lock()
		for _, x := range s.m {
			all = append(all, x)
		}
		s.mu.Unlock()
	}
	return all
}

// close refuses further transactions and returns those that are there.
func (t *table) close() []*transaction {
	var all []*transaction
	for i := range t {
		s := &t[i]
		s.mu.Lock()
		s.closed = true
		for _, x := range s.m {
			all = append(all, x)
		}
		s.mu.Unlock()
	}
	return all
}

// conns finds the transactions that use a Conn: mostly one, and a CANCEL beside its INVITE. Those of one
// Conn are linked through prev and next, which the shard's lock guards.
type conns struct {
	seed   maphash.Seed
	shards [shardCount]shard[Conn, *transaction]
}

func (c *conns) shard(conn Conn) *shard[Conn, *transaction] {
	return &c.shards[maphash.Comparable(c.seed, conn)%shardCount]
}

func (c *conns) add(x *transaction) {
	s := c.shard(x.conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = make(map[Conn]*transaction)
	}
	if first := s.m[x.conn]; first != nil {
		x.next, first.prev = first, x
	}
	s.m[x.conn] = x
}

func (c *conns) remove(x *transaction) {
	s := c.shard(x.conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case x.prev != nil:
		x.prev.next = x.next
	case x.next != nil:
		s.m[x.conn] = x.next
	default:
		delete(s.m, x.conn)
	}
	if x.next != nil {
		x.next.prev = x.prev
	}
	x.prev, x.next = nil, nil
}

// of returns the transactions that use conn.
func (c *conns) of(conn Conn) []*transaction {
	s := c.shard(conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*transaction
	for x := s.m[conn]; x != nil; x = x.next {
		all = append(all, x)
	}
	return all
}

// merges counts the live server transactions of each request, whatever way its copies came.
type merges [shardCount]shard[mergeKey, int]

func (g *merges) shard(k mergeKey) *shard[mergeKey, int] { return &g[k%shardCount] }

// add counts one more and returns how many there were.
func (g *merges) add(k mergeKey) int {
	s := g.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m == nil {
		s.m = make(map[mergeKey]int)
	}
	n := s.m[k]
	s.m[k] = n + 1
	return n
}

func (g *merges) remove(k mergeKey) {
	s := g.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.m[k]; n > 1 {
		s.m[k] = n - 1
	} else {
		delete(s.m, k)
	}
}
