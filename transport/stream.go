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
	"github.com/ringback-sip/ringback/transport/ws"
)

// stream is one connection, from before it is dialled. One goroutine dials it, reads it and ends it; another
// writes while there is something to write.
type stream struct {
	l      *Layer
	peer   peer
	source netip.Addr // of an accepted stream: what it counts against
	born   time.Time
	cancel context.CancelFunc // of a dialled stream: gives up dialling

	// Under the layer's lock.
	wait    wait   // in Layer.waiting
	aliases []peer // where it stands in Layer.remotes beside its own place

	ready chan struct{} // closed when it is connected, or never will be
	done  chan struct{} // closed when it is over

	mu       sync.Mutex // guards what follows; never held while calling conn
	rested   *sync.Cond // on mu: writing became false
	state    state      // of the reading half
	base     net.Conn   // what was dialled or accepted; nil while dialling
	raw      net.Conn   // below base, if that is of TLS already: its end takes no time
	conn     net.Conn   // what messages travel on; nil before the handshakes are done
	local    netip.AddrPort
	proved   []string // the SIP domains of the peer's certificate
	answer   []byte   // the server's part of a WebSocket handshake that net/http began
	early    []byte   // what came with a WebSocket handshake
	pulse    pulse
	until    time.Time // when the bound of state has passed
	queue    []item
	queued   int       // octets in queue
	writing  bool      // the writer is running
	last     bool      // nothing more is queued, and the stream ends when the queue is written
	used     time.Time // when a message of ours was last queued
	holds    int       // how many above depend on it: see Flow.Hold
	unheard  []item    // see doubt
	known    bool      // the peer has said something
	words    uint64    // how often the peer said something
	watchers map[*watcher]struct{}
	keepers  int   // how many want pings
	err      error // why it ends
}

// item is one queued message.
type item struct {
	wire parser.Wire
	hop  *Hop      // nil: nobody is told of a failure
	op   ws.Opcode // of a WebSocket control frame that carries the wire
	code ws.Code   // of a Close

	searched bool // another way was looked for already
}

// message reports whether it is one, not a ping, a pong or a Close: no message is that short.
func (it item) message() bool { return it.op == 0 && it.wire.Len() > len("\r\n\r\n") }

func newStream(l *Layer, p peer) *stream {
	s := &stream{l: l, peer: p, born: time.Now(), cancel: func() {}, ready: make(chan struct{}), done: make(chan struct{})}
	s.rested = sync.NewCond(&s.mu)
	return s
}

// lay gives s the connection that all else is built on. It reports false when s has ended.
func (s *stream) lay(base net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.base, s.raw = base, base
	if t, ok := base.(secureConn); ok {
		s.raw = t.NetConn()
	}
	s.local = addrPort(base.LocalAddr())
	if s.peer.protocol.shakes() {
		s.state = stateShaking
	}
	return s.err == nil
}

// attach gives s the connection that messages travel on; what was queued meanwhile begins to be written. It reports false
// when s has ended.
func (s *stream) attach(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return false
	}
	s.conn = conn
	close(s.ready)
	s.wake()
	return true
}

// dial connects s and serves it until it ends. local is the address to leave from, the zero Addr for any.
func (s *stream) dial(ctx context.Context, local netip.Addr) {
	err := s.reach(ctx, local)
	s.cancel()
	if err == nil {
		s.l.connected(s)
		err = s.read()
	}
	s.end(err)
}

// reach connects s and shakes hands.
func (s *stream) reach(ctx context.Context, local netip.Addr) error {
	var from netip.AddrPort
	if local.IsValid() {
		from = netip.AddrPortFrom(local, 0)
	}
	dialing, stop := context.WithTimeout(ctx, s.l.cfg.Limits.bound(stateDialing))
	raw, err := s.l.dial(dialing, s.peer.protocol.carrier(), from, s.peer.addr)
	stop()
	switch {
	case err != nil:
		return err
	case !s.lay(raw):
		return ErrClosed
	case s.peer.protocol.shakes():
		return s.shake(ctx)
	case !s.attach(raw):
		return ErrClosed
	}
	return nil
}

