package transport

import (
	"bytes"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// The way back of a stateless answer to nonsense is its connection, and no other.
func TestRefusalDoesNotDial(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		bad := bytes.Replace(options(viaTCP), []byte("Call-ID"), []byte("X-Call-ID"), 1)
		send(t, peer, bad)
		_ = peer.Close()
		synctest.Wait()
		none(t, d.dials, "dial")
		none(t, s.failures, "failure")
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
