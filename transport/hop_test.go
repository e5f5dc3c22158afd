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

// numbered returns an OPTIONS with branch z9hG4bK and n, to tell one from the other.
func numbered(n int) parser.Wire {
	return wire(options(fmt.Sprintf("TCP 192.0.2.1:5060;branch=z9hG4bK%d", n)))
}

func branch(t testing.TB, m *parser.Message) string {
	t.Helper()
	via, err := m.Via()
	if err != nil {
		t.Fatal(err)
	}
	return string(via.Branch())
}

// A way to a target never waits: what is sent before the connection is there is written when it is, in order; and there is
// one connection for all who want one.
func TestHopDialsOnceAtTheFirstSend(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		one, two := s.hop(TCP, ap("192.0.2.9:5060")), s.hop(TCP, ap("192.0.2.9:5060"))
		synctest.Wait()
		if len(d.dials) != 0 {
			t.Error("dialled before there was anything to send")
		}
		if _, ok := one.Flow(); ok || one.Local().Port() != 0 || one.SentBy() != "192.0.2.1:5060" {
			t.Errorf("before: Flow %v Local %v SentBy %q", ok, one.Local(), one.SentBy())
		}
		for i := range 6 {
			if err := []*Hop{one, two}[i%2].Send(numbered(i)); err != nil {
				t.Fatal(err)
			}
		}
		synctest.Wait()
		if len(d.dials) != 1 {
			t.Fatalf("%d dials, want 1", len(d.dials))
		}
		if got := s.Stats(); got.Dialing != 1 || got.Dialled != 1 || got.Connections != 1 {
			t.Errorf("while dialling: %+v", got)
		}
		attempt := <-d.dials
		if attempt.local.Addr() != ap("192.0.2.1:0").Addr() {
			t.Errorf("dialled from %v, want the listener's address", attempt.local)
		}
		peer := attempt.accept()
		for i := range 6 {
			if got, want := branch(t, receive(t, peer)), fmt.Sprint("z9hG4bK", i); got != want {
				t.Errorf("message %d: %s, want %s", i, got, want)
			}
		}
		if got := s.Stats(); got.Dialing != 0 || got.Dialled != 1 {
			t.Errorf("when connected: %+v", got)
		}
		f, ok := one.Flow()
		if g, _ := two.Flow(); !ok || f != g || f.Local() != ap("192.0.2.1:40000") || one.Local() != f.Local() {
			t.Errorf("flows %v and %v, want one", f, g)
		}
		// The answer comes on the connection, and the way of a response is that connection.
		send(t, peer, response("TCP 192.0.2.1:5060;branch=z9hG4bK0"))
		a := <-s.arrivals
		if g, ok := a.hop.Flow(); !ok || g != f {
			t.Errorf("the response came on %v, want %v", g, f)
		}
	})
}

// TP-011: a connection that the peer opened is used as well, in both directions.
func TestHopUsesAcceptedConnection(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:5060")
		synctest.Wait()
		if err := s.hop(TCP, ap("192.0.2.9:5060")).Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		receive(t, peer)
		if err := s.hop(TCP, ap("192.0.2.9:5061")).Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		attempt := <-d.dials
		if attempt.remote != ap("192.0.2.9:5061") {
			t.Errorf("dialled %v, want another port only", attempt.remote)
		}
		attempt.refuse()
	})
}

