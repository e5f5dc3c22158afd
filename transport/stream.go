package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// stream is one connection, from before it is dialled. One goroutine dials it, reads it and ends it; another
// writes while there is something to write.
type stream struct {
	l      *Layer
	peer   peer
	source netip.Addr         // of an accepted stream: what it counts against
	cancel context.CancelFunc // of a dialled stream: gives up dialling
	wait   wait               // in Layer.waiting, under its lock

	ready chan struct{} // closed when it is connected, or never will be
	done  chan struct{} // closed when it is over

	mu      sync.Mutex // guards what follows; never held while calling conn
	rested  *sync.Cond // on mu: writing became false
	state   state      // of the reading half
	conn    net.Conn   // nil while dialling
	local   netip.AddrPort
	until   time.Time // when the bound of state has passed
	queue   []item
	queued  int       // octets in queue
	writing bool      // the writer is running
	last    bool      // nothing more is queued, and the stream ends when the queue is written
	used    time.Time // when a message of ours was last queued
	err     error     // why it ends
}

// item is one queued message.
type item struct {
	wire parser.Wire
	hop  *Hop // nil: nobody is told of a failure
}

// pong reports whether it is no message but the answer to a ping: no message is that short.
func (it item) pong() bool { return it.wire.Len() == len("\r\n") }

func newStream(l *Layer, p peer) *stream {
	s := &stream{l: l, peer: p, cancel: func() {}, ready: make(chan struct{}), done: make(chan struct{})}
	s.rested = sync.NewCond(&s.mu)
	return s
}

// attach gives s its connection; what was queued meanwhile begins to be written. It reports false when s has ended.
func (s *stream) attach(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false
	}
	s.conn = conn
	s.local = addrPort(conn.LocalAddr())
	close(s.ready)
	s.wake()
	return true
}

// dial connects s and serves it until it ends. local is the address to leave from, the zero Addr for any.
func (s *stream) dial(ctx context.Context, local netip.Addr) {
	var from netip.AddrPort
	if local.IsValid() {
		from = netip.AddrPortFrom(local, 0)
	}
	conn, err := s.l.dial(ctx, s.peer.protocol.Network(), from, s.peer.addr)
	s.cancel()
	if err != nil {
		s.end(err)
		return
	}
	if !s.attach(conn) {
		_ = conn.Close()
		s.end(ErrClosed)
		return
	}
	s.l.connected(s)
	s.serve()
}

// serve reads until the stream ends.
func (s *stream) serve() { s.end(s.read()) }

// takes reports whether a message can be queued.
func (s *stream) takes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open()
}

// open is takes with s.mu held.
func (s *stream) open() bool { return s.state.open() && s.err == nil && !s.last }

// connected returns the flow that s is, an error when it is not connected.
func (s *stream) connected() (Flow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.err != nil:
		return Flow{}, s.err
	case s.conn == nil:
		return Flow{}, ErrClosed
	}
	return Flow{protocol: s.peer.protocol, local: s.local, remote: s.peer.addr, stream: s}, nil
}

// reading returns the state of the reading half.
func (s *stream) reading() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// enter puts the reading half into st, whose time begins. On a connection that is closed the next Read says so.
func (s *stream) enter(st state) {
	s.mu.Lock()
	s.state = st
	s.until = time.Now().Add(s.l.cfg.Limits.bound(st))
	until := s.until
	s.mu.Unlock()
	_ = s.conn.SetReadDeadline(until)
}

// extend lets an idle stream stay open for as long as the last message of ours earned. It reports false when that
// time has passed too.
func (s *stream) extend() bool {
	s.mu.Lock()
	until := s.used.Add(s.l.cfg.Limits.bound(stateIdle))
	if s.used.IsZero() || !until.After(time.Now()) {
		s.mu.Unlock()
		return false
	}
	s.state, s.until = stateIdle, until
	s.mu.Unlock()
	_ = s.conn.SetReadDeadline(until)
	return true
}

// flush waits for what is queued to be written. It reports false when the stream ended over it.
func (s *stream) flush() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.writing {
		s.rested.Wait()
	}
	return s.err == nil
}

// abort ends s at once. The first reason counts.
func (s *stream) abort(err error) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	conn := s.conn
	s.mu.Unlock()
	s.cancel()
	if conn != nil {
		_ = conn.Close()
	}
}

// finish ends s when everything that is queued is written.
func (s *stream) finish() {
	s.mu.Lock()
	s.last = true
	idle := len(s.queue) == 0 && !s.writing
	s.mu.Unlock()
	if idle {
		s.abort(ErrClosed)
	}
}

// end takes s out of the layer, and says who waited in vain. It runs once, on the goroutine that dialled or read.
func (s *stream) end(err error) {
	s.abort(err)
	s.mu.Lock()
	s.state = stateClosed
	for s.writing {
		s.rested.Wait()
	}
	left := s.queue
	s.queue, s.queued = nil, 0
	err = s.err
	if s.conn == nil {
		close(s.ready)
	}
	s.mu.Unlock()
	s.l.remove(s)
	close(s.done)
	s.l.cfg.Logger.Debug("connection ended", "remote", s.peer.addr, "err", err)
	for _, it := range left {
		s.undelivered(it, err)
	}
}

// undelivered deals with a message that was queued and not written. A response whose connection is gone goes to a new one
// (RFC 3261, Section 18.2.2), unless it was the peer that would not read. Anything else is a failure; that connections
// end is none in itself, and no call ends with one (RFC 3261, Section 28.1).
func (s *stream) undelivered(it item, err error) {
	if it.hop == nil {
		return
	}
	if it.hop.flow.stream == s && !errors.Is(err, ErrQueue) && !errors.Is(err, ErrSlow) {
		if err = it.hop.Send(it.wire); err == nil {
			return
		}
	}
	if s.l.cfg.Failed != nil {
		s.l.cfg.Failed(it.hop, fmt.Errorf("send to %s: %w", s.peer.addr, err))
	}
}
