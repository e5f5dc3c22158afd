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
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// dialTCP opens a real connection.
func dialTCP(t testing.TB, at netip.AddrPort) *net.TCPConn {
	t.Helper()
	conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// Shutdown writes what is queued, and nobody is told of a failure.
func TestShutdownFlushes(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		idle := a.from(t, "192.0.2.8:6000")
		peer := a.from(t, "192.0.2.9:6000")
		synctest.Wait()
		for i := range 3 {
			if err := s.hop(TCP, ap("192.0.2.9:6000")).Send(numbered(i)); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.hop(TCP, ap("192.0.2.10:5060")).Send(numbered(9)); err != nil {
			t.Fatal(err)
		}
		attempt := <-d.dials
		ended := make(chan error)
		go func() { ended <- s.Shutdown(context.Background()) }()
		synctest.Wait()
		if rest, took := ends(t, idle); len(rest) > 0 || took > 0 {
			t.Errorf("an idle connection read %q and ended after %v", rest, took)
		}
		if _, err := s.Hop(Target{Protocol: TCP, Addr: ap("192.0.2.9:6000")}); !errors.Is(err, ErrClosed) {
			t.Errorf("Hop while shutting down = %v, want ErrClosed", err)
		}
		for range 3 {
			receive(t, peer)
		}
		if rest, _ := ends(t, peer); len(rest) > 0 {
			t.Errorf("then read %q", rest)
		}
		// A connection that was being dialled for a message is waited for too.
		receive(t, attempt.accept())
		if err := <-ended; err != nil {
			t.Errorf("Shutdown = %v", err)
		}
		none(t, s.failures, "failure")
	})
}

// A peer that does not read holds Shutdown up until its context is done, and no longer.
func TestShutdownEndsWithItsContext(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		a.from(t, "192.0.2.9:6000")
		synctest.Wait()
		h, dead := s.hop(TCP, ap("192.0.2.9:6000")), s.hop(TCP, ap("192.0.2.10:5060"))
		for _, h := range []*Hop{h, dead} {
			if err := h.Send(numbered(1)); err != nil {
				t.Fatal(err)
			}
		}
		<-d.dials
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown = %v, want the context's error", err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("after %v, want 3s", took)
		}
		for range 2 {
			if f := <-s.failures; !errors.Is(f.err, ErrClosed) {
				t.Errorf("failed with %v, want ErrClosed", f.err)
			}
		}
	})
}

func TestShutdownTwice(t *testing.T) {
	l := New(nil)
	if _, err := l.Listen(context.Background(), UDP, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := l.Shutdown(context.Background()); err != nil {
				t.Errorf("Shutdown = %v", err)
			}
		})
	}
	both.Wait()
	if _, err := l.Listen(context.Background(), TCP, "127.0.0.1:0"); !errors.Is(err, ErrClosed) {
		t.Errorf("Listen after Shutdown = %v, want ErrClosed", err)
	}
}

// C10: Shutdown under load, sends racing with closes.
func TestShutdownUnderLoad(t *testing.T) {
	s := newStation(t, Config{Receive: func(h *Hop, m *parser.Message) bool {
		if m.IsRequest() {
			var b parser.Builder
			b.Reset(nil)
			b.Response(m, parser.StatusOK, "", "")
			if w, err := b.Wire(); err == nil {
				_ = h.Send(w)
			}
		}
		return false
	}})
	s.cfg.Trace, s.cfg.Failed = nil, nil // too much to look at
	udp, tcp := s.listen(UDP, "127.0.0.1:0"), s.listen(TCP, "127.0.0.1:0")
	var load sync.WaitGroup
	for i := range 8 {
		load.Go(func() {
			p, at := UDP, udp
			if i%2 == 0 {
				p, at = TCP, tcp
			}
			for {
				h, err := s.Hop(Target{Protocol: p, Addr: at})
				if err != nil {
					return
				}
				if err := h.Send(wire(options(p.String() + " 127.0.0.1;branch=z9hG4bK1"))); err != nil {
					return
				}
			}
		})
	}
	for s.Stats().Received < 200 {
		// The load makes progress by itself.
		<-time.After(time.Millisecond)
	}
	s.stop()
	load.Wait()
	if got := s.Stats(); got.Connections+got.Sockets+got.Listeners != 0 {
		t.Errorf("left: %+v", got)
	}
}

