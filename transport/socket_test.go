package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// onSocket runs f in a bubble with a station that serves pc at 192.0.2.1:5060.
func onSocket(t *testing.T, cfg Config, f func(t *testing.T, s *station, pc *packetConn)) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t, cfg)
		pc := newPacketConn("192.0.2.1:5060")
		if err := s.ServePacket(pc); err != nil {
			t.Fatal(err)
		}
		defer func() {
			s.stop()
			if got := s.Stats(); got.Sockets != 0 {
				t.Errorf("%d sockets after Shutdown", got.Sockets)
			}
		}()
		f(t, s, pc)
	})
}

// TP-030, TP-031: the answer leaves for where Via says, from where the request arrived.
func TestDatagramInAndAnswerOut(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		tests := []struct{ via, to string }{
			{"UDP 10.0.0.1:5070;rport;branch=z9hG4bK1", "192.0.2.9:6000"},
			{"UDP 10.0.0.1:5070;branch=z9hG4bK2", "192.0.2.9:5070"},
			{"UDP 10.0.0.1;branch=z9hG4bK3", "192.0.2.9:5060"},
			{"UDP 10.0.0.1;maddr=198.51.100.7;branch=z9hG4bK4", "198.51.100.7:5060"},
		}
		for _, tt := range tests {
			pc.in <- datagram{options(tt.via), ap("192.0.2.9:6000")}
			a := <-s.arrivals
			if err := a.hop.Send(answer(t, a.m)); err != nil {
				t.Fatal(err)
			}
			if d := <-pc.out; d.peer != ap(tt.to) {
				t.Errorf("%s: answered to %v, want %v", tt.via, d.peer, tt.to)
			}
			if a.hop.Remote() != ap(tt.to) || a.hop.Source() != ap("192.0.2.9:6000") || a.hop.Local() != ap("192.0.2.1:5060") {
				t.Errorf("%s: Remote %v Source %v Local %v", tt.via, a.hop.Remote(), a.hop.Source(), a.hop.Local())
			}
			if a.hop.Reliable() || a.hop.Protocol() != UDP || a.hop.SentBy() != "192.0.2.1:5060" {
				t.Errorf("%s: Reliable %v Protocol %v SentBy %q", tt.via, a.hop.Reliable(), a.hop.Protocol(), a.hop.SentBy())
			}
		}
	})
}

// TP-027: each socket answers what it received.
func TestAnswerLeavesFromTheSocketThatWasHit(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, first *packetConn) {
		second := newPacketConn("192.0.2.1:5070")
		if err := s.ServePacket(second); err != nil {
			t.Fatal(err)
		}
		for _, pc := range []*packetConn{second, first, second} {
			pc.in <- datagram{options("UDP 192.0.2.9;rport;branch=z9hG4bK1"), ap("192.0.2.9:6000")}
			a := <-s.arrivals
			if err := a.hop.Send(answer(t, a.m)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if len(pc.out) != 1 {
				t.Errorf("socket %v sent %d datagrams, want 1", pc.addr, len(pc.out))
			}
			for _, other := range []*packetConn{first, second} {
				for len(other.out) > 0 {
					<-other.out
				}
			}
		}
	})
}

// TP-037: what keeps NAT bindings open is no message, nor a ping.
func TestDatagramOfFillerIsConsumed(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		for _, b := range []string{"", "\r\n", "\r\n\r\n", "\x00", "\x00\x00\x00\x00", "\r\n\x00\n"} {
			pc.in <- datagram{[]byte(b), ap("192.0.2.9:5060")}
		}
		synctest.Wait()
		none(t, s.events, "event")
		none(t, pc.out, "datagram")
		if got := s.Stats(); got.Received != 0 || got.Dropped != 0 {
			t.Errorf("counted: %+v", got)
		}
	})
}

// The reader neither gives up nor spins when the socket reports errors.
func TestSocketSurvivesErrors(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		start := time.Now()
		for range 12 {
			pc.fail <- errors.New("read: no buffer space available")
		}
		pc.in <- datagram{options("UDP 192.0.2.9;branch=z9hG4bK1"), ap("192.0.2.9:6000")}
		<-s.arrivals
		if took := time.Since(start); took > 12*time.Second {
			t.Errorf("took %v", took)
		}
		pc.fail <- errors.New("read: no buffer space available")
	})
}