// TP-015: whoever waits for a connection that never comes is told, in order.
func TestHopFailsWhenDialFails(t *testing.T) {
	tests := []struct {
		name string
		play func(d dialled)
		want error
		took time.Duration
	}{
		{"refused", dialled.refuse, syscall.ECONNREFUSED, 0},
		{"silence", func(dialled) {}, context.DeadlineExceeded, 5 * time.Second},
	}
	for _, tt := range tests {
		onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
			one, two := s.hop(TCP, ap("192.0.2.9:5060")), s.hop(TCP, ap("192.0.2.9:5060"))
			start := time.Now()
			for _, h := range []*Hop{one, two, one} {
				if err := h.Send(numbered(1)); err != nil {
					t.Fatal(err)
				}
			}
			tt.play(<-d.dials)
			for _, want := range []*Hop{one, two, one} {
				f := <-s.failures
				if f.hop != want || !errors.Is(f.err, tt.want) || !strings.Contains(f.err.Error(), "192.0.2.9:5060") {
					t.Errorf("%s: failed with %v for the right hop %v, want %v", tt.name, f.err, f.hop == want, tt.want)
				}
			}
			if took := time.Since(start); took != tt.took {
				t.Errorf("%s: after %v, want %v", tt.name, took, tt.took)
			}
			synctest.Wait()
			if s.Connections() != 0 {
				t.Errorf("%s: %d connections left", tt.name, s.Connections())
			}
			// The way is not worn out: the next message tries again.
			if err := one.Send(numbered(2)); err != nil {
				t.Fatal(err)
			}
			peer := (<-d.dials).accept()
			receive(t, peer)
		})
	}
}

// TP-013: a connection that ends is no failure of what was written on it.
func TestConnectionLossIsNotReported(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		peer := (<-d.dials).accept()
		receive(t, peer)
		f, _ := h.Flow()
		_ = peer.Close()
		<-f.Done()
		synctest.Wait()
		none(t, s.failures, "failure")
		if _, ok := h.Flow(); ok {
			t.Error("the flow is still there")
		}
		if err := f.Send(numbered(2)); !errors.Is(err, ErrClosed) {
			t.Errorf("Send on the flow = %v, want ErrClosed", err)
		}
		// The way goes on by another connection.
		if err := h.Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		receive(t, (<-d.dials).accept())
	})
}

// TP-028: the answer to a request whose connection is gone opens one to where it came from, at the port of sent-by.
func TestResponseDialsBack(t *testing.T) {
	for _, tt := range []struct{ via, to string }{
		{"TCP host.example.com:5070;rport;branch=z9hG4bK1", "192.0.2.9:5070"},
		{"TCP host.example.com;branch=z9hG4bK1", "192.0.2.9:5060"},
	} {
		onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
			peer := a.from(t, "192.0.2.9:6000")
			send(t, peer, options(tt.via))
			got := <-s.arrivals
			_ = peer.Close()
			synctest.Wait()
			if err := got.hop.Send(answer(t, got.m)); err != nil {
				t.Fatal(err)
			}
			attempt := <-d.dials
			if attempt.remote != ap(tt.to) {
				t.Errorf("%s: dialled %v, want %v", tt.via, attempt.remote, tt.to)
			}
			if m := receive(t, attempt.accept()); m.Status() != parser.StatusOK {
				t.Errorf("%s: received %s", tt.via, m.StartLine())
			}
		})
	}
}

// An answer that was queued when its connection ended is not lost either; when nobody is there, that is a failure.
func TestQueuedResponseDialsBack(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		got := <-s.arrivals
		for range 2 {
			if err := got.hop.Send(answer(t, got.m)); err != nil { // nobody reads it
				t.Fatal(err)
			}
		}
		synctest.Wait()
		_ = peer.Close()
		for failed := 0; failed < 2; {
			select {
			case attempt := <-d.dials: // one or two: the first may fail before the second message asks
				if attempt.remote != ap("192.0.2.9:5070") {
					t.Errorf("dialled %v", attempt.remote)
				}
				attempt.refuse()
			case f := <-s.failures:
				if f.hop != got.hop || !errors.Is(f.err, syscall.ECONNREFUSED) {
					t.Errorf("failed with %v", f.err)
				}
				failed++
			}
		}
		synctest.Wait()
		none(t, d.dials, "dial")
		none(t, s.failures, "failure")
	})
}

