package transport

import (
	"errors"
	"io"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/transport/stun"
)

// TP-055: a Binding request is answered on every UDP socket, with the address that it came from, and is no message of SIP.
func TestSTUNIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t, Config{})
		defer s.stop()
		for _, tt := range []struct{ at, from string }{{"192.0.2.1:5060", "192.0.2.9:40000"}, {"[2001:db8::1]:5060", "[2001:db8::9]:40000"}} {
			pc := newPacketConn(tt.at)
			if err := s.ServePacket(pc); err != nil {
				t.Fatal(err)
			}
			id := stun.ID{1, 2, 3}
			pc.in <- datagram{stun.AppendRequest(nil, id), ap(tt.from)}
			d := <-pc.out
			if got, err := stun.Response(d.b, id); err != nil || got != ap(tt.from) || d.peer != got {
				t.Errorf("%s: answered %v with %v, %v", tt.at, d.peer, got, err)
			}
			answer, _ := stun.AppendAnswer(nil, stun.AppendRequest(nil, id), ap(tt.from))
			pc.in <- datagram{answer, ap(tt.from)} // that nobody asked for
			pc.in <- datagram{[]byte{0, 1}, ap(tt.from)}
			synctest.Wait()
			none(t, pc.out, "datagram")
		}
		if got := s.Stats(); got.Received != 2 {
			t.Errorf("%d messages received, want 2, those of two octets", got.Received)
		}
	})
}

// onFlow runs f with a UDP flow that is kept alive, and what its peer gets.
func onFlow(t *testing.T, every time.Duration, f func(t *testing.T, pc *packetConn, failed chan error, stop func())) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t, Config{})
		pc := newPacketConn("192.0.2.1:5060")
		if err := s.ServePacket(pc); err != nil {
			t.Fatal(err)
		}
		flow, err := s.Flow(t.Context(), Target{Protocol: UDP, Addr: ap("192.0.2.9:5060")})
		if err != nil {
			t.Fatal(err)
		}
		failed := make(chan error, 10)
		stop, err := flow.KeepAlive(every, func(err error) { failed <- err })
		if err != nil {
			t.Fatal(err)
		}
		f(t, pc, failed, stop)
		s.stop()
		if n := s.Stats().KeptAlive; n != 0 {
			t.Errorf("%d flows are still kept alive", n)
		}
		if _, err := flow.KeepAlive(0, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("KeepAlive after Shutdown = %v", err)
		}
	})
}

// pinged waits for a Binding request, and returns its id and how long that took.
func pinged(t *testing.T, pc *packetConn) (id stun.ID, took time.Duration) {
	t.Helper()
	start := time.Now()
	d := <-pc.out
	id, ok := stun.IDOf(d.b)
	if !ok || d.peer != ap("192.0.2.9:5060") {
		t.Fatalf("got %q to %v, want a STUN message", d.b, d.peer)
	}
	return id, time.Since(start)
}

// mapped answers the request id as a peer does that sees the flow come from seen.
func (c *packetConn) mapped(id stun.ID, seen, from string) {
	answer, _ := stun.AppendAnswer(nil, stun.AppendRequest(nil, id), ap(seen))
	c.in <- datagram{answer, ap(from)}
}

// TP-055: the times of RFC 5626, Section 4.4.2, and of RFC 5389, Section 7.2.1.
func TestDatagramFlowIsKeptAlive(t *testing.T) {
	for every, atMost := range map[time.Duration]time.Duration{0: 29 * time.Second, 100 * time.Second: 100 * time.Second} {
		onFlow(t, every, func(t *testing.T, pc *packetConn, failed chan error, stop func()) {
			var before stun.ID
			for range 10 {
				id, took := pinged(t, pc)
				if took < atMost*8/10-time.Second || took > atMost || id == before {
					t.Errorf("pinged with %x after %v, want another one after 80%% to 100%% of %v", id, took, atMost)
				}
				before = id
				pc.mapped(id, "203.0.113.7:1024", "192.0.2.9:5060")
			}
			stop()
			time.Sleep(time.Hour)
			none(t, pc.out, "ping")
			none(t, failed, "failure")
		})
	}
}

