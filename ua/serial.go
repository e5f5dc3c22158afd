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

// run queues r for Config.OnMessage, false when there is no place.
func (s *serial) run(r *Request) bool {
	s.mu.Lock()
	if len(s.queue) >= maxQueued {
		s.mu.Unlock()
		return false
	}
	s.queue = append(s.queue, r)
	if s.busy {
		s.mu.Unlock()
		return true
	}
	s.busy = true
	s.mu.Unlock()
	if r.agent.handlers.run(s.drain) {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue, s.busy = nil, false
	return false
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
		r.serve(r.agent.cfg.OnMessage)
	}
}
