package transport

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
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

// What is malformed is answered by the layer, as far as it can be.
func TestMalformedRequestIsAnswered(t *testing.T) {
	long := "Subject: " + strings.Repeat("x", 9000)
	const via = "UDP 192.0.2.9:5070;branch=z9hG4bK1"
	tests := []struct {
		name string
		b    []byte
		want string // the status line, "": no answer
		to   string
	}{
		{"To", bytes.Replace(options(via), []byte("To: <"), []byte(`To: "x <`), 1), "SIP/2.0 400 To: unterminated quoted string", "192.0.2.9:5070"},
		{"rport", bytes.Replace(options("UDP 192.0.2.9:5070;rport;branch=z9hG4bK1"), []byte("To: <"), []byte(`To: "x <`), 1), "SIP/2.0 400 To: unterminated quoted string", "192.0.2.9:6000"},
		{"no Call-ID", bytes.Replace(options(via), []byte("Call-ID"), []byte("X-Call-ID"), 1), "SIP/2.0 400 Call-ID: missing", "192.0.2.9:5070"},
		{"Via", options("UDP 192.0.2.9;;,;,,"), "SIP/2.0 400 Via: stray separator", "192.0.2.9:6000"},
		{"version", bytes.Replace(options(via), []byte("SIP/2.0\r\n"), []byte("SIP/7.0\r\n"), 1), "SIP/2.0 505 SIP version is not 2.0", "192.0.2.9:5070"},
		{"unknown method, other CSeq", bytes.Replace(request("NEWMETHOD", via), []byte("CSeq: 7 NEWMETHOD"), []byte("CSeq: 7 INVITE"), 1), "SIP/2.0 501 CSeq: method is not the request's, which is unknown", "192.0.2.9:5070"},
		{"truncated", bytes.Replace(options(via), []byte("Length: 0"), []byte("Length: 9"), 1), "SIP/2.0 400 Content-Length: more octets than the message has", "192.0.2.9:5070"},
		{"negative length", bytes.Replace(options(via), []byte("Length: 0"), []byte("Length: -9"), 1), "SIP/2.0 400 Content-Length: not a number of octets", "192.0.2.9:5070"},
		{"two lengths", options(via, "Content-Length: 1"), "SIP/2.0 400 Content-Length: field more than once", "192.0.2.9:5070"},
		{"line", options(via, long), "SIP/2.0 513 Subject: line of more than 8192 octets", "192.0.2.9:5070"},
		{"no Via", bytes.Replace(options(via), []byte("Via"), []byte("X-Via"), 1), "", ""},
		{"ACK", bytes.Replace(request("ACK", via), []byte("To: <"), []byte(`To: "x <`), 1), "", ""},
		{"response", bytes.Replace(response("UDP 192.0.2.1:5060;branch=z9hG4bK1"), []byte("To: <"), []byte(`To: "x <`), 1), "", ""},
		{"response, other version", bytes.Replace(response("UDP 192.0.2.1:5060;branch=z9hG4bK1"), []byte("SIP/2.0 200"), []byte("SIP/7.0 200"), 1), "", ""},
		{"response, truncated", bytes.Replace(response("UDP 192.0.2.1:5060;branch=z9hG4bK1"), []byte("Length: 0"), []byte("Length: 9"), 1), "", ""},
		{"no SIP", []byte("GET / HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n"), "", ""},
		{"noise", []byte{0, 1, 2, 3, 255, '\r', '\n', 7}, "", ""},
	}
	for _, tt := range tests {
		onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
			pc.in <- datagram{tt.b, ap("192.0.2.9:6000")}
			synctest.Wait()
			none(t, s.arrivals, tt.name)
			if why := s.dropped(); why == "" {
				t.Errorf("%s: the trace does not say why", tt.name)
			}
			if tt.want == "" {
				none(t, pc.out, tt.name+": answer")
				return
			}
			if len(pc.out) != 1 {
				t.Errorf("%s: %d answers, want 1", tt.name, len(pc.out))
				return
			}
			d := <-pc.out
			var m parser.Message
			if err := m.Parse(d.b); err != nil {
				t.Errorf("%s: answer %q: %v", tt.name, d.b, err)
			}
			if string(m.StartLine()) != tt.want || d.peer != ap(tt.to) {
				t.Errorf("%s: answer %q to %v, want %q to %v", tt.name, m.StartLine(), d.peer, tt.want, tt.to)
			}
		})
	}
}

// A stateless server says the same again to the same again (RFC 3261, Section 8.2.7).
func TestMalformedRequestHasOneTag(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, _ *station, pc *packetConn) {
		bad := bytes.Replace(options("UDP 192.0.2.9;branch=z9hG4bK1"), []byte("Call-ID"), []byte("X-Call-ID"), 1)
		other := bytes.Replace(bad, []byte("7 OPTIONS"), []byte("8 OPTIONS"), 1)
		for _, b := range [][]byte{bad, bad, other} {
			pc.in <- datagram{b, ap("192.0.2.9:6000")}
		}
		synctest.Wait()
		one, two, three := (<-pc.out).b, (<-pc.out).b, (<-pc.out).b
		if !bytes.Contains(one, []byte(";tag=")) || !bytes.Equal(one, two) {
			t.Errorf("answers differ:\n%s\n%s", one, two)
		}
		if bytes.Equal(one, three) {
			t.Errorf("another request has the same answer: %s", three)
		}
	})
}

