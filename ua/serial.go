package ua

import "sync"

// maxQueued bounds the requests of one call that wait for its handler.
const maxQueued = 64

// serial runs the handlers of one call's requests one at a time, in arrival order.
type serial struct {
	mu    sync.Mutex // guards what follows
	queue []func()
	busy  bool
}

// run queues f, a handler with what it is to handle, for a goroutine of p. It reports false when there is no place.
func (s *serial) run(p *pool, f func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= maxQueued || !s.busy && !p.run(s.drain) {
		return false
	}
	s.queue, s.busy = append(s.queue, f), true // drain waits for the lock
	return true
}

func (s *serial) drain() {
	for {
		s.mu.Lock()
		if len(s.queue) == 0 {
			s.queue, s.busy = nil, false
			s.mu.Unlock()
			return
		}
		f := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		f()
	}
}
