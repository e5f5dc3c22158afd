package transport_test

import (
	"context"
	"net/netip"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
)

// party is a layer on a host in memory that answers every request and counts the answers that it gets.
type party struct {
	*transport.Layer
	at       netip.AddrPort
	requests atomic.Int64
	answers  atomic.Int64
	dropped  chan string // why, and what
}

func newParty(t *testing.T, host *siptest.Host) *party {
	t.Helper()
	p := &party{dropped: make(chan string, 1000), at: netip.AddrPortFrom(host.Addr(), 5060)}
	p.Layer = transport.New(&transport.Config{
		Dial: host.Dial,
		Trace: func(e transport.Event) {
			if e.Dropped != "" && e.Direction == transport.In {
				p.dropped <- e.Dropped + ": " + string(e.Bytes)
			}
		},
		Receive: func(h *transport.Hop, m *parser.Message) bool {
			if !m.IsRequest() {
				p.answers.Add(1)
				return false
			}
			p.requests.Add(1)
			var b parser.Builder
			b.Response(m, parser.StatusOK, "", "b2")
			if w, err := b.Wire(); err == nil {
				_ = h.Send(w)
			}
			return false
		},
	})
	pc, err := host.ListenPacket(p.at)
	if err != nil {
		t.Fatal(err)
	}
	ln, err := host.Listen(p.at)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.ServePacket(pc); err != nil {
		t.Fatal(err)
	}
	if err := p.ServeListener(transport.TCP, ln); err != nil {
		t.Fatal(err)
	}
	return p
}

// ask sends requests to at, n in all, one every 10 ms.
func (p *party) ask(t *testing.T, protocol transport.Protocol, at netip.AddrPort, n int) {
	t.Helper()
	for range n {
		h, err := p.Hop(transport.Target{Protocol: protocol, Addr: at})
		if err != nil {
			t.Fatal(err)
		}
		w, err := options(h)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Send(w); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// What a network does to a stream, short of breaking it, changes nothing; what it does to datagrams, short of losing them, neither.
func TestEveryMessageArrives(t *testing.T) {
	for _, protocol := range []transport.Protocol{transport.UDP, transport.TCP} {
		synctest.Test(t, func(t *testing.T) {
			net := siptest.NewNetwork(1, siptest.Conditions{
				Delay: 20 * time.Millisecond, Jitter: 20 * time.Millisecond, Reorder: 0.3, CutSegments: true, Stall: 0.01,
			})
			a := newParty(t, net.Host(netip.MustParseAddr("192.0.2.1")))
			b := newParty(t, net.Host(netip.MustParseAddr("192.0.2.2")))
			a.ask(t, protocol, b.at, 200)
			time.Sleep(time.Minute)
			if got := a.answers.Load(); got != 200 || b.requests.Load() != 200 {
				t.Errorf("%v: %d requests and %d answers arrived, want 200", protocol, b.requests.Load(), got)
			}
			end(t, net, a, b)
		})
	}
}

// Connections that break take what is under way with them and leave nothing behind: no half message is ever read
// as a whole one, and the next message finds a new connection.
func TestConnectionsThatBreak(t *testing.T) {
	for seed := range uint64(5) {
		synctest.Test(t, func(t *testing.T) {
			net := siptest.NewNetwork(seed, siptest.Conditions{
				Delay: 5 * time.Millisecond, CutSegments: true, Reset: 0.02,
			})
			a := newParty(t, net.Host(netip.MustParseAddr("192.0.2.1")))
			b := newParty(t, net.Host(netip.MustParseAddr("192.0.2.2")))
			a.ask(t, transport.TCP, b.at, 300)
			time.Sleep(time.Minute)
			for _, p := range []*party{a, b} {
				if len(p.dropped) > 0 {
					t.Errorf("seed %d: dropped for %s", seed, <-p.dropped)
				}
			}
			if got := a.answers.Load(); got < 150 || got > 300 {
				t.Errorf("seed %d: %d of 300 answered", seed, got)
			}
			net.SetConditions(netip.Addr{}, netip.Addr{}, siptest.Conditions{})
			before := a.answers.Load()
			a.ask(t, transport.TCP, b.at, 10)
			synctest.Wait()
			if got := a.answers.Load() - before; got != 10 {
				t.Errorf("seed %d: then %d of 10 answered", seed, got)
			}
			end(t, net, a, b)
		})
	}
}

// A peer that vanishes without a word leaves its connections behind; they end by themselves.
func TestPeerThatVanishes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := siptest.NewNetwork(1, siptest.Conditions{})
		a := newParty(t, net.Host(netip.MustParseAddr("192.0.2.1")))
		b := newParty(t, net.Host(netip.MustParseAddr("192.0.2.2")))
		a.ask(t, transport.TCP, b.at, 1)
		net.Partition(a.at.Addr(), b.at.Addr())
		time.Sleep(179 * time.Second)
		if a.Connections() != 1 || b.Connections() != 1 {
			t.Errorf("after 179s: %d and %d connections", a.Connections(), b.Connections())
		}
		time.Sleep(2 * time.Second)
		if a.Connections() != 0 || b.Connections() != 0 {
			t.Errorf("after 181s: %d and %d connections", a.Connections(), b.Connections())
		}
		end(t, net, a, b)
	})
}

func end(t *testing.T, net *siptest.Network, parties ...*party) {
	t.Helper()
	for _, p := range parties {
		if err := p.Shutdown(context.Background()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		siptest.Empty(t, func() map[string]int {
			s := p.Stats()
			return map[string]int{"connections": s.Connections, "dialling": s.Dialing, "sources": s.Sources, "sockets": s.Sockets}
		})
	}
	net.Close()
	siptest.Alone(t)
}
