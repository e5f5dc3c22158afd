package transport

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestServePacketRefuses(t *testing.T) {
	l := New(nil)
	if err := l.ServePacket(nowhere{newPacketConn("192.0.2.1:5060")}); err == nil {
		t.Error("a socket without an address was taken")
	}
	if err := l.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	pc := newPacketConn("192.0.2.1:5060")
	if err := l.ServePacket(pc); !errors.Is(err, ErrClosed) {
		t.Errorf("ServePacket after Shutdown = %v, want ErrClosed", err)
	}
	<-pc.closed
}

// nowhere is a socket of another kind of network.
type nowhere struct{ *packetConn }

func (nowhere) LocalAddr() net.Addr { return odd("nowhere") }

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