// serve shakes hands with a peer that was accepted, and reads until the stream ends.
func (s *stream) serve() {
	if s.peer.protocol.shakes() {
		if err := s.shake(context.Background()); err != nil {
			s.explain()
			s.end(err)
			return
		}
	}
	s.end(s.read())
}

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
func (s *stream) enter(st state) { s.enterAt(st, time.Now()) }

// enterAt is enter when the time of st began earlier. What is closing stays so.
func (s *stream) enterAt(st state, began time.Time) {
	s.mu.Lock()
	if s.state == stateClosing {
		s.mu.Unlock()
		return
	}
	s.state = st
	s.until = began.Add(s.l.cfg.Limits.bound(st))
	until := s.until
	s.mu.Unlock()
	_ = s.conn.SetReadDeadline(until)
}

// extend lets an idle stream stay open while somebody holds it, else for as long as the last message of ours earned. It reports false when that
// time has passed too.
func (s *stream) extend() bool {
	s.mu.Lock()
	now, idle := time.Now(), s.l.cfg.Limits.bound(stateIdle)
	until := s.used.Add(idle)
	if s.holds > 0 {
		until = now.Add(idle)
	}
	if !until.After(now) {
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

// abort ends s at once and without a word. The first reason counts.
func (s *stream) abort(err error) {
	_, raw := s.fail(err)
	if raw != nil {
		_ = raw.Close()
	}
}

// part ends s and says goodbye where the protocol has a word for it, which may take a few seconds when the peer does not
// read: it is for the stream's own goroutines. The first reason counts.
func (s *stream) part(err error) {
	conn, raw := s.fail(err)
	if conn != nil {
		_ = conn.Close() // over TLS a closure alert (RFC 5923, Section 8.3)
	}
	if raw != nil {
		_ = raw.Close()
	}
}

// fail notes why s ends, and returns what is to be closed.
func (s *stream) fail(err error) (conn, raw net.Conn) {
	s.mu.Lock()
	if s.err == nil {
		s.err = err
	}
	conn, raw = s.conn, s.raw
	s.mu.Unlock()
	s.cancel()
	return conn, raw
}

// finish ends s when everything that is queued is written.
func (s *stream) finish() {
	s.leave(ws.CodeGoingAway)
	s.mu.Lock()
	s.last = true
	idle := len(s.queue) == 0 && !s.writing
	s.mu.Unlock()
	if idle {
		s.l.running.Go(func() { s.part(ErrClosed) })
	}
}

// end takes s out of the layer, and says who waited in vain. It runs once, on the goroutine that dialled or read.
func (s *stream) end(err error) {
	s.part(err)
	s.mu.Lock()
	s.state = stateClosed
	for s.writing {
		s.rested.Wait()
	}
	err = s.err
	left := s.queue
	if refusedLate(err) {
		left = append(s.unheard, left...)
	}
	s.queue, s.queued, s.unheard = nil, 0, nil
	s.pulse.stop()
	watchers := s.watchers
	s.watchers = nil
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
	for w := range watchers {
		w.failed(err)
	}
}

// undelivered deals with a message that was queued and not written. A response whose connection is gone goes to a new one
// (RFC 3261, Section 18.2.2), unless it was the peer that would not read. Anything else is a failure; that connections
// end is none in itself, and no call ends with one (RFC 3261, Section 28.1).
func (s *stream) undelivered(it item, err error) {
	if it.hop == nil {
		s.lost(it, err)
		return
	}
	if it.hop.flow.stream == s && !errors.Is(err, ErrQueue) && !errors.Is(err, ErrSlow) {
		if err = it.hop.Send(it.wire); err == nil {
			return
		}
	}
	if it.hop.flow.stream != s && s.search(it, err) {
		return
	}
	s.lost(it, err)
	if s.l.cfg.Failed != nil {
		s.l.cfg.Failed(it.hop, fmt.Errorf("send to %s: %w", s.peer.addr, err))
	}
}

// lost notes that a message that was queued will not be sent.
func (s *stream) lost(it item, err error) {
	if !it.message() {
		return
	}
	s.mu.Lock()
	f := Flow{protocol: s.peer.protocol, local: s.local, remote: s.peer.addr, stream: s}
	s.mu.Unlock()
	s.l.lost(f, it.wire, err)
}