func TestListenIsLiteral(t *testing.T) {
	s := realStation(t, Config{})
	for _, tt := range []struct{ p, addr, err string }{
		{"udp", ":5060", "no host"},
		{"tcp", ":0", "no host"},
		{"udp", "127.0.0.1", "missing port"},
		{"", "127.0.0.1:0", "no such transport"},
	} {
		p, _ := ParseProtocol(tt.p)
		if _, err := s.Listen(context.Background(), p, tt.addr); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("Listen(%s, %q) = %v, want %q", tt.p, tt.addr, err, tt.err)
		}
	}
	at := s.listen(UDP, "127.0.0.1:0")
	if got := s.Stats(); got.Sockets != 1 || got.Listeners != 0 {
		t.Errorf("a UDP socket opened %+v", got)
	}
	if _, err := s.Listen(context.Background(), UDP, at.String()); !errors.Is(err, syscall.EADDRINUSE) {
		t.Errorf("a port in use: %v", err)
	}
	if got := s.listen(TCP, at.String()); got != at {
		t.Errorf("TCP on the same port: %v", got)
	}
	if err := s.ServeListener(UDP, newAcceptor("127.0.0.1:5060")); err == nil {
		t.Error("a listener for UDP was taken")
	}
}

// A listener that runs out of file descriptors goes on when there are some again, and neither spins nor sleeps long.
func TestListenerSurvivesErrors(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		start := time.Now()
		for range 12 {
			a.conns <- nil
		}
		peer := a.from(t, "192.0.2.9:6000")
		if took := time.Since(start); took < time.Second || took > 6*time.Second {
			t.Errorf("took %v", took)
		}
		send(t, peer, options(viaTCP))
		<-s.arrivals
		for range 12 {
			a.conns <- nil
		}
		start = time.Now()
		s.stop()
		if took := time.Since(start); took > 0 {
			t.Errorf("Shutdown waited %v for the listener's pause", took)
		}
	})
}

// A connection from nowhere is not served: its limits could not be told.
func TestConnectionWithoutAddressIsTurnedAway(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		ours, theirs := net.Pipe()
		a.conns <- ours
		if rest, _ := ends(t, theirs); len(rest) > 0 {
			t.Errorf("read %q", rest)
		}
		if got := s.Stats(); got.Rejected != 1 || got.Connections != 0 {
			t.Errorf("stats %+v", got)
		}
	})
	if err := New(nil).ServeListener(TCP, oddListener{newAcceptor("192.0.2.1:5060")}); err == nil {
		t.Error("a listener without an address was taken")
	}
}

// oddListener is a listener of another kind of network.
type oddListener struct{ *acceptor }

func (oddListener) Addr() net.Addr { return odd("nowhere") }

// Many messages in parts, written faster than the peer reads, over the system's own connection.
func TestRealStreamIsWrittenWhole(t *testing.T) {
	s := realStation(t, Config{})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	h := s.hop(TCP, addrPort(ln.Addr()))
	body := bytes.Repeat([]byte("0123456789"), 100)
	head := bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: 3000"), 1)
	const messages = 300
	for range messages {
		if err := h.Send(parser.Wire{Head: head, Body: [3][]byte{body, body, body}}); err != nil {
			t.Fatal(err)
		}
	}
	conn, err := ln.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, messages*(len(head)+3000))
	if _, err := io.ReadFull(conn, got); err != nil {
		t.Fatal(err)
	}
	if one := append(bytes.Clone(head), bytes.Repeat(body, 3)...); !bytes.Equal(got, bytes.Repeat(one, messages)) {
		t.Error("something else arrived")
	}
}

// [::] belongs to IPv6 alone, so that 0.0.0.0 can have the same port.
func TestListenOnBothWildcards(t *testing.T) {
	s := realStation(t, Config{})
	at := s.listen(UDP, "[::]:0")
	if got := s.listen(UDP, fmt.Sprintf("0.0.0.0:%d", at.Port())); got.Port() != at.Port() {
		t.Errorf("bound %v", got)
	}
	for _, local := range s.Locals() {
		if local.SentBy != "" {
			t.Errorf("a wildcard says %q before it knows to whom", local.SentBy)
		}
	}
}

func TestLocals(t *testing.T) {
	s := realStation(t, Config{Advertise: []string{"tcp:sip.example.com"}})
	udp, tcp := s.listen(UDP, "127.0.0.1:0"), s.listen(TCP, "127.0.0.1:0")
	want := []Local{{UDP, udp, udp.String()}, {TCP, tcp, "sip.example.com"}}
	if got := s.Locals(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("Locals = %v, want %v", got, want)
	}
}