// A message in parts is one datagram.
func TestDatagramIsJoined(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		h := s.hop(UDP, ap("192.0.2.9:5060"))
		w := parser.Wire{Head: []byte("head "), Body: [3][]byte{[]byte("one "), nil, []byte("three")}}
		for range 2 {
			if err := h.Send(w); err != nil {
				t.Fatal(err)
			}
			if d := <-pc.out; string(d.b) != "head one three" || d.peer != ap("192.0.2.9:5060") {
				t.Errorf("sent %q to %v", d.b, d.peer)
			}
		}
		if got := s.Stats().Sent; got != 2 {
			t.Errorf("%d sent, want 2", got)
		}
	})
}

// hidden hides the methods of a packetConn that net.PacketConn has not.
type hidden struct{ net.PacketConn }

func TestPlainPacketConn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t, Config{})
		pc := newPacketConn("192.0.2.1:5060")
		if err := s.ServePacket(hidden{pc}); err != nil {
			t.Fatal(err)
		}
		pc.in <- datagram{options("UDP 192.0.2.9;rport;branch=z9hG4bK1"), ap("192.0.2.9:6000")}
		a := <-s.arrivals
		if err := a.hop.Send(answer(t, a.m)); err != nil {
			t.Fatal(err)
		}
		if d := <-pc.out; d.peer != ap("192.0.2.9:6000") {
			t.Errorf("answered to %v", d.peer)
		}
		s.stop()
	})
}

// TP-005, and the system's own sockets in both families.
func TestRealDatagrams(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:0", "[::1]:0", "localhost:0"} {
		s := realStation(t, Config{})
		at := s.listen(UDP, addr)
		peer, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(at))
		if err != nil {
			t.Fatal(err)
		}
		defer peer.Close()
		body := strings.Repeat("x", 60<<10)
		b := bytes.Replace(options("UDP host.invalid;rport;branch=z9hG4bK1"), []byte("Length: 0"), fmt.Appendf(nil, "Length: %d", len(body)), 1)
		send(t, peer, append(b, body...))
		a := next(t, s.arrivals, "request")
		if got := string(a.m.Body()); got != body {
			t.Errorf("%s: a body of %d octets arrived, want %d", addr, len(got), len(body))
		}
		if a.hop.Source() != addrPort(peer.LocalAddr()) || a.hop.Local() != at || a.hop.SentBy() != at.String() {
			t.Errorf("%s: Source %v Local %v SentBy %q", addr, a.hop.Source(), a.hop.Local(), a.hop.SentBy())
		}
		// TP-032: a large response goes the way of a small one.
		w := answer(t, a.m)
		w.Body[0] = []byte(strings.Repeat("y", 4<<10))
		if err := a.hop.Send(w); err != nil {
			t.Fatal(err)
		}
		buf := make([]byte, maxDatagram)
		if err := peer.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if n, err := peer.Read(buf); err != nil || n != w.Len() {
			t.Errorf("%s: read %d octets, %v, want %d", addr, n, err, w.Len())
		}
	}
}

// What was read before Shutdown can be answered, though the layer closes: the socket outlives its reader.
func TestShutdownWaitsForTheLastAnswer(t *testing.T) {
	begun, result := make(chan struct{}), make(chan error, 1)
	var l *Layer
	l = New(&Config{Receive: func(h *Hop, m *parser.Message) bool {
		close(begun)
		l.mu.Lock()
		first := l.sockets[0]
		l.mu.Unlock()
		<-first.done // Shutdown closes one after the other
		result <- h.Send(answer(t, m.Clone()))
		return false
	}})
	for range 2 {
		if _, err := l.Listen(context.Background(), UDP, "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
	}
	peer, err := net.Dial("udp", l.Locals()[1].Addr.String())
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	if _, err := peer.Write([]byte(options("UDP " + peer.LocalAddr().String() + ";branch=z9hG4bK1"))); err != nil {
		t.Fatal(err)
	}
	<-begun
	if err := l.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	if err := <-result; err != nil {
		t.Errorf("Send: %v", err)
	}
	if err := peer.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if n, err := peer.Read(make([]byte, 2048)); err != nil || n == 0 {
		t.Errorf("the peer got %d octets, %v, want the answer", n, err)
	}
}