func TestDatagramFlowFails(t *testing.T) {
	onFlow(t, 0, func(t *testing.T, pc *packetConn, failed chan error, _ func()) {
		id, _ := pinged(t, pc)
		start := time.Now()
		pc.mapped(id, "203.0.113.7:1024", "192.0.2.8:5060") // from somebody else
		for i := range 6 {
			again, took := pinged(t, pc)
			if want := bindingRTO << i; again != id || took != want {
				t.Errorf("repeated after %v, want the same after %v", took, want)
			}
		}
		if err := <-failed; !errors.Is(err, ErrNoPong) {
			t.Errorf("failed with %v, want ErrNoPong", err)
		}
		if took := time.Since(start); took != 39500*time.Millisecond {
			t.Errorf("failed after %v, want 39.5s", took)
		}
	})
	onFlow(t, 0, func(t *testing.T, pc *packetConn, failed chan error, _ func()) {
		for _, seen := range []string{"203.0.113.7:1024", "203.0.113.7:1025"} {
			id, _ := pinged(t, pc)
			pc.mapped(id, seen, "192.0.2.9:5060")
		}
		if err := <-failed; !errors.Is(err, ErrMapping) {
			t.Errorf("failed with %v, want ErrMapping", err)
		}
		time.Sleep(time.Hour)
		none(t, pc.out, "ping")
	})
	onFlow(t, 0, func(t *testing.T, pc *packetConn, failed chan error, _ func()) {
		id, _ := pinged(t, pc)
		refusal, _ := stun.AppendAnswer(nil, append([]byte{0, 1, 0, 4}, append(stun.AppendRequest(nil, id)[4:], 0, 6, 0, 0)...), netip.AddrPort{})
		pc.in <- datagram{refusal, ap("192.0.2.9:5060")}
		if err := <-failed; !errors.Is(err, stun.ErrRefused) {
			t.Errorf("failed with %v, want ErrRefused", err)
		}
	})
}

// TP-054: a connection is pinged by double CRLFs; who answers none is gone 10 seconds later, and whoever keeps the flow hears it.
func TestConnectionIsKeptAlive(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		peer := (<-d.dials).accept()
		receive(t, peer)
		f, _ := h.Flow()
		failed := make(chan error, 10)
		for range 2 { // two that share a connection
			if _, err := f.KeepAlive(100*time.Second, func(err error) { failed <- err }); err != nil {
				t.Fatal(err)
			}
		}
		stop, err := f.KeepAlive(100*time.Second, func(err error) { t.Errorf("told after stop: %v", err) })
		if err != nil {
			t.Fatal(err)
		}
		stop()
		for i := range 4 {
			start := time.Now()
			if err := peer.SetReadDeadline(start.Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			var b [4]byte
			if _, err := io.ReadFull(peer, b[:]); err != nil || string(b[:]) != "\r\n\r\n" {
				t.Fatalf("got %q, %v, want a double CRLF", b, err)
			}
			if took := time.Since(start); took < 80*time.Second-pongWithin || took > 100*time.Second {
				t.Errorf("%d: pinged after %v, want 80s to 100s", i, took)
			}
			if i < 3 {
				send(t, peer, []byte("\r\n"))
			}
		}
		start := time.Now()
		<-f.Done()
		if took := time.Since(start); took != pongWithin {
			t.Errorf("given up after %v, want 10s", took)
		}
		for range 2 {
			if err := <-failed; !errors.Is(err, ErrNoPong) {
				t.Errorf("failed with %v, want ErrNoPong", err)
			}
		}
		if _, err := f.KeepAlive(0, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("KeepAlive of what has ended = %v, want ErrClosed", err)
		}
		if _, err := (Flow{}).KeepAlive(0, nil); !errors.Is(err, ErrClosed) {
			t.Errorf("KeepAlive of the zero Flow = %v, want ErrClosed", err)
		}
	})
}
