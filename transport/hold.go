package transport

import "sync"

// Hold keeps the flow's connection from being closed for being idle until release is called: something above depends on it, a
// dialog, a subscription, a binding. A peer that went away is found by TCP keep-alive. It has no meaning for UDP; release may be
// called more than once.
func (f Flow) Hold() (release func()) {
	s := f.stream
	if s == nil {
		return func() {}
	}
	s.mu.Lock()
	s.holds++
	s.mu.Unlock()
	return sync.OnceFunc(func() {
		s.mu.Lock()
		s.holds--
		s.mu.Unlock()
	})
}
