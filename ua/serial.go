package ua

import "sync"

// maxQueued bounds the requests of one call that wait for its handler.
const maxQueued = 64

// serial runs the handlers of one call's requests one at a time, in arrival order.
type serial struct {
	mu    sync.Mutex // guards what follows
	queue []*Request
	busy  bool
}

// run queues r for Config.OnMessage or Config.OnInfo, false when there is no place.
func (s *serial) run(r *Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) >= maxQueued || !s.busy && !r.agent.handlers.run(s.drain) {
		return false
	}
	s.queue, s.busy = append(s.queue, r), true // drain waits for the lock
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
		r := s.queue[0]
		s.queue = s.queue[1:]
		s.mu.Unlock()
		r.message()
	}
}
