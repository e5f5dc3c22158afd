package transport

import (
	"bytes"
	"context"
	"net/netip"
	"testing"
	"testing/synctest"

	"github.com/ringback-sip/ringback/parser"
)

// TP-018, TP-020: which responses reach the transaction layer.
func TestResponseMustBeOurs(t *testing.T) {
	tests := []struct {
		name string
		vias []string
		why  string // "": it passes
	}{
		{"ours", []string{"UDP 192.0.2.1:5060;branch=z9hG4bK1"}, ""},
		{"ours, default port", []string{"UDP 192.0.2.1;branch=z9hG4bK1"}, ""},
		{"ours, received", []string{"UDP 192.0.2.1;branch=z9hG4bK1;received=198.51.100.9;rport=1234"}, ""},
		{"other port", []string{"UDP 192.0.2.1:5061;branch=z9hG4bK1"}, dropNotOurs},
		{"other host", []string{"UDP 192.0.2.2;branch=z9hG4bK1"}, dropNotOurs},
		{"a name", []string{"UDP example.com;branch=z9hG4bK1"}, dropNotOurs},
		{"two Vias", []string{"UDP 192.0.2.1;branch=z9hG4bK1", "UDP 192.0.2.2;branch=z9hG4bK2"}, dropManyVias},
		{"two Vias in a row", []string{"UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/UDP 192.0.2.2;branch=z9hG4bK2"}, dropManyVias},
		{"broadcast below", []string{"UDP 192.0.2.1;branch=z9hG4bK1", "UDP 255.255.255.255;branch=z9hG4bK2"}, dropManyVias},
	}
	for _, tt := range tests {
		onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
			pc.in <- datagram{response(tt.vias...), ap("192.0.2.9:6000")}
			if why := s.dropped(); why != tt.why {
				t.Errorf("%s: dropped for %q, want %q", tt.name, why, tt.why)
			}
			synctest.Wait()
			if passed := len(s.arrivals) == 1; passed != (tt.why == "") {
				t.Errorf("%s: passed %v", tt.name, passed)
			}
			none(t, pc.out, tt.name+": datagram") // a response is never answered
		})
	}
}

// A request whose answer could go nowhere is not worth a transaction.
func TestRequestWithoutWayBackIsDropped(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		pc.in <- datagram{options("UDP 192.0.2.9;rport;branch=z9hG4bK1"), ap("192.0.2.9:0")}
		if why := s.dropped(); why != dropNoReturn {
			t.Errorf("dropped for %q, want %q", why, dropNoReturn)
		}
	})
}

func TestNobodyReceives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(nil)
		pc := newPacketConn("192.0.2.1:5060")
		if err := l.ServePacket(pc); err != nil {
			t.Fatal(err)
		}
		pc.in <- datagram{options("UDP 192.0.2.9;branch=z9hG4bK1"), ap("192.0.2.9:6000")}
		synctest.Wait()
		if got := l.Stats(); got.Received != 1 || got.Dropped != 1 {
			t.Errorf("%+v, want one received and dropped", got)
		}
		if err := l.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// A Hop that nobody kept is the reader's again. One that somebody keeps never changes, and over datagrams serves all that came the same way.
func TestHopThatIsKeptDoesNotChange(t *testing.T) {
	keep := false
	hops := make(chan *Hop, 10)
	cfg := Config{Receive: func(h *Hop, _ *parser.Message) bool {
		hops <- h
		return keep
	}}
	const plain, rport, maddr = "UDP 192.0.2.9;branch=z9hG4bK1", "UDP 192.0.2.9;rport;branch=z9hG4bK1", "UDP 192.0.2.9;maddr=192.0.2.8;branch=z9hG4bK1"
	onSocket(t, cfg, func(t *testing.T, _ *station, pc *packetConn) {
		receive := func(via, from string) *Hop {
			pc.in <- datagram{options(via), ap(from)}
			h := <-hops
			synctest.Wait()
			return h
		}
		if one, two := receive(plain, "192.0.2.9:6000"), receive(plain, "192.0.2.10:6001"); one != two {
			t.Error("a Hop that nobody kept was not used again")
		}
		keep = true
		tests := []struct{ name, via, from, to string }{
			{"first", plain, "192.0.2.9:6000", "192.0.2.9:5060"},
			{"another answer's way", rport, "192.0.2.9:6000", "192.0.2.9:6000"},
			{"another host", maddr, "192.0.2.9:6000", "192.0.2.8:5060"},
			{"another port", plain, "192.0.2.9:6001", "192.0.2.9:5060"},
			{"another source in the same slot", plain, "192.0.2.9:6065", "192.0.2.9:5060"},
			{"another address in the same slot", plain, "192.0.2.10:5999", "192.0.2.10:5060"},
		}
		seen := make(map[*Hop]string)
		for _, tt := range tests {
			h := receive(tt.via, tt.from)
			if other, taken := seen[h]; taken {
				t.Errorf("%s: the Hop of %q, which was kept, was used again", tt.name, other)
			}
			seen[h] = tt.name
			if again := receive(tt.via, tt.from); again != h {
				t.Errorf("%s: the same way again has another Hop", tt.name)
			}
			keep = false
			if again := receive(tt.via, tt.from); again != h {
				t.Errorf("%s: the same way for one that is not kept has another Hop", tt.name)
			}
			keep = true
			if h.Source() != ap(tt.from) || h.Remote() != ap(tt.to) {
				t.Errorf("%s: from %v to %v, want %s and %s", tt.name, h.Source(), h.Remote(), tt.from, tt.to)
			}
		}
	})
}

