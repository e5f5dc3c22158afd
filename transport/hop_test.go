package transport

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
			before := got.hop.SentBy()
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
			if after := got.hop.SentBy(); after != before {
				t.Errorf("%s: SentBy is %s on the new connection, was %s: where we listen has not changed", tt.via, after, before)
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

func TestHopNeedsASocket(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, _ *packetConn) {
		_, err := s.Hop(Target{Protocol: UDP, Addr: ap("[2001:db8::9]:5060")})
		if !errors.Is(err, ErrNoSocket) || !strings.Contains(err.Error(), "IPv6") {
			t.Errorf("Hop = %v, want ErrNoSocket for IPv6", err)
		}
		if _, err := s.Hop(Target{Protocol: UDP, Addr: ap("224.0.1.75:5060")}); err == nil {
			t.Error("a Hop to everybody was made")
		}
	})
}

// Of several listeners, what came on one names that one, also when its connection is gone.
func TestSentByOfTheListenerThatWasHit(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, first *acceptor, _ *dialler) {
		second := newAcceptor("192.0.2.1:5070")
		if err := s.ServeListener(TCP, second); err != nil {
			t.Fatal(err)
		}
		for i, a := range []*acceptor{first, second} {
			peer := a.from(t, fmt.Sprintf("192.0.2.9:%d", 6000+i))
			send(t, peer, options(viaTCP))
			h := (<-s.arrivals).hop
			if got := h.SentBy(); got != a.addr.String() {
				t.Errorf("SentBy = %q, want %v", got, a.addr)
			}
			if got := s.hop(TCP, h.Source()).SentBy(); got != a.addr.String() {
				t.Errorf("SentBy of another way on the connection = %q, want %v", got, a.addr)
			}
			_ = peer.Close()
			synctest.Wait()
			if got := h.SentBy(); got != a.addr.String() {
				t.Errorf("SentBy when the connection is gone = %q, want %v", got, a.addr)
			}
		}
	})
}
