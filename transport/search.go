package transport

import (
	"context"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// What a response may cost whose way back is lost: anybody can ask for one, and name any host as the one that it is to go to.
const (
	maxSearches  = 16               // at one time; beyond it a response is lost with its way
	maxTried     = 4                // connections for one
	searchWithin = 10 * time.Second // the look-up and all of them: who asked is gone long before it gives up
)

// search looks for another way for a response that could not be delivered to a new connection either: "If that connection attempt fails,
// the server SHOULD use the procedures in [4] for servers" (RFC 3261, Section 18.2.2; RFC 3263, Section 5). It reports false when there is none to look
// for; else it goes on in a goroutine of its own, and err is what Config.Failed hears when nothing is found.
func (s *stream) search(it item, err error) bool {
	l := s.l
	h := it.hop
	if l.cfg.LocateResponse == nil || h.away || h.pinned() || it.searched || !it.message() {
		return false
	}
	m := new(parser.Message)
	if m.Parse(it.wire.AppendTo(nil)) != nil || m.IsRequest() {
		return false
	}
	via, bad := m.Via()
	if bad != nil {
		return false
	}
	if l.searches.Add(1) > maxSearches || l.isClosed() {
		l.searches.Add(-1)
		return false
	}
	it.searched = true
	l.running.Go(func() { // s itself is counted until this is
		defer l.searches.Add(-1)
		if l.deliver(it, via, s.peer) {
			return
		}
		s.undelivered(it, err)
	})
	return true
}

// deliver gives a response to the first server of via that takes a connection. tried is where it could not be delivered.
func (l *Layer) deliver(it item, via parser.Via, tried peer) bool {
	ctx, cancel := context.WithTimeout(context.Background(), searchWithin)
	defer cancel()
	l.running.Go(func() {
		select {
		case <-l.stop:
			cancel()
		case <-ctx.Done():
		}
	})
	targets, err := l.cfg.LocateResponse(ctx, via)
	if err != nil {
		return false
	}
	for _, t := range targets[:min(len(targets), maxTried)] {
		t, err := l.check(t)
		p := peer{t.Protocol, t.Addr, t.Name}
		// "a value of TLS refers to TLS over TCP", and nothing else will do (RFC 3263, Section 5).
		if err != nil || p == tried || t.Protocol != it.hop.flow.protocol || t.Flow != (Flow{}) {
			continue
		}
		s, err := l.connect(p)
		if err != nil {
			continue
		}
		select {
		case <-s.ready:
		case <-ctx.Done():
			return false
		}
		s.mu.Lock()
		if s.conn != nil {
			err = s.put(it)
		} else {
			err = ErrClosed
		}
		s.mu.Unlock()
		if err == nil {
			it.hop.stream.Store(s) // the next one goes there at once
			return true
		}
	}
	return false
}