// A peer that does not read is given up after the time of one write, and is not called back.
func TestSlowReaderIsGivenUp(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		got := <-s.arrivals
		start := time.Now()
		for range 3 {
			if err := got.hop.Send(answer(t, got.m)); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if f := <-s.failures; f.hop != got.hop || !errors.Is(f.err, ErrSlow) {
				t.Errorf("failed with %v, want ErrSlow", f.err)
			}
		}
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("after %v, want 10s", took)
		}
		synctest.Wait()
		none(t, d.dials, "dial")
		if s.Connections() != 0 {
			t.Error("the connection is still there")
		}
	})
}

// A Hop that a queue names is not used again by the reader: its failure must find who sent.
func TestHopInAQueueIsNotReused(t *testing.T) {
	hops := make(chan *Hop, 10)
	cfg := Config{Receive: func(h *Hop, m *parser.Message) bool {
		if err := h.Send(wire(m.Clone().Bytes())); err != nil {
			t.Errorf("Send: %v", err)
		}
		hops <- h
		return false
	}}
	onListener(t, cfg, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		send(t, peer, options(viaTCP))
		one, two := <-hops, <-hops
		if one == two {
			t.Error("a Hop whose message waits was used again")
		}
		for _, want := range []*Hop{one, two} {
			if f := <-s.failures; f.hop != want {
				t.Error("another Hop failed")
			}
		}
	})
}

// stuck is a connection whose Write takes its time and succeeds, whatever else happens.
type stuck struct {
	pipe
	written chan struct{}
}

func (c stuck) Write(b []byte) (int, error) {
	<-c.written
	return len(b), nil
}

func (c stuck) SetWriteDeadline(time.Time) error { return nil }

// What is being written when the connection ends is judged by how that goes.
func TestEndWaitsForTheWriter(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		attempt := <-d.dials
		ours, theirs := newPipe(ap("192.0.2.1:40000"), attempt.remote)
		conn := stuck{ours, make(chan struct{})}
		attempt.result <- conn
		synctest.Wait()
		if err := h.Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		f, _ := h.Flow()
		_ = theirs.Close()
		synctest.Wait()
		select {
		case <-f.Done():
			t.Error("ended while it was written to")
		default:
		}
		close(conn.written)
		<-f.Done()
		synctest.Wait()
		none(t, s.failures, "failure")
		if got := s.Stats().Sent; got != 2 {
			t.Errorf("%d sent, want 2", got)
		}
	})
}

// The same for a connection that is closed as idle.
func TestIdleEndWaitsForTheWriter(t *testing.T) {
	onListener(t, Config{Limits: Limits{Writing: time.Hour}}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		ours, theirs := newPipe(a.addr, ap("192.0.2.9:6000"))
		conn := stuck{ours, make(chan struct{})}
		a.conns <- conn
		send(t, theirs, options(viaTCP))
		f, _ := (<-s.arrivals).hop.Flow()
		send(t, theirs, []byte("\r\n\r\n"))
		time.Sleep(181 * time.Second)
		select {
		case <-f.Done():
			t.Error("ended while it was written to")
		default:
		}
		close(conn.written)
		<-f.Done()
	})
}

// A peer that loses its frame and reads nothing is closed in time all the same; meanwhile and after, what is to be sent
// goes by a new connection, one for all.
func TestClosingConnectionTakesNoMore(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options("TCP 192.0.2.9:6000;branch=z9hG4bK1"))
		got := <-s.arrivals
		old, _ := got.hop.Flow()
		start := time.Now()
		send(t, peer, bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: x"), 1))
		synctest.Wait()
		if err := old.Send(answer(t, got.m)); !errors.Is(err, ErrClosed) {
			t.Errorf("Send on the closing flow = %v, want ErrClosed", err)
		}
		if err := got.hop.Send(answer(t, got.m)); err != nil {
			t.Fatal(err)
		}
		second := (<-d.dials).accept()
		receive(t, second)
		<-old.Done()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("closed after %v, want 2s", took)
		}
		synctest.Wait()
		if err := s.hop(TCP, ap("192.0.2.9:6000")).Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		receive(t, second)
		none(t, d.dials, "dial")
	})
}

