package registrar

import (
	"sync"

	"github.com/ringback-sip/ringback/ua"
)

// lanes has the requests of each address of record answered one at a time, in the order of arrival, and those of different ones at the same
// time. The zero lanes is ready.
type lanes struct {
	mu   sync.Mutex               // guards busy
	busy map[string][]*ua.Request // who waits, of each address of record that somebody is busy with
}

// run has serve answer r on a goroutine of the agent, when all of key that came before are answered. It reports false when there is no place.
func (l *lanes) run(key string, r *ua.Request, serve func(*ua.Request)) bool {
	l.mu.Lock()
	waiting, busy := l.busy[key]
	switch {
	case busy && len(waiting) >= maxWaiting:
		l.mu.Unlock()
		return false
	case busy:
		l.busy[key] = append(waiting, r)
		l.mu.Unlock()
		return true
	}
	if l.busy == nil {
		l.busy = make(map[string][]*ua.Request)
	}
	l.busy[key] = nil
	l.mu.Unlock()
	if l.start(key, r, serve) {
		return true
	}
	l.next(key, serve)
	return false
}

// start answers r, and then the next one of its lane, even when serve panics: the agent answers for it.
func (l *lanes) start(key string, r *ua.Request, serve func(*ua.Request)) bool {
	return r.Go(func() {
		defer l.next(key, serve)
		serve(r)
	})
}

// next starts who waits in a lane, or closes it.
func (l *lanes) next(key string, serve func(*ua.Request)) {
	for {
		l.mu.Lock()
		waiting := l.busy[key]
		if len(waiting) == 0 {
			delete(l.busy, key)
			l.mu.Unlock()
			return
		}
		r := waiting[0]
		l.busy[key] = waiting[1:]
		l.mu.Unlock()
		if l.start(key, r, serve) {
			return
		}
		busy(r)
	}
}