// C12: a forged source address gets one answer a second, ten at once, each at most half as large again.
func TestMalformedRequestsAreNoWeapon(t *testing.T) {
	onSocket(t, Config{Trusted: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}}, func(t *testing.T, s *station, pc *packetConn) {
		flood := func(from string, b []byte) (answers int) {
			for range 100 {
				pc.in <- datagram{b, ap(from)}
			}
			synctest.Wait()
			for answers = len(pc.out); len(pc.out) > 0; {
				if d := <-pc.out; len(d.b)*2 > len(b)*3 {
					t.Errorf("answer of %d octets to %d", len(d.b), len(b))
				}
			}
			return answers
		}
		bad := bytes.Replace(options("UDP 192.0.2.9;rport;branch=z9hG4bK1"), []byte("Call-ID"), []byte("X-Call-ID"), 1)
		pc.out = make(chan datagram, 1000)
		if n := flood("192.0.2.9:6000", bad); n != 10 {
			t.Errorf("at once: %d answers, want 10", n)
		}
		if n := flood("192.0.2.9:6001", bad); n != 0 {
			t.Errorf("from another port: %d answers, want 0", n)
		}
		time.Sleep(3 * time.Second)
		if n := flood("192.0.2.9:6000", bad); n != 3 {
			t.Errorf("after 3s: %d answers, want 3", n)
		}
		if n := flood("192.0.2.10:6000", bad); n != 10 {
			t.Errorf("another source: %d answers, want 10", n)
		}
		if n := flood("198.51.100.1:6000", bad); n != 100 {
			t.Errorf("trusted: %d answers, want 100", n)
		}
		if got := s.Stats(); got.Refused != 123 || got.Dropped != 500 || got.Limited != 2 {
			t.Errorf("stats %+v, want 123 refused, 500 dropped, 2 limited", got)
		}
		time.Sleep(time.Minute)
		if got := s.Stats(); got.Limited != 0 {
			t.Errorf("%d sources are limited after a minute", got.Limited)
		}
	})
}

// The shorter the request, the shorter the answer: reason, then all that can be spared, then nothing.
func TestMalformedRequestSmallAnswer(t *testing.T) {
	tests := []struct {
		name, b, want string
	}{
		{"room for all", "OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/UDP a.example.com:5060;branch=z9hG4bK123456789\r\nFrom: <sip:a@example.com>\r\nTo: <sip:b@example.com>\r\nCSeq: 1 OPTIONS\r\nX: y\r\n\r\n", "SIP/2.0 400 Call-ID: missing"},
		{"no room for words", "A sip:b SIP/2.0\r\nv:SIP/2.0/UDP a;branch=z9hG4bK12345678901234567890123456\r\nf:a:b\r\nt:a:b\r\ni:1\r\n\r\n", "SIP/2.0 400 "},
		{"no room", "A sip:b SIP/2.0\r\nv:SIP/2.0/UDP a\r\n\r\n", ""},
	}
	for _, tt := range tests {
		onSocket(t, Config{}, func(t *testing.T, _ *station, pc *packetConn) {
			pc.in <- datagram{[]byte(tt.b), ap("192.0.2.9:6000")}
			synctest.Wait()
			if tt.want == "" {
				none(t, pc.out, tt.name+": answer")
				return
			}
			if len(pc.out) == 0 {
				t.Errorf("%s: no answer", tt.name)
				return
			}
			d := <-pc.out
			if line, _, _ := bytes.Cut(d.b, []byte("\r\n")); string(line) != tt.want || len(d.b)*2 > len(tt.b)*3 {
				t.Errorf("%s: answer %q of %d octets to %d, want %q", tt.name, line, len(d.b), len(tt.b), tt.want)
			}
		})
	}
}

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

// A Hop belongs to whoever keeps it; otherwise the reader has it back.
func TestHopIsReusedUnlessKept(t *testing.T) {
	keep := false
	hops := make(chan *Hop, 10)
	cfg := Config{Receive: func(h *Hop, _ *parser.Message) bool {
		hops <- h
		return keep
	}}
	onSocket(t, cfg, func(t *testing.T, _ *station, pc *packetConn) {
		receive := func() *Hop {
			pc.in <- datagram{options("UDP 192.0.2.9;branch=z9hG4bK1"), ap("192.0.2.9:6000")}
			h := <-hops
			synctest.Wait()
			return h
		}
		one, two := receive(), receive()
		if one != two {
			t.Error("a Hop that nobody kept was not used again")
		}
		keep = true
		three, four := receive(), receive()
		if three == four {
			t.Error("a Hop that was kept was used again")
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
