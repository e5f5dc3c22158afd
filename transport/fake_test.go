package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// ap parses an address and port.
func ap(s string) netip.AddrPort { return netip.MustParseAddrPort(s) }

// message joins lines to a message with CRLFs and without body.
func message(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n") }

// options returns an OPTIONS request whose topmost Via is "SIP/2.0/" + via, with further lines.
func options(via string, more ...string) []byte { return request("OPTIONS", via, more...) }

func request(method, via string, more ...string) []byte {
	return message(append([]string{
		method + " sip:echo@example.com SIP/2.0",
		"Via: SIP/2.0/" + via,
		"From: <sip:alice@example.com>;tag=a1",
		"To: <sip:echo@example.com>",
		"Call-ID: 1@example.com",
		"CSeq: 7 " + method,
		"Max-Forwards: 70",
		"Content-Length: 0",
	}, more...)...)
}

// response returns a 200 to OPTIONS with these Via values.
func response(vias ...string) []byte {
	lines := []string{"SIP/2.0 200 OK"}
	for _, via := range vias {
		lines = append(lines, "Via: SIP/2.0/"+via)
	}
	return message(append(lines,
		"From: <sip:alice@example.com>;tag=a1",
		"To: <sip:echo@example.com>;tag=b2",
		"Call-ID: 1@example.com",
		"CSeq: 7 OPTIONS",
		"Content-Length: 0",
	)...)
}

func wire(b []byte) parser.Wire { return parser.Wire{Head: b} }

// answer returns a 200 to m.
func answer(t testing.TB, m *parser.Message) parser.Wire {
	t.Helper()
	var b parser.Builder
	b.Reset(nil)
	b.Response(m, parser.StatusOK, "", "")
	w, err := b.Wire()
	if err != nil {
		t.Fatalf("build an answer: %v", err)
	}
	return w
}

// arrival is what Config.Receive was called with.
type arrival struct {
	hop *Hop
	m   *parser.Message
}

// failure is what Config.Failed was called with.
type failure struct {
	hop *Hop
	err error
}

// station is a layer whose arrivals, failures and trace a test reads from channels.
type station struct {
	*Layer
	t        testing.TB
	arrivals chan arrival
	failures chan failure
	events   chan Event
}

// newStation makes a layer from cfg that keeps every message, and shuts it down when the test ends. In a bubble the test calls
// stop itself, before the bubble ends.
func newStation(t testing.TB, cfg Config) *station {
	s := &station{t: t, arrivals: make(chan arrival, 4096), failures: make(chan failure, 4096), events: make(chan Event, 16384)}
	if cfg.Receive == nil {
		cfg.Receive = func(h *Hop, m *parser.Message) bool {
			s.arrivals <- arrival{h, m.Clone()}
			return true
		}
	}
	cfg.Failed = func(h *Hop, err error) { s.failures <- failure{h, err} }
	cfg.Trace = func(e Event) {
		e.Bytes = bytes.Clone(e.Bytes)
		s.events <- e
	}
	s.Layer = New(&cfg)
	return s
}

// real is newStation outside of a bubble.
func realStation(t testing.TB, cfg Config) *station {
	s := newStation(t, cfg)
	t.Cleanup(s.stop)
	return s
}

func (s *station) stop() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		s.t.Errorf("Shutdown: %v", err)
	}
}

// listen opens a real socket.
func (s *station) listen(p Protocol, addr string) netip.AddrPort {
	s.t.Helper()
	at, err := s.Listen(context.Background(), p, addr)
	if err != nil {
		s.t.Fatalf("Listen: %v", err)
	}
	return at
}

// hop is Layer.Hop without an error.
func (s *station) hop(p Protocol, to netip.AddrPort) *Hop {
	s.t.Helper()
	h, err := s.Hop(Target{Protocol: p, Addr: to})
	if err != nil {
		s.t.Fatalf("Hop to %v: %v", to, err)
	}
	return h
}

// next returns what ch brings within the time that a loaded machine may take.
func next[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("no %s came", what)
		panic("unreachable")
	}
}

// none fails t when ch holds something.
func none[T any](t testing.TB, ch <-chan T, what string) {
	t.Helper()
	select {
	case v := <-ch:
		t.Errorf("unexpected %s: %v", what, v)
	default:
	}
}

// dropped returns why the next message that came in was dropped.
func (s *station) dropped() string {
	s.t.Helper()
	for {
		if e := next(s.t, s.events, "event"); e.Direction == In {
			return e.Dropped
		}
	}
}

// datagram is what a packetConn carries.
type datagram struct {
	b    []byte
	peer netip.AddrPort
}

// packetConn is a UDP socket in memory. What is pushed to in arrives; what is sent comes out of out.
type packetConn struct {
	addr    netip.AddrPort
	in, out chan datagram
	once    sync.Once
	closed  chan struct{}
	fail    chan error // errors that reads return
}

func newPacketConn(addr string) *packetConn {
	return &packetConn{
		addr: ap(addr), in: make(chan datagram, 64), out: make(chan datagram, 64),
		closed: make(chan struct{}), fail: make(chan error, 16),
	}
}

