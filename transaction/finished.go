package transaction

import "sync"

// finished holds the server transactions that have their final response but did not settle, oldest first: nobody
// waits for them, so that they make room when room is needed. Each part is a list through Server.older and
// Server.newer, which its lock guards.
type finished [shardCount]finishedPart

type finishedPart struct {
	mu             sync.Mutex // guards what follows; nothing else is locked while it is held
	oldest, newest *Server
}

// add appends t, which is in no list.
func (f *finished) add(t *Server) {
	s := &f[t.key.sum[0]%shardCount]
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.older = s.newest; t.older != nil {
		t.older.newer = t
	} else {
		s.oldest = t
	}
	s.newest = t
}

// remove takes t out, if it is there.
func (f *finished) remove(t *Server) {
	s := &f[t.key.sum[0]%shardCount]
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.older != nil || s.oldest == t {
		s.unlink(t)
	}
}

// take takes out the oldest of one part, nil when there is none.
func (f *finished) take(part int) *Server {
	s := &f[part]
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.oldest
	if t != nil {
		s.unlink(t)
	}
	return t
}

// unlink takes t, which is there, out. s.mu is held.
func (s *finishedPart) unlink(t *Server) {
	if t.older != nil {
		t.older.newer = t.newer
	} else {
		s.oldest = t.newer
	}
	if t.newer != nil {
		t.newer.older = t.older
	} else {
		s.newest = t.older
	}
	t.older, t.newer = nil, nil
}

// overhead is what a server transaction counts besides the octets of its messages: itself, its timers, and its places in the tables.
// restOverhead is what one counts that has settled: its entry and its places.
const (
	overhead     = 1 << 10
	restOverhead = 256
)

// hold counts n octets more. Where they are too many the oldest of the finished transactions are freed, the settled ones first; it reports false,
// and counts nothing, when that does not help. Nothing is locked.
func (l *Layer) hold(k key, n int64) bool {
	if l.held.Add(n) <= l.cfg.MaxMemory {
		return true
	}
	first := int(k.sum[0]) // the parts are as full as each other: it does not matter where the search begins
	for i := range shardCount {
		for l.free((first + i) % shardCount) {
			l.counts.freed.Add(1)
			if l.held.Load() <= l.cfg.MaxMemory {
				return true
			}
		}
	}
	l.held.Add(-n)
	return false
}

// free frees one of the finished transactions of a part, and reports whether there was one.
func (l *Layer) free(part int) bool {
	if p := l.servers.oldest(part); p != nil {
		l.forget(p)
		return true
	}
	t := l.finished.take(part)
	if t == nil {
		return false
	}
	t.drop()
	return true
}
