package transaction

import (
	"hash/maphash"
	"sync"
)

// conns finds the transactions that hear of failures of a Conn: mostly one, and a CANCEL beside its INVITE. Those of one
// Conn are linked through prev and next, which the part's lock guards.
type conns struct {
	seed  maphash.Seed
	parts [shardCount]connsPart
}

type connsPart struct {
	mu sync.Mutex // guards m; nothing else is locked while it is held
	m  map[Conn]*transaction
}

func (c *conns) part(conn Conn) *connsPart {
	return &c.parts[maphash.Comparable(c.seed, conn)%shardCount]
}

func (c *conns) add(x *transaction) {
	s := c.part(x.conn)
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
	s := c.part(x.conn)
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
	s := c.part(conn)
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*transaction
	for x := s.m[conn]; x != nil; x = x.next {
		all = append(all, x)
	}
	return all
}

// len returns the number of Conns.
func (c *conns) len() int {
	n := 0
	for i := range c.parts {
		s := &c.parts[i]
		s.mu.Lock()
		n += len(s.m)
		s.mu.Unlock()
	}
	return n
}