func (c *packetConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-c.in:
		return copy(b, d.b), d.peer, nil
	case err := <-c.fail:
		return 0, netip.AddrPort{}, err
	case <-c.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

func (c *packetConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-c.closed:
		return 0, net.ErrClosed
	default:
	}
	select {
	case c.out <- datagram{bytes.Clone(b), to}:
		return len(b), nil
	case <-c.closed:
		return 0, net.ErrClosed
	}
}

func (c *packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	return n, net.UDPAddrFromAddrPort(from), err
}

func (c *packetConn) WriteTo(b []byte, to net.Addr) (int, error) {
	return c.WriteToUDPAddrPort(b, addrPort(to))
}

func (c *packetConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return nil
}

func (c *packetConn) LocalAddr() net.Addr              { return net.UDPAddrFromAddrPort(c.addr) }
func (c *packetConn) SetDeadline(time.Time) error      { return errors.ErrUnsupported }
func (c *packetConn) SetReadDeadline(time.Time) error  { return errors.ErrUnsupported }
func (c *packetConn) SetWriteDeadline(time.Time) error { return errors.ErrUnsupported }

// pipe is one end of a connection in memory that holds nothing: a write waits for the reader.
type pipe struct {
	net.Conn
	local, remote netip.AddrPort
}

func (c pipe) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c pipe) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

// newPipe returns both ends of a connection between a and b.
func newPipe(a, b netip.AddrPort) (atA, atB pipe) {
	one, two := net.Pipe()
	return pipe{one, a, b}, pipe{two, b, a}
}

// acceptor is a net.Listener in memory.
type acceptor struct {
	addr   netip.AddrPort
	conns  chan net.Conn // nil: an error
	once   sync.Once
	closed chan struct{}
}

func newAcceptor(addr string) *acceptor {
	return &acceptor{addr: ap(addr), conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (a *acceptor) Accept() (net.Conn, error) {
	select {
	case c := <-a.conns:
		if c == nil {
			return nil, syscall.EMFILE
		}
		return c, nil
	case <-a.closed:
		return nil, net.ErrClosed
	}
}

func (a *acceptor) Addr() net.Addr { return net.TCPAddrFromAddrPort(a.addr) }

func (a *acceptor) Close() error {
	a.once.Do(func() { close(a.closed) })
	return nil
}

// from opens a connection from a peer at addr, and returns the peer's end.
func (a *acceptor) from(t testing.TB, addr string) pipe {
	t.Helper()
	ours, theirs := newPipe(a.addr, ap(addr))
	select {
	case a.conns <- ours:
	case <-a.closed:
		t.Fatal("the listener is closed")
	}
	return theirs
}

// dialler is a Config.Dial whose peers a test plays.
type dialler struct {
	dials chan dialled
}

// dialled is a connection attempt: the test answers it by accept or refuse, or lets it wait.
type dialled struct {
	local, remote netip.AddrPort
	result        chan net.Conn // nil: refused
}

func newDialler() *dialler { return &dialler{dials: make(chan dialled, 1024)} }

func (d *dialler) dial(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error) {
	if network != "tcp" {
		return nil, fmt.Errorf("dial %s: %w", network, errors.ErrUnsupported)
	}
	if !local.IsValid() {
		local = ap("192.0.2.1:0")
	}
	local = netip.AddrPortFrom(local.Addr(), 40000)
	attempt := dialled{local, remote, make(chan net.Conn, 1)}
	d.dials <- attempt
	select {
	case conn := <-attempt.result:
		if conn == nil {
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		}
		return conn, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// accept lets the attempt succeed, and returns the peer's end.
func (d dialled) accept() pipe {
	ours, theirs := newPipe(d.local, d.remote)
	d.result <- ours
	return theirs
}

// refuse lets the attempt fail.
func (d dialled) refuse() { d.result <- nil }

// send writes b to conn, and fails t when that is not done within a minute.
func send(t testing.TB, conn net.Conn, b []byte) {
	t.Helper()
	if err := conn.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(b); err != nil {
		t.Fatalf("write %q: %v", b, err)
	}
}

// receive reads one message from conn.
func receive(t testing.TB, conn net.Conn) *parser.Message {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var f parser.Framer
	var b []byte
	for one := make([]byte, 1); ; {
		n, err := conn.Read(one)
		b = append(b, one[:n]...)
		if err != nil {
			t.Fatalf("read after %q: %v", b, err)
		}
		if n, err = f.Next(b); err != nil {
			t.Fatalf("frame %q: %v", b, err)
		}
		if n == 0 {
			continue
		}
		m := new(parser.Message)
		if err := m.Parse(b); err != nil {
			t.Fatalf("parse %q: %v", b, err)
		}
		return m
	}
}

// ends reads conn to its end, and returns what was read and how long that took.
func ends(t testing.TB, conn net.Conn) (rest []byte, took time.Duration) {
	t.Helper()
	start := time.Now()
	if err := conn.SetReadDeadline(start.Add(time.Hour)); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(conn)
	if err != nil && !errors.Is(err, syscall.ECONNRESET) {
		t.Fatalf("read to the end: %v after %q", err, rest)
	}
	return rest, time.Since(start)
}
