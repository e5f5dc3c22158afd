package transport

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// A socket on a wildcard address answers from the address that was hit, and says that address of itself.
func TestWildcardAnswersFromTheAddressThatWasHit(t *testing.T) {
	tests := []struct{ listen, hit string }{
		{"0.0.0.0:0", "127.0.0.1"},
		{"0.0.0.0:0", "127.0.0.2"},
		{"[::]:0", "::1"},
	}
	for _, tt := range tests {
		s := realStation(t, Config{})
		port := s.listen(UDP, tt.listen).Port()
		hit := netip.AddrPortFrom(netip.MustParseAddr(tt.hit), port)
		exchange(t, s, hit)
	}
}

// A socket of both families, as package net makes it from an empty host, does the same for both.
func TestWildcardOfBothFamilies(t *testing.T) {
	s := realStation(t, Config{})
	pc, err := net.ListenPacket("udp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ServePacket(pc); err != nil {
		t.Fatal(err)
	}
	port := addrPort(pc.LocalAddr()).Port()
	for _, hit := range []string{"127.0.0.2", "::1"} {
		exchange(t, s, netip.AddrPortFrom(netip.MustParseAddr(hit), port))
	}
	// And it is what IPv4 leaves by, where nothing else is.
	h := s.hop(UDP, ap("127.0.0.1:5060"))
	if got, want := h.SentBy(), fmt.Sprintf("127.0.0.1:%d", port); got != want {
		t.Errorf("SentBy = %q, want %q", got, want)
	}
}

// exchange sends a request to hit, and checks the answer and what the way back says of itself.
func exchange(t *testing.T, s *station, hit netip.AddrPort) {
	t.Helper()
	// Connected: the kernel lets through only what comes from the very address and port.
	peer, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(hit))
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	send(t, peer, options("UDP host.invalid;rport;branch=z9hG4bK1"))
	a := next(t, s.arrivals, "request")
	if a.hop.Local() != hit || a.hop.SentBy() != hit.String() {
		t.Errorf("%v: Local %v SentBy %q", hit, a.hop.Local(), a.hop.SentBy())
	}
	// The source is the peer's, and `received` has no mapped form.
	if via, err := a.m.Via(); err != nil || string(via.Received()) != addrPort(peer.LocalAddr()).Addr().String() {
		t.Errorf("%v: received %q, %v", hit, via.Received(), err)
	}
	if err := a.hop.Send(answer(t, a.m)); err != nil {
		t.Fatal(err)
	}
	if err := peer.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, maxDatagram)
	n, err := peer.Read(buf)
	if err != nil || !strings.HasPrefix(string(buf[:n]), "SIP/2.0 200 OK") {
		t.Errorf("%v: read %q, %v", hit, buf[:n], err)
	}
	// A response that names the address is ours from then on.
	send(t, peer, response(fmt.Sprintf("UDP %s;branch=z9hG4bK1", hit)))
	if a := next(t, s.arrivals, "response"); a.m.Status() != parser.StatusOK {
		t.Errorf("%v: %s", hit, a.m.StartLine())
	}
}

// Towards a target, a wildcard says the route's source and leaves from it.
func TestWildcardTowardsATarget(t *testing.T) {
	for _, tt := range []struct{ listen, to, want string }{
		{"0.0.0.0:0", "127.0.0.1:0", "127.0.0.1"},
		{"[::]:0", "[::1]:0", "[::1]"},
	} {
		s, peer := realStation(t, Config{}), realStation(t, Config{})
		port, at := s.listen(UDP, tt.listen).Port(), peer.listen(UDP, tt.to)
		h := s.hop(UDP, at)
		if got, want := h.SentBy(), fmt.Sprintf("%s:%d", tt.want, port); got != want {
			t.Errorf("%s: SentBy = %q, want %q", tt.listen, got, want)
		}
		if err := h.Send(wire(options("UDP " + h.SentBy() + ";branch=z9hG4bK1"))); err != nil {
			t.Fatal(err)
		}
		if a := next(t, peer.arrivals, "request"); a.hop.Source() != h.Local() {
			t.Errorf("%s: came from %v, Local says %v", tt.listen, a.hop.Source(), h.Local())
		}
	}
}

// Nor do control messages allocate.
func TestWildcardDoesNotAllocate(t *testing.T) {
	l := New(&Config{Receive: func(h *Hop, _ *parser.Message) bool {
		if err := h.Send(wire(reply)); err != nil {
			t.Errorf("Send: %v", err)
		}
		return false
	}})
	pc, err := net.ListenUDP("udp4", &net.UDPAddr{})
	if err != nil {
		t.Fatal(err)
	}
	defer pc.Close()
	k := newSocket(l, pc, addrPort(pc.LocalAddr()), false)
	if _, ok := k.data.(*pktinfo); !ok {
		t.Fatalf("a wildcard socket is served by %T", k.data)
	}
	peer, err := net.DialUDP("udp4", nil, &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: int(k.addr.Port())})
	if err != nil {
		t.Fatal(err)
	}
	defer peer.Close()
	if err := peer.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	in, buf, read := newInbox(l), make([]byte, maxDatagram), make([]byte, maxDatagram)
	request := options("UDP 127.0.0.1;rport;branch=z9hG4bK1")
	if n := testing.AllocsPerRun(50, func() {
		if _, err := peer.Write(request); err != nil {
			t.Error(err)
		}
		if err := k.next(in, buf); err != nil {
			t.Error(err)
		}
		if n, err := peer.Read(read); err != nil || n != len(reply) {
			t.Errorf("read %d octets, %v", n, err)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

var reply = response("UDP 127.0.0.1;branch=z9hG4bK1")

// What the kernel writes is read back, and nothing else is.
func TestControlMessages(t *testing.T) {
	for _, addr := range []string{"192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"} {
		a := netip.MustParseAddr(addr)
		b := appendSource(nil, a.Is4(), a)
		if got, _ := readControls(b); got != a.Unmap() {
			t.Errorf("readControls of what appendSource wrote for %v = %v", a, got)
		}
		// Behind another control message, and cut short.
		other := appendControl(nil, 1, 29, 8)
		other = append(other, make([]byte, 8)...)
		if got, _ := readControls(append(other, b...)); got != a.Unmap() {
			t.Errorf("behind another: %v, want %v", got, a)
		}
		for n := range controlHeader + 8 {
			if got, _ := readControls(b[:n]); got.IsValid() {
				t.Errorf("of %d octets: %v", n, got)
			}
		}
	}
	if b := appendSource(nil, true, netip.Addr{}); len(b) != 0 {
		t.Errorf("for no address: %v", b)
	}
	if b := appendSource(nil, true, netip.MustParseAddr("2001:db8::1")); len(b) != 0 {
		t.Errorf("for another family: %v", b)
	}
}

// A peer cannot make us shout even where only the kernel knows a broadcast address.
func TestBroadcastIsNotPermitted(t *testing.T) {
	s := realStation(t, Config{})
	s.listen(UDP, "127.0.0.1:0")
	if err := s.hop(UDP, ap("127.255.255.255:5060")).Send(numbered(1)); err == nil {
		t.Error("sent to a broadcast address")
	}
}