// What was written does not count as waiting.
func TestQueueIsOfWhatWaits(t *testing.T) {
	onListener(t, Config{Limits: Limits{Queue: 2000}}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:5060")
		synctest.Wait()
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		for i := range 50 {
			for range 2 {
				if err := h.Send(numbered(i)); err != nil {
					t.Fatalf("message %d: %v", i, err)
				}
			}
			receive(t, peer)
			receive(t, peer)
			synctest.Wait()
		}
	})
}

// Nor is one called back that lets too much wait.
func TestFullQueueDoesNotDialBack(t *testing.T) {
	onListener(t, Config{Limits: Limits{Queue: 500}}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		got := <-s.arrivals
		for {
			err := got.hop.Send(answer(t, got.m))
			if errors.Is(err, ErrQueue) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		if f := <-s.failures; f.hop != got.hop || !errors.Is(f.err, ErrQueue) {
			t.Errorf("failed with %v, want ErrQueue", f.err)
		}
		synctest.Wait()
		none(t, d.dials, "dial")
	})
}

// What waits to be written is bounded in octets; the connection goes, not the memory.
func TestQueueIsBounded(t *testing.T) {
	for _, connected := range []bool{true, false} {
		onListener(t, Config{Limits: Limits{Queue: 4000}}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
			h := s.hop(TCP, ap("192.0.2.9:5060"))
			large := wire(append(options(viaTCP), make([]byte, 10000)...))
			if err := h.Send(large); err != nil {
				t.Fatalf("one message may always wait: %v", err)
			}
			if connected {
				(<-d.dials).accept()
				synctest.Wait()
			}
			if err := h.Send(numbered(1)); !errors.Is(err, ErrQueue) {
				t.Errorf("connected %v: Send = %v, want ErrQueue", connected, err)
			}
			if f := <-s.failures; f.hop != h || !errors.Is(f.err, ErrQueue) {
				t.Errorf("connected %v: failed with %v, want ErrQueue", connected, f.err)
			}
			synctest.Wait()
			if s.Connections() != 0 {
				t.Errorf("connected %v: the connection is still there", connected)
			}
		})
	}
}

// TP-014: however many write, each message arrives whole. Connections are bounded by nobody's pace but the peer's.
func TestMessagesAreWrittenWhole(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		const writers, each = 100, 20
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		head := bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: 9"), 1)
		var done sync.WaitGroup
		for range writers {
			done.Go(func() {
				for range each {
					if err := h.Send(parser.Wire{Head: head, Body: [3][]byte{[]byte("one"), []byte("two"), []byte("six")}}); err != nil {
						t.Errorf("Send: %v", err)
					}
				}
			})
		}
		done.Wait()
		peer := (<-d.dials).accept()
		var f parser.Framer
		var buf []byte
		read := make([]byte, 8000)
		for got := 0; got < writers*each; {
			n, err := peer.Read(read)
			if err != nil {
				t.Fatalf("after %d messages: %v", got, err)
			}
			buf = append(buf, read[:n]...)
			for {
				n, err := f.Next(buf)
				if err != nil {
					t.Fatalf("after %d messages: %v", got, err)
				}
				if n == 0 {
					break
				}
				var m parser.Message
				if err := m.Parse(buf[:n]); err != nil || string(m.Body()) != "onetwosix" {
					t.Fatalf("message %d: %v, body %q", got, err, m.Body())
				}
				buf = buf[n:]
				got++
			}
		}
		synctest.Wait()
		if got := s.Stats().Sent; got != writers*each {
			t.Errorf("%d sent, want %d", got, writers*each)
		}
	})
}

