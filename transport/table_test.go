package transport

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// C11: connections on which nothing is said make room, the oldest first, for others of the same source and for all, and
// those that are in use stay.
func TestSilentConnectionsMakeRoom(t *testing.T) {
	cfg := Config{Limits: Limits{Connections: 6, ConnectionsPerSource: 3}}
	onListener(t, cfg, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		open := make(map[string]pipe)
		connect := func(from string) {
			open[from] = a.from(t, from)
			synctest.Wait()
		}
		expect := func(when string, gone ...string) {
			t.Helper()
			synctest.Wait()
			for from, peer := range open {
				closed := errors.Is(peer.SetWriteDeadline(time.Time{}), io.ErrClosedPipe)
				if closed != slices.Contains(gone, from) {
					t.Errorf("%s: %s is closed: %v", when, from, closed)
				}
			}
			if got := s.Stats(); got.Connections > 6 {
				t.Errorf("%s: %d connections", when, got.Connections)
			}
		}
		connect("192.0.2.10:1")
		connect("192.0.2.9:1")
		send(t, open["192.0.2.9:1"], options(viaTCP))
		<-s.arrivals
		connect("192.0.2.9:2")
		connect("192.0.2.9:3")
		expect("within the limits")
		connect("192.0.2.9:4")
		expect("one source", "192.0.2.9:2")
		// A peer that we talk to is in use, though it says nothing.
		if err := s.hop(TCP, ap("192.0.2.10:1")).Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		receive(t, open["192.0.2.10:1"])
		connect("192.0.2.11:1")
		connect("192.0.2.12:1")
		expect("up to the limit of all", "192.0.2.9:2")
		connect("192.0.2.13:1")
		expect("all", "192.0.2.9:2", "192.0.2.9:3")
		// We need the place as well.
		if err := s.hop(TCP, ap("192.0.2.20:5060")).Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		expect("a dial", "192.0.2.9:2", "192.0.2.9:3", "192.0.2.9:4")
		receive(t, (<-d.dials).accept())
		connect("192.0.2.14:1")
		connect("192.0.2.15:1")
		expect("more", "192.0.2.9:2", "192.0.2.9:3", "192.0.2.9:4", "192.0.2.11:1", "192.0.2.12:1")
		if got := s.Stats(); got.Connections != 6 || got.Accepted != 5 || got.Sources != 5 || got.Rejected != 5 {
			t.Errorf("stats %+v", got)
		}
		time.Sleep(11 * time.Second)
		expect("after their time", "192.0.2.9:2", "192.0.2.9:3", "192.0.2.9:4", "192.0.2.11:1", "192.0.2.12:1", "192.0.2.13:1", "192.0.2.14:1", "192.0.2.15:1")
		if n := s.waiting.all.Len() + len(s.waiting.sites); n != 0 {
			t.Errorf("%d still wait", n)
		}
	})
}

// Who makes room is gone from the tables at once: the limits hold at every moment.
func TestEvictionKeepsTheLimit(t *testing.T) {
	onListener(t, Config{Limits: Limits{Connections: 1}}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		a.from(t, "192.0.2.9:1")
		synctest.Wait()
		ours, _ := newPipe(a.addr, ap("192.0.2.10:1"))
		next := newStream(s.Layer, peer{protocol: TCP, addr: ap("192.0.2.10:1")})
		next.source = ap("192.0.2.10:1").Addr()
		next.lay(ours)
		next.attach(ours)
		evicted, admitted := s.admit(next)
		if evicted == nil || !admitted || s.Connections() != 1 {
			t.Errorf("accepted %v by eviction of %v: %d connections", admitted, evicted, s.Connections())
		}
		s.evict(evicted)
		_, evicted, err := s.dialled(peer{protocol: TCP, addr: ap("192.0.2.11:1")}, netip.Addr{})
		if evicted != next || err != nil || s.Connections() != 1 {
			t.Errorf("dialled by eviction of %v, %v: %d connections", evicted, err, s.Connections())
		}
		s.evict(evicted)
		(<-d.dials).refuse()
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

// C11: one source has its share, and all of them theirs.
func TestConnectionLimits(t *testing.T) {
	cfg := Config{
		Limits:  Limits{Connections: 8, ConnectionsPerSource: 3},
		Trusted: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
	}
	onListener(t, cfg, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		var open []pipe
		connect := func(from string) bool {
			peer := a.from(t, from)
			synctest.Wait()
			if errors.Is(peer.SetWriteDeadline(time.Time{}), io.ErrClosedPipe) {
				return false
			}
			send(t, peer, options(viaTCP))
			<-s.arrivals
			synctest.Wait() // what it said keeps its place
			open = append(open, peer)
			return true
		}
		for i, want := range []bool{true, true, true, false, false} {
			if got := connect(fmt.Sprintf("192.0.2.9:%d", 6000+i)); got != want {
				t.Errorf("connection %d of one source: admitted %v, want %v", i+1, got, want)
			}
		}
		for i := range 4 {
			if !connect(fmt.Sprintf("198.51.100.1:%d", 6000+i)) {
				t.Errorf("connection %d of a trusted source was turned away", i+1)
			}
		}
		if !connect("192.0.2.10:6000") || connect("192.0.2.11:6000") {
			t.Error("not 8 connections in all")
		}
		if _, err := s.Hop(Target{Protocol: TCP, Addr: ap("192.0.2.20:5060")}); err != nil {
			t.Fatal(err)
		}
		if err := s.hop(TCP, ap("192.0.2.20:5060")).Send(wire(options(viaTCP))); !errors.Is(err, ErrLimit) {
			t.Errorf("dialled beyond the limit: %v, want ErrLimit", err)
		}
		if got := s.Stats(); got.Connections != 8 || got.Accepted != 8 || got.Dialled != 0 || got.Sources != 3 || got.Rejected != 4 || s.Connections() != 8 {
			t.Errorf("stats %+v", got)
		}
		_ = open[0].Close()
		synctest.Wait()
		if !connect("192.0.2.9:7000") {
			t.Error("a connection that ended left no room")
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
