package transport

import "errors"

// ErrSilent: the peer of a connection did not answer what it was asked, and said nothing else either.
var ErrSilent = errors.New("the peer of the connection says nothing")

// Watch calls failed, once and from a goroutine of the layer that holds no lock, when the flow's connection has ended. Nothing is sent for it: see
// [Flow.KeepAlive] for what finds peers that are gone. A UDP flow does not end before its layer, and failed is not called for one. The error is
// ErrClosed when it has ended already. stop ends it; failed is not called after that, unless it is being called already.
func (f Flow) Watch(failed func(error)) (stop func(), err error) {
	switch {
	case f.stream != nil:
		return f.stream.watch(failed)
	case f.socket != nil:
		return func() {}, nil
	}
	return nil, ErrClosed
}

// watcher is somebody who wants to hear of a stream's end.
type watcher struct{ failed func(error) }

// watch is Watch of a stream.
func (s *stream) watch(failed func(error)) (stop func(), err error) {
	w := &watcher{failed}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stateClosed {
		return nil, ErrClosed
	}
	if s.watchers == nil {
		s.watchers = make(map[*watcher]struct{})
	}
	s.watchers[w] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, w)
	}, nil
}

// Heard returns a number that grows whenever the peer of the flow's connection says something: who had no answer sees whether there was anything
// at all. It is 0 over UDP.
func (f Flow) Heard() uint64 {
	if f.stream == nil {
		return 0
	}
	f.stream.mu.Lock()
	defer f.stream.mu.Unlock()
	return f.stream.words
}

// Abort ends the flow's connection at once, so that nothing more is sent into the void: err is why, for those who hear of it. A UDP flow stays.
func (f Flow) Abort(err error) {
	if f.stream != nil {
		f.stream.abort(err)
	}
}