// A connection that comes when nobody waits for it any more is closed.
func TestLateConnectionIsClosed(t *testing.T) {
	conns := make(chan net.Conn)
	cfg := Config{
		Limits: Limits{Queue: 1},
		Dial: func(context.Context, string, netip.AddrPort, netip.AddrPort) (net.Conn, error) {
			return <-conns, nil // whatever the context says
		},
	}
	onListener(t, cfg, func(t *testing.T, s *station, _ *acceptor, _ *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		if err := h.Send(numbered(2)); !errors.Is(err, ErrQueue) {
			t.Fatalf("Send = %v, want ErrQueue", err)
		}
		ours, theirs := newPipe(ap("192.0.2.1:40000"), ap("192.0.2.9:5060"))
		conns <- ours
		if f := <-s.failures; !errors.Is(f.err, ErrQueue) {
			t.Errorf("failed with %v", f.err)
		}
		if rest, _ := ends(t, theirs); len(rest) > 0 {
			t.Errorf("read %q", rest)
		}
	})
}

// On a system that does not tell which address was hit, a wildcard says the route's source.
func TestSentByOfAWildcardThatIsNotTold(t *testing.T) {
	asked := 0
	s := realStation(t, Config{Dial: routed("192.0.2.77:40000", &asked)})
	pc := newPacketConn("0.0.0.0:5070")
	if err := s.ServePacket(pc); err != nil {
		t.Fatal(err)
	}
	pc.in <- datagram{options("UDP 192.0.2.9;branch=z9hG4bK1"), ap("192.0.2.9:6000")}
	a := next(t, s.arrivals, "request")
	if got, want := a.hop.SentBy(), "192.0.2.77:5070"; got != want {
		t.Errorf("SentBy = %q, want %q", got, want)
	}
	s.cfg.Dial = newDialler().dial
	s.routes.known = nil
	if got := a.hop.SentBy(); got != "" {
		t.Errorf("SentBy without a route = %q, want none", got)
	}
}

// Of several sockets of a family, the one that the route takes is used.
func TestHopPicksTheSocketOfTheRoute(t *testing.T) {
	asked := 0
	s := realStation(t, Config{Dial: routed("192.0.2.77:40000", &asked)})
	for _, addr := range []string{"192.0.2.1:5060", "192.0.2.77:5060", "[2001:db8::1]:5060"} {
		if err := s.ServePacket(newPacketConn(addr)); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.hop(UDP, ap("192.0.2.9:5060")).SentBy(); got != "192.0.2.77:5060" {
		t.Errorf("SentBy = %q", got)
	}
	if got := s.hop(UDP, ap("[2001:db8::9]:5060")).SentBy(); got != "[2001:db8::1]:5060" || asked != 1 {
		t.Errorf("SentBy = %q, and the route was asked for %d times, want once", got, asked)
	}
}

// One dead peer does not use up what can be dialled, nor do many.
func TestDialsAreBounded(t *testing.T) {
	onListener(t, Config{Limits: Limits{Dials: 5, DialsPerAddress: 3}}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		dial := func(to string) error { return s.hop(TCP, ap(to)).Send(numbered(1)) }
		for i, want := range []error{nil, nil, nil, ErrLimit} {
			if err := dial(fmt.Sprintf("192.0.2.9:%d", 5060+i)); !errors.Is(err, want) {
				t.Errorf("dial %d to one address: %v, want %v", i+1, err, want)
			}
		}
		if _, err := s.Flow(context.Background(), Target{Protocol: TCP, Addr: ap("192.0.2.9:5070")}); !errors.Is(err, ErrLimit) {
			t.Errorf("Flow = %v, want ErrLimit", err)
		}
		for i, want := range []error{nil, nil, ErrLimit} {
			if err := dial(fmt.Sprintf("192.0.2.%d:5060", 10+i)); !errors.Is(err, want) {
				t.Errorf("dial %d: %v, want %v", i+4, err, want)
			}
		}
		for range 5 {
			(<-d.dials).refuse()
			<-s.failures
		}
		synctest.Wait()
		if err := dial("192.0.2.9:5060"); err != nil {
			t.Errorf("after they ended: %v", err)
		}
		(<-d.dials).refuse()
	})
}

