package transport

import (
	"context"
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
	s := l.remotes[p]
	l.mu.Unlock()
	if s == nil || !s.takes() {
		return nil
	}
	return s
}

// connect returns the stream to p. If there is none, it adds one that is being dialled: whoever asks for p meanwhile
// gets the same.
func (l *Layer) connect(p peer) (*stream, error) {
	local := l.bindTo(p.protocol, p.addr) // may ask for the route: not under the lock
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil, ErrClosed
	}
	if s := l.remotes[p]; s != nil && s.takes() {
		return s, nil
	}
	if err := l.room(p.addr.Addr()); err != nil {
		l.counts.rejected.Add(1)
		return nil, fmt.Errorf("connect to %s: %w", p.addr, err)
	}
	s := newStream(l, p)
	ctx, cancel := context.WithTimeout(context.Background(), l.cfg.Limits.bound(stateDialing))
	s.cancel = cancel
	l.streams[s] = struct{}{}
	l.remotes[p] = s
	l.dialing[s] = struct{}{}
	l.running.Go(func() { s.dial(ctx, local) })
	return s, nil
}

// room returns why no connection to addr can be dialled now. l.mu is held.
func (l *Layer) room(addr netip.Addr) error {
	limits := &l.cfg.Limits
	if len(l.streams) >= limits.Connections || len(l.dialing) >= limits.Dials {
		return ErrLimit
	}
	same := 0
	for s := range l.dialing {
		if site(s.peer.addr.Addr()) == site(addr) {
			same++
		}
	}
	if same >= limits.DialsPerAddress && !l.trusted(addr) {
		return ErrLimit
	}
	return nil
}

// accept takes conn, which n accepted, or closes it when a limit says so or nobody can tell who it is.
func (l *Layer) accept(n *listener, conn net.Conn) {
	from := addrPort(conn.RemoteAddr())
	s := newStream(l, peer{protocol: n.protocol, addr: from})
	s.source = site(from.Addr())
	s.attach(conn)
	if !from.IsValid() || !l.admit(s) {
		l.counts.rejected.Add(1)
		l.cfg.Logger.Debug("connection turned away", "remote", conn.RemoteAddr())
		_ = conn.Close()
	}
}

// admit adds an accepted stream and starts it, unless a limit is reached.
func (l *Layer) admit(s *stream) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	limits := &l.cfg.Limits
	switch {
	case l.closed, len(l.streams) >= limits.Connections:
		return false
	case l.sources[s.source] >= limits.ConnectionsPerSource && !l.trusted(s.peer.addr.Addr()):
		return false
	}
	l.streams[s] = struct{}{}
	l.sources[s.source]++
	l.remotes[s.peer] = s
	l.running.Go(s.serve)
	return true
}

// connected notes that s is not being dialled any more.
func (l *Layer) connected(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.dialing, s)
}

// remove takes s out of the tables.
func (l *Layer) remove(s *stream) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.streams, s)
	delete(l.dialing, s)
	if l.remotes[s.peer] == s {
		delete(l.remotes, s.peer)
	}
	if !s.source.IsValid() {
		return
	}
	if l.sources[s.source]--; l.sources[s.source] == 0 {
		delete(l.sources, s.source)
	}
}
