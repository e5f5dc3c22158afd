package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
)

// peer is what a connection is found by: "the tuple formed from the address, port, and transport protocol at the far end"
// (RFC 3261, Section 18), accepted and dialled alike, and the name that a certificate was held against.
type peer struct {
	protocol Protocol
	addr     netip.AddrPort
	name     string
}

// open returns the stream to p, nil when there is none that takes messages.
func (l *Layer) open(p peer) *stream {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.find(p)
}

// find is open with l.mu held. What is found is in use from then on.
func (l *Layer) find(p peer) *stream {
	s := l.remotes[p]
	if s == nil || !s.takes() {
		return nil
	}
	l.waiting.remove(s)
	return s
}

// connect returns the stream to p. If there is none, it adds one that is being dialled: whoever asks for p meanwhile
// gets the same.
func (l *Layer) connect(p peer) (*stream, error) {
	local := l.bindTo(p.protocol, p.addr) // may ask for the route: not under the lock
	s, evicted, err := l.dialled(p, local)
	if err != nil {
		if errors.Is(err, ErrLimit) {
			l.counts.rejected.Add(1)
		}
		return nil, fmt.Errorf("connect to %s: %w", p.addr, err)
	}
	l.evict(evicted)
	return s, nil
}

// dialled is connect under the lock. Whoever made room is out of the tables, and to be ended.
func (l *Layer) dialled(p peer, local netip.Addr) (s, evicted *stream, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, nil, ErrClosed
	}
	if s := l.find(p); s != nil {
		return s, nil, nil
	}
	if l.dials(p.addr.Addr()) {
		return nil, nil, ErrLimit
	}
	if len(l.streams) >= l.cfg.Limits.Connections {
		if evicted = l.waiting.oldest(); evicted == nil {
			return nil, nil, ErrLimit
		}
		l.forget(evicted)
	}
	s = newStream(l, p)
	ctx, cancel := context.WithCancel(context.Background()) // each state on the way has its own bound
	s.cancel = cancel
	l.streams[s] = struct{}{}
	l.remotes[p] = s
	l.dialing[s] = struct{}{}
	l.running.Go(func() { s.dial(ctx, local) })
	return s, evicted, nil
}

// dials reports whether as many dials are under way as may be, in all or to addr. l.mu is held.
func (l *Layer) dials(addr netip.Addr) bool {
	if len(l.dialing) >= l.cfg.Limits.Dials {
		return true
	}
	same := 0
	for s := range l.dialing {
		if site(s.peer.addr.Addr()) == site(addr) {
			same++
		}
	}
	return same >= l.cfg.Limits.DialsPerAddress && !l.trusted(addr)
}

// evict ends a stream that made room; nil is none.
func (l *Layer) evict(s *stream) {
	if s != nil {
		l.counts.rejected.Add(1)
		s.abort(errEvicted)
	}
}

// accept takes conn, which n accepted, or closes it when a limit says so or nobody can tell who it is.
func (l *Layer) accept(n *listener, conn net.Conn) { l.take(l.accepted(n.protocol, conn)) }

// accepted returns a stream for conn, which somebody opened for p. It is in no table yet.
func (l *Layer) accepted(p Protocol, conn net.Conn) *stream {
	from := addrPort(conn.RemoteAddr())
	s := newStream(l, peer{protocol: p, addr: from})
	s.source = site(from.Addr())
	if s.lay(conn); !p.shakes() {
		s.attach(conn)
	}
	return s
}

// take adds and starts s, or closes it.
func (l *Layer) take(s *stream) {
	var evicted *stream
	admitted := false
	if s.source.IsValid() {
		evicted, admitted = l.admit(s)
	}
	l.evict(evicted)
	if !admitted {
		l.counts.rejected.Add(1)
		l.cfg.Logger.Debug("connection turned away", "remote", s.peer.addr)
		_ = s.base.Close()
	}
}

// admit adds an accepted stream and starts it, unless a limit is reached and nobody can make room. Who did is out of
// the tables, and to be ended.
func (l *Layer) admit(s *stream) (evicted *stream, admitted bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, false
	}
	limits := &l.cfg.Limits
	full := len(l.streams) >= limits.Connections
	switch {
	case l.sources[s.source] >= limits.ConnectionsPerSource && !l.trusted(s.peer.addr.Addr()):
		full, evicted = true, l.waiting.oldestOf(s.source)
	case full:
		evicted = l.waiting.oldest()
	}
	if full && evicted == nil {
		return nil, false
	}
	if evicted != nil {
		l.forget(evicted)
	}
	l.streams[s] = struct{}{}
	l.sources[s.source]++
	if s.peer.protocol == TCP {
		l.remotes[s.peer] = s // of the others nobody knows whose they are
	}
	l.waiting.add(s)
	l.running.Go(s.serve)
	return evicted, true
}

// begun notes that s, which was accepted, is in use.
func (l *Layer) begun(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting.remove(s)
}

// connected notes that s is not being dialled any more; again it changes nothing.
func (l *Layer) connected(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.dialing, s)
	l.reuse(s, s.peer.addr)
}

// remove takes s out of the tables.
func (l *Layer) remove(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget(s)
}

// forget takes s out of the tables, if it is there. l.mu is held.
func (l *Layer) forget(s *stream) {
	if _, there := l.streams[s]; !there {
		return
	}
	delete(l.streams, s)
	delete(l.dialing, s)
	l.waiting.remove(s)
	for _, p := range append(s.aliases, s.peer) {
		if l.remotes[p] == s {
			delete(l.remotes, p)
		}
	}
	if !s.source.IsValid() {
		return
	}
	if l.sources[s.source]--; l.sources[s.source] == 0 {
		delete(l.sources, s.source)
	}
}