// Nothing on the way of a good datagram in, and of its answer out, allocates.
func TestDatagramDoesNotAllocate(t *testing.T) {
	for _, tt := range []struct{ name, via, from string }{
		{"IPv4", "UDP 10.0.0.1:5070;rport;branch=z9hG4bK1", "192.0.2.9:6000"},
		{"IPv4, same address", "UDP 192.0.2.9;branch=z9hG4bK1", "192.0.2.9:5060"},
		{"IPv6", "UDP [2001:db8::9]:5070;branch=z9hG4bK1", "[2001:db8::9]:5070"},
	} {
		var reply parser.Wire
		l := New(&Config{Receive: func(h *Hop, m *parser.Message) bool {
			if via, err := m.Via(); err != nil || string(via.Branch()) != "z9hG4bK1" {
				t.Errorf("Via: %v", err)
			}
			if err := h.Send(reply); err != nil {
				t.Errorf("Send: %v", err)
			}
			return false
		}})
		loop := &echo{in: options(tt.via), from: ap(tt.from)}
		reply = wire(response("UDP 10.0.0.1;branch=z9hG4bK1"))
		k := newSocket(l, loop, ap("192.0.2.1:5060"), false)
		in, buf := newInbox(l), make([]byte, maxDatagram)
		if n := testing.AllocsPerRun(100, func() {
			if err := k.next(in, buf); err != nil {
				t.Error(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations for a request and its answer, want 0", tt.name, n)
		}
		if loop.sent == 0 {
			t.Errorf("%s: nothing was sent", tt.name)
		}

		// A response that is ours, and one that is not, cost nothing either.
		l.cfg.Receive = func(*Hop, *parser.Message) bool { return false }
		l.claimAddr(ap("192.0.2.1:5060"))
		for _, via := range []string{"UDP 192.0.2.1:5060;branch=z9hG4bK1", "UDP example.com;branch=z9hG4bK1"} {
			loop.in = response(via)
			if n := testing.AllocsPerRun(100, func() { _ = k.next(in, buf) }); n != 0 {
				t.Errorf("%s: %v allocations for a response with %s, want 0", tt.name, n, via)
			}
		}
		// Nor does what is malformed, once its source has had its answers.
		loop.in = bytes.Replace(options(tt.via), []byte("Call-ID"), []byte("X-Call-ID"), 1)
		for range 20 {
			_ = k.next(in, buf)
		}
		if n := testing.AllocsPerRun(100, func() { _ = k.next(in, buf) }); n != 0 {
			t.Errorf("%s: %v allocations for a malformed request, want 0", tt.name, n)
		}
	}
}

// echo is a socket on which the same datagram arrives again and again.
type echo struct {
	packetConn
	in   []byte
	from netip.AddrPort
	sent int
}

func (e *echo) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	return copy(b, e.in), e.from, nil
}

func (e *echo) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) {
	e.sent++
	return len(b), nil
}

func BenchmarkDatagram(b *testing.B) {
	var reply parser.Wire
	l := New(&Config{Receive: func(h *Hop, _ *parser.Message) bool { return h.Send(reply) != nil }})
	loop := &echo{in: options("UDP 10.0.0.1:5070;rport;branch=z9hG4bK1"), from: ap("192.0.2.9:6000")}
	reply = wire(response("UDP 10.0.0.1;branch=z9hG4bK1"))
	k := newSocket(l, loop, ap("192.0.2.1:5060"), false)
	in, buf := newInbox(l), make([]byte, maxDatagram)
	b.SetBytes(int64(len(loop.in) + len(reply.Head)))
	b.ReportAllocs()
	for b.Loop() {
		if err := k.next(in, buf); err != nil {
			b.Fatal(err)
		}
	}
}