// The way back of a stateless answer to nonsense is its connection, and no other.
func TestRefusalDoesNotDial(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		bad := bytes.Replace(options(viaTCP), []byte("Call-ID"), []byte("X-Call-ID"), 1)
		send(t, peer, bad)
		_ = peer.Close()
		synctest.Wait()
		none(t, d.dials, "dial")
		none(t, s.failures, "failure")
	})
}

// A response on a stream may be for the connection's own address, where nothing listens (RFC 3261, Section 18.1.2).
func TestSentByOfAClientAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDialler()
		s := newStation(t, Config{Dial: d.dial})
		defer s.stop()
		s.routes.put(ap("192.0.2.9:0").Addr(), ap("192.0.2.1:0").Addr(), time.Now())
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if got := h.SentBy(); got != "192.0.2.1" {
			t.Errorf("SentBy before the connection = %q, want the route's source", got)
		}
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		peer := (<-d.dials).accept()
		receive(t, peer)
		if got := h.SentBy(); got != "192.0.2.1:40000" {
			t.Errorf("SentBy = %q, want the connection's own address", got)
		}
		for _, via := range []string{"TCP 192.0.2.1;branch=z9hG4bK1", "TCP 192.0.2.1:40000;branch=z9hG4bK1"} {
			send(t, peer, response(via))
			if got := <-s.arrivals; got.m.Status() != parser.StatusOK {
				t.Errorf("%s: %s", via, got.m.StartLine())
			}
		}
	})
}

// SentBy for a connection, by what listens.
func TestSentByOfConnections(t *testing.T) {
	tests := []struct {
		name     string
		tcp, udp string // "": none
		to, want string
	}{
		{"the listener", "192.0.2.1:5062", "192.0.2.1:5060", "192.0.2.9:5060", "192.0.2.1:5062"},
		{"a UDP socket", "", "192.0.2.1:5061", "192.0.2.9:5060", "192.0.2.1:5061"},
		{"a wildcard", "0.0.0.0:5062", "", "192.0.2.9:5060", "192.0.2.77:5062"},
		{"by family", "[2001:db8::1]:5062", "192.0.2.1:5060", "192.0.2.9:5060", "192.0.2.1:5060"},
		{"not loopback for others", "127.0.0.1:5062", "", "192.0.2.9:5060", "192.0.2.77"},
		{"loopback", "127.0.0.1:5062", "", "127.0.0.9:5060", "127.0.0.1:5062"},
		{"IPv6", "[2001:db8::1]:5062", "", "[2001:db8::9]:5060", "[2001:db8::1]:5062"},
	}
	for _, tt := range tests {
		asked := 0
		s := realStation(t, Config{Dial: routed("192.0.2.77:40000", &asked)})
		if tt.tcp != "" {
			if err := s.ServeListener(TCP, newAcceptor(tt.tcp)); err != nil {
				t.Fatal(err)
			}
		}
		if tt.udp != "" {
			if err := s.ServePacket(newPacketConn(tt.udp)); err != nil {
				t.Fatal(err)
			}
		}
		h := s.hop(TCP, ap(tt.to))
		if got := h.SentBy(); got != tt.want {
			t.Errorf("%s: SentBy = %q, want %q", tt.name, got, tt.want)
		}
	}
}

// A half-closed connection gives the answer that was ready, and ends.
func TestPeerThatClosesFirstIsAnswered(t *testing.T) {
	s := realStation(t, Config{Receive: func(h *Hop, m *parser.Message) bool {
		var b parser.Builder
		b.Reset(nil)
		b.Response(m, parser.StatusOK, "", "")
		w, err := b.Wire()
		return err == nil && h.Send(w) != nil
	}})
	at := s.listen(TCP, "127.0.0.1:0")
	conn := dialTCP(t, at)
	send(t, conn, options(viaTCP))
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(b, []byte("SIP/2.0 200 OK\r\n")) {
		t.Errorf("read %q, %v, want the answer and the end", b, err)
	}
}
