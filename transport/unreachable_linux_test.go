package transport

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
)

// TP-015: who sends to a port that nobody listens on hears it, and nobody else does.
func TestClosedPortIsTold(t *testing.T) {
	for _, at := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0"} {
		s := realStation(t, Config{})
		s.listen(UDP, at)
		host := ap(at).Addr()
		if host.IsUnspecified() {
			host = netip.MustParseAddr("127.0.0.1")
		}
		closed, open := deaf(t, host, true), deaf(t, host, false)
		for range 20 {
			lost, good := s.hop(UDP, closed), s.hop(UDP, open)
			for _, h := range []*Hop{lost, good, good} {
				if err := h.Send(numbered(1)); err != nil {
					t.Fatalf("%s: Send to %v: %v", at, h.Remote(), err)
				}
			}
			if f := next(t, s.failures, "failure"); f.hop != lost || !errors.Is(f.err, syscall.ECONNREFUSED) {
				t.Errorf("%s: told %v of %v, want ECONNREFUSED", at, f.err, f.hop.Remote())
			}
		}
		none(t, s.failures, "failure")
		// The socket goes on.
		peer := realStation(t, Config{})
		to := peer.listen(UDP, netip.AddrPortFrom(host, 0).String())
		if err := s.hop(UDP, to).Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		next(t, peer.arrivals, "message")
	}
}

// deaf returns the address of a socket that nobody reads, or of one that was closed.
func deaf(t *testing.T, host netip.Addr, closed bool) netip.AddrPort {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(host, 0)))
	if err != nil {
		t.Fatal(err)
	}
	at := addrPort(conn.LocalAddr())
	if closed {
		_ = conn.Close()
	} else {
		t.Cleanup(func() { _ = conn.Close() })
	}
	return at
}

// A response that did not arrive is nobody's failure: its transaction knows what to do.
func TestUnreachableResponseIsNotTold(t *testing.T) {
	s := realStation(t, Config{})
	at := s.listen(UDP, "127.0.0.1:0")
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(at))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(options("UDP 127.0.0.1;rport;branch=z9hG4bK1")); err != nil {
		t.Fatal(err)
	}
	got := next(t, s.arrivals, "request")
	_ = conn.Close()
	for range 3 {
		if err := got.hop.Send(answer(t, got.m)); err != nil {
			t.Fatalf("Send: %v", err)
		}
	}
	lost := s.hop(UDP, deaf(t, at.Addr(), true))
	if err := lost.Send(numbered(1)); err != nil {
		t.Fatal(err)
	}
	if f := next(t, s.failures, "failure"); f.hop != lost {
		t.Errorf("told of %v", f.hop.Remote())
	}
}

// RFC 3261, Section 18.4: which errors count.
func TestWhichErrorsCount(t *testing.T) {
	tests := []struct {
		name             string
		level            int32
		kind             int32
		origin, typ, sub byte
		want             bool
	}{
		{"host unreachable", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 3, 1, true},
		{"protocol unreachable", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 3, 2, true},
		{"port unreachable", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 3, 3, true},
		{"too big", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 3, 4, false},
		{"source quench", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 4, 0, false},
		{"time exceeded", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 11, 0, false},
		{"parameter problem", syscall.IPPROTO_IP, syscall.IP_RECVERR, 2, 12, 0, true},
		{"our own system", syscall.IPPROTO_IP, syscall.IP_RECVERR, 1, 3, 1, false},
		{"another control message", syscall.IPPROTO_IP, syscall.IP_PKTINFO, 2, 3, 1, false},
		{"port unreachable, IPv6", syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 3, 1, 4, true},
		{"too big, IPv6", syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 3, 2, 0, false},
		{"time exceeded, IPv6", syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 3, 3, 0, false},
		{"parameter problem, IPv6", syscall.IPPROTO_IPV6, syscall.IPV6_RECVERR, 3, 4, 0, true},
	}
	for _, tt := range tests {
		data := binary.NativeEndian.AppendUint32(nil, uint32(syscall.EHOSTUNREACH))
		data = append(data, tt.origin, tt.typ, tt.sub, 0, 0, 0, 0, 0, 0, 0, 0, 0)
		b := make([]byte, syscall.CmsgSpace(len(data)))
		if syscall.CmsgLen(0) == 16 { // a 64-bit system
			binary.NativeEndian.PutUint64(b, uint64(syscall.CmsgLen(len(data))))
		} else {
			binary.NativeEndian.PutUint32(b, uint32(syscall.CmsgLen(len(data))))
		}
		at := syscall.CmsgLen(0)
		binary.NativeEndian.PutUint32(b[at-8:], uint32(tt.level))
		binary.NativeEndian.PutUint32(b[at-4:], uint32(tt.kind))
		copy(b[at:], data)
		if got := reported(b); (got == syscall.EHOSTUNREACH) != tt.want {
			t.Errorf("%s: got %v, want counted %v", tt.name, got, tt.want)
		}
	}
	if got := reported([]byte("nonsense that is no control message")); got != 0 {
		t.Errorf("nonsense: got %v", got)
	}
}
