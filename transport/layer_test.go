package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
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
	var received atomic.Int64
	busy := make(chan struct{})
	l := New(&Config{Receive: func(h *Hop, m *parser.Message) bool {
		if received.Add(1) == 200 {
			close(busy)
		}
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
	s := &station{Layer: l, t: t}
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
				if errors.Is(err, ErrClosed) {
					return
				}
				if err == nil {
					_ = h.Send(wire(options(p.String() + " 127.0.0.1;branch=z9hG4bK1"))) // full queues are meant to happen
				}
			}
		})
	}
	next(t, busy, "load")
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_ = s.Shutdown(ctx) // whether all was written is not the question
	load.Wait()
	if got := s.Stats(); got.Connections+got.Sockets+got.Listeners != 0 {
		t.Errorf("left: %+v", got)
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