// Both families, over the system's own sockets, from one layer to another and back.
func TestCallAndAnswer(t *testing.T) {
	for _, tt := range []struct {
		p    Protocol
		addr string
	}{{UDP, "127.0.0.1:0"}, {UDP, "[::1]:0"}, {TCP, "127.0.0.1:0"}, {TCP, "[::1]:0"}} {
		server, client := realStation(t, Config{}), realStation(t, Config{})
		at, own := server.listen(tt.p, tt.addr), client.listen(tt.p, tt.addr)
		h := client.hop(tt.p, at)
		if h.SentBy() != own.String() {
			t.Errorf("%v %s: SentBy = %q, want %q", tt.p, tt.addr, h.SentBy(), own)
		}
		var b parser.Builder
		b.Reset(nil)
		uri, err := parser.ParseURI([]byte("sip:echo@" + at.String()))
		if err != nil {
			t.Fatal(err)
		}
		b.Request(parser.MethodOptions, uri)
		b.Via(tt.p.String(), h.SentBy(), "z9hG4bK77")
		b.Address(parser.HeaderFrom, "", uri, "a1")
		b.Address(parser.HeaderTo, "", uri, "")
		b.Header(parser.HeaderCallID, "1@example.com")
		b.CSeq(1, parser.MethodOptions)
		w, err := b.Wire()
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Send(w); err != nil {
			t.Fatal(err)
		}
		in := next(t, server.arrivals, "request")
		if err := in.hop.Send(answer(t, in.m)); err != nil {
			t.Fatal(err)
		}
		out := next(t, client.arrivals, "response")
		if out.m.Status() != parser.StatusOK || branch(t, out.m) != "z9hG4bK77" || out.hop.Source() != at {
			t.Errorf("%v %s: %s from %v", tt.p, tt.addr, out.m.StartLine(), out.hop.Source())
		}
		if f, ok := h.Flow(); tt.p == TCP && (!ok || f.Local() != in.hop.Source()) {
			t.Errorf("%v %s: flow %v, %v", tt.p, tt.addr, f, ok)
		}
	}
}

// TP-004 rests on this: a port without listener is refused, and Failed says so.
func TestRefusedConnectionIsTold(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free := addrPort(ln.Addr())
	_ = ln.Close()
	s := realStation(t, Config{})
	h := s.hop(TCP, free)
	if err := h.Send(numbered(1)); err != nil {
		t.Fatal(err)
	}
	if f := next(t, s.failures, "failure"); f.hop != h || !errors.Is(f.err, syscall.ECONNREFUSED) {
		t.Errorf("failed with %v, want ECONNREFUSED", f.err)
	}
}

// C3, C11 on real sockets: a lost frame is answered and the peer sees the end within 3s, although it goes on sending.
func TestRealLostFrame(t *testing.T) {
	s := realStation(t, Config{})
	at := s.listen(TCP, "127.0.0.1:0")
	conn := dialTCP(t, at)
	bad := bytes.Replace(options(viaTCP), []byte("Content-Length: 0"), []byte("Content-Length: -1"), 1)
	send(t, conn, append(bad, make([]byte, 100000)...))
	rest, took := ends(t, conn)
	if !bytes.HasPrefix(rest, []byte("SIP/2.0 400 Content-Length")) && !bytes.HasPrefix(rest, []byte("SIP/2.0 400 not a number of octets")) || took > 3*time.Second {
		t.Errorf("read %q in %v", rest, took)
	}
}

// The trace tells of each message once, in order, and what was dropped why.
func TestTrace(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		in := options("UDP 192.0.2.9;rport;branch=z9hG4bK1")
		pc.in <- datagram{in, ap("192.0.2.9:6000")}
		a := <-s.arrivals
		w := answer(t, a.m)
		if err := a.hop.Send(w); err != nil {
			t.Fatal(err)
		}
		bad := bytes.Replace(in, []byte("Call-ID"), []byte("X-Call-ID"), 1)
		pc.in <- datagram{bad, ap("192.0.2.9:6000")}
		synctest.Wait()
		want := []Event{
			{Direction: In, Bytes: in},
			{Direction: Out, Bytes: w.Head},
			{Direction: In, Bytes: bad, Dropped: "Call-ID: missing"},
			{Direction: Out, Bytes: []byte("SIP/2.0 400 Call-ID: missing\r\n")},
		}
		for i, want := range want {
			got := <-s.events
			if got.Direction != want.Direction || got.Dropped != want.Dropped || !bytes.HasPrefix(got.Bytes, want.Bytes) {
				t.Errorf("event %d: %v %q dropped %q, want %v %q %q", i, got.Direction, got.Bytes, got.Dropped, want.Direction, want.Bytes, want.Dropped)
			}
			if got.Protocol != UDP || got.Local != ap("192.0.2.1:5060") || got.Remote != ap("192.0.2.9:6000") || !got.Time.Equal(time.Now()) {
				t.Errorf("event %d: %v %v %v %v", i, got.Protocol, got.Local, got.Remote, got.Time)
			}
		}
		none(t, s.events, "event")
	})
	onSocket(t, Config{}, func(t *testing.T, s *station, _ *packetConn) {
		if err := s.hop(UDP, ap("192.0.2.9:5060")).Send(parser.Wire{Head: []byte("one "), Body: [3][]byte{[]byte("two")}}); err != nil {
			t.Fatal(err)
		}
		if got := <-s.events; string(got.Bytes) != "one two" {
			t.Errorf("a message in parts is traced as %q", got.Bytes)
		}
	})
	if In.String() != "in" || Out.String() != "out" || Direction(0).String() != "" {
		t.Error("directions have other names")
	}
}
