package transport

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// A half-closed connection gives the answer that was ready, and ends.
func TestPeerThatClosesFirstIsAnswered(t *testing.T) {
	s := realStation(t, Config{Receive: func(h *Hop, m *parser.Message) bool {
		var b parser.Builder
		b.Reset(nil)
		b.Response(m, parser.StatusOK, "", "")
		w, err := b.Wire()
		return err == nil && h.Send(w) != nil
	}})
	at := s.listen(TCP, "127.0.0.1:0")
	conn := dialTCP(t, at)
	send(t, conn, options(viaTCP))
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(b, []byte("SIP/2.0 200 OK\r\n")) {
		t.Errorf("read %q, %v, want the answer and the end", b, err)
	}
}

// C11: every state that silence can leave a connection in, and when it ends, to the instant.
func TestStreamDeadlines(t *testing.T) {
	whole := options(viaTCP)
	half := whole[:len(whole)/2]
	tests := []struct {
		name  string
		play  func(t *testing.T, peer pipe)
		want  time.Duration
		reply string // how what is read begins
	}{
		{"nothing is said", func(*testing.T, pipe) {}, 10 * time.Second, ""},
		{"only pings", func(t *testing.T, peer pipe) {
			for range 4 {
				send(t, peer, []byte("\r\n\r\n"))
				if _, err := io.ReadFull(peer, make([]byte, 2)); err != nil {
					t.Fatal(err)
				}
				time.Sleep(2 * time.Second)
			}
		}, 10 * time.Second, ""},
		{"half a first message", func(t *testing.T, peer pipe) {
			time.Sleep(4 * time.Second)
			send(t, peer, half)
		}, 10 * time.Second, "SIP/2.0 400 too slow"},
		{"a first message that dribbles", func(t *testing.T, peer pipe) { dribble(t, peer, whole) }, 10 * time.Second, "SIP/2.0 400 too slow"},
		{"silence after a message", func(t *testing.T, peer pipe) { send(t, peer, whole) }, 180 * time.Second, ""},
		{"silence after a ping", func(t *testing.T, peer pipe) {
			send(t, peer, whole)
			time.Sleep(100 * time.Second)
			send(t, peer, []byte("\r\n"))
		}, 280 * time.Second, ""},
		{"half a second message", func(t *testing.T, peer pipe) {
			send(t, peer, whole)
			time.Sleep(20 * time.Second)
			send(t, peer, half)
		}, 30 * time.Second, "SIP/2.0 400 too slow"},
		{"a second message that dribbles", func(t *testing.T, peer pipe) {
			send(t, peer, whole)
			time.Sleep(20 * time.Second)
			dribble(t, peer, whole)
		}, 30 * time.Second, "SIP/2.0 400 too slow"},
		{"a second message right behind the first", func(t *testing.T, peer pipe) {
			send(t, peer, bytes.Join([][]byte{whole, half}, nil))
		}, 10 * time.Second, "SIP/2.0 400 too slow"},
		{"half a CRLF", func(t *testing.T, peer pipe) {
			send(t, peer, whole)
			send(t, peer, []byte("\r"))
		}, 10 * time.Second, ""},
	}
	for _, tt := range tests {
		onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
			peer := a.from(t, "192.0.2.9:6000")
			start := time.Now()
			tt.play(t, peer)
			rest, _ := ends(t, peer)
			if took := time.Since(start); took != tt.want {
				t.Errorf("%s: closed after %v, want %v", tt.name, took, tt.want)
			}
			if tt.reply == "" && len(rest) > 0 || !strings.HasPrefix(string(rest), tt.reply) {
				t.Errorf("%s: read %q, want %q", tt.name, rest, tt.reply)
			}
			synctest.Wait()
			if got := s.Stats(); got.Connections != 0 || got.Sources != 0 {
				t.Errorf("%s: still there: %+v", tt.name, got)
			}
		})
	}
}

// dribble sends the last octets of b one a second, too slowly for all of them.
func dribble(t *testing.T, peer pipe, b []byte) {
	last := len(b) - 20
	send(t, peer, b[:last])
	for i := range 9 {
		time.Sleep(time.Second)
		send(t, peer, b[last+i:last+i+1])
	}
}

// TP-012: what we send keeps a connection as well as what comes.
func TestStreamStaysWhileWeSend(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		start := time.Now()
		synctest.Wait()
		h := s.hop(TCP, ap("192.0.2.9:6000"))
		for range 3 {
			if err := h.Send(wire(options("TCP 192.0.2.1;branch=z9hG4bK1"))); err != nil {
				t.Fatal(err)
			}
			receive(t, peer)
			time.Sleep(100 * time.Second)
		}
		if _, _ = ends(t, peer); time.Since(start) != 380*time.Second {
			t.Errorf("closed after %v, want 180s after the last message", time.Since(start))
		}
	})
}

// C3: however the stream is cut, the messages are the same, and the layer sees no other.
func TestStreamIsCutByContentLengthAlone(t *testing.T) {
	inner := options("TCP 192.0.2.9;branch=z9hG4bKinner")
	outer := bytes.Replace(request("MESSAGE", "TCP 192.0.2.9;branch=z9hG4bKouter"), []byte("Length: 0"), fmt.Appendf(nil, "Length: %d", len(inner)+4), 1)
	outer = append(append(outer, inner...), "\r\n\r\n"...)
	stream := bytes.Join([][]byte{[]byte("\r\n"), options(viaTCP), outer, []byte("\r\n\r\n"), outer, options(viaTCP)}, nil)
	want := []string{"OPTIONS", "MESSAGE", "MESSAGE", "OPTIONS"}
	for _, step := range []int{1, 2, 3, 7, 64, 100, 1000, len(stream)} {
		onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
			peer := a.from(t, "192.0.2.9:6000")
			for rest := stream; len(rest) > 0; rest = rest[min(step, len(rest)):] {
				send(t, peer, rest[:min(step, len(rest))])
			}
			pong := make([]byte, 16)
			if n, err := io.ReadAtLeast(peer, pong, 2); err != nil || string(pong[:n]) != "\r\n" {
				t.Errorf("step %d: read %q, %v, want one CRLF for the ping", step, pong[:n], err)
			}
			synctest.Wait()
			var got []string
			for len(s.arrivals) > 0 {
				arrived := <-s.arrivals
				got = append(got, string(arrived.m.MethodName()))
				if body := arrived.m.Body(); len(body) > 0 && !bytes.Equal(body, append(inner[:len(inner):len(inner)], "\r\n\r\n"...)) {
					t.Errorf("step %d: body %q", step, body)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("step %d: %v, want %v", step, got, want)
			}
		})
	}
}

// TP-036, TP-037: a double CRLF is answered by one CRLF, a single one by nothing, also when it comes again later.
func TestPing(t *testing.T) {
	tests := []struct {
		name  string
		parts []string
		gap   time.Duration
		pongs int
	}{
		{"ping", []string{"\r\n\r\n"}, 0, 1},
		{"ping in halves", []string{"\r\n", "\r\n"}, 100 * time.Millisecond, 1},
		{"ping in octets", []string{"\r", "\n", "\r", "\n"}, 100 * time.Millisecond, 1},
		{"two pings", []string{"\r\n\r\n", "\r\n\r\n"}, time.Second, 2},
		{"pong", []string{"\r\n"}, 0, 0},
		{"pongs", []string{"\r\n", "\r\n", "\r\n"}, 30 * time.Second, 0},
		{"CRLFs on both sides of a message", []string{"\r\n", "M", "\r\n"}, 100 * time.Millisecond, 0},
	}
	for _, tt := range tests {
		onListener(t, Config{}, func(t *testing.T, _ *station, a *acceptor, _ *dialler) {
			peer := a.from(t, "192.0.2.9:6000")
			send(t, peer, options(viaTCP))
			read := make(chan string)
			go func() {
				b, _ := io.ReadAll(peer)
				read <- string(b)
			}()
			for _, part := range tt.parts {
				if part == "M" {
					part = string(options(viaTCP))
				}
				send(t, peer, []byte(part))
				time.Sleep(tt.gap)
			}
			time.Sleep(200 * time.Second)
			if got, want := <-read, strings.Repeat("\r\n", tt.pongs); got != want {
				t.Errorf("%s: answered %q, want %q", tt.name, got, want)
			}
		})
	}
}

// C2, TP-034: a frame that is lost is answered if that is possible, nothing behind it is a message, and the connection is closed.
func TestStreamLostFrame(t *testing.T) {
	length := func(s string) []byte {
		return bytes.Replace(options(viaTCP), []byte("Content-Length: 0"), []byte(s), 1)
	}
	tests := []struct {
		name string
		b    []byte
		want string // how the answer begins
	}{
		{"negative", length("Content-Length: -1"), "SIP/2.0 400 "},
		{"plus", length("Content-Length: +5"), "SIP/2.0 400 "},
		{"hexadecimal", length("Content-Length: 0x10"), "SIP/2.0 400 "},
		{"exponent", length("Content-Length: 1e3"), "SIP/2.0 400 "},
		{"list", length("Content-Length: 5, 6"), "SIP/2.0 400 "},
		{"empty", length("Content-Length:"), "SIP/2.0 400 "},
		{"2^31", length("Content-Length: 2147483648"), "SIP/2.0 413 "},
		{"2^32", length("Content-Length: 4294967296"), "SIP/2.0 413 "},
		{"10^20", length("Content-Length: 100000000000000000000"), "SIP/2.0 413 "},
		{"larger than a message", length("Content-Length: 65535"), "SIP/2.0 413 "},
		{"two equal", length("Content-Length: 0\r\nContent-Length: 0"), "SIP/2.0 400 "},
		{"two different", length("Content-Length: 0\r\nl: 5"), "SIP/2.0 400 "},
		{"absent", length("X-Length: 0"), "SIP/2.0 400 "},
		{"ACK, absent", bytes.Replace(request("ACK", viaTCP), []byte("Content-Length: 0"), []byte("X: 0"), 1), ""},
		{"response, absent", bytes.Replace(response("TCP 192.0.2.1;branch=z9hG4bK1"), []byte("Content-Length: 0"), []byte("X: 0"), 1), ""},
		{"no Via, absent", bytes.Replace(length("X: 0"), []byte("Via"), []byte("X-Via"), 1), ""},
		{"endless line", []byte("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nSubject: " + strings.Repeat("x", 40000)), "SIP/2.0 513 "},
		{"endless headers", []byte("OPTIONS sip:a SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n" + strings.Repeat("X-Y: z\r\n", 6000)), "SIP/2.0 513 "},
		{"bare LF", bytes.ReplaceAll(options(viaTCP), []byte("\r\n"), []byte("\n")), "SIP/2.0 400 "},
		{"noise", []byte("\x16\x03\x01\x02\x00\x01\n\r\n\r\n"), ""},
	}
	for _, tt := range tests {
		onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
			peer := a.from(t, "192.0.2.9:6000")
			smuggled := options("TCP 192.0.2.9;branch=z9hG4bKsmuggled")
			go func() { _, _ = peer.Write(append(append([]byte(nil), tt.b...), smuggled...)) }()
			rest, took := ends(t, peer)
			if took > 3*time.Second {
				t.Errorf("%s: closed after %v", tt.name, took)
			}
			if tt.want == "" && len(rest) > 0 || !strings.HasPrefix(string(rest), tt.want) || bytes.Count(rest, []byte("SIP/2.0 ")) > 1 {
				t.Errorf("%s: read %q, want %q", tt.name, rest, tt.want)
			}
			synctest.Wait()
			none(t, s.arrivals, tt.name+": message")
			if got := s.Stats(); got.Connections != 0 || got.HalfRead != 0 {
				t.Errorf("%s: left %+v", tt.name, got)
			}
		})
	}
}

// What is malformed but has its frame does not cost the connection.
func TestStreamSurvivesMalformedMessages(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		bad := bytes.Replace(options(viaTCP), []byte("Call-ID"), []byte("X-Call-ID"), 1)
		for range 30 { // the limit of answers is for datagrams
			send(t, peer, bad)
			if m := receive(t, peer); m.Status() != 400 {
				t.Fatalf("answer %s", m.StartLine())
			}
		}
		send(t, peer, bytes.Replace(request("ACK", viaTCP), []byte("Call-ID"), []byte("X-Call-ID"), 1))
		send(t, peer, options(viaTCP))
		if got := <-s.arrivals; got.m.Method() != parser.MethodOptions {
			t.Errorf("arrived: %s", got.m.StartLine())
		}
	})
}

// C2: what is half read is bounded over all connections, and given back.
func TestHalfReadIsBounded(t *testing.T) {
	cfg := Config{Limits: Limits{HalfRead: 100 << 10}}
	onListener(t, cfg, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		head := bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: 60000"), 1)
		first := a.from(t, "192.0.2.9:6000")
		send(t, first, append(head, make([]byte, 50000)...))
		synctest.Wait()
		if got := s.Stats().HalfRead; got != 60<<10 {
			t.Errorf("%d octets half read, want %d", got, 60<<10)
		}
		second := a.from(t, "192.0.2.9:6001")
		go func() { _, _ = second.Write(append(head, make([]byte, 50000)...)) }()
		rest, took := ends(t, second)
		if !bytes.HasPrefix(rest, []byte("SIP/2.0 503 ")) || took > 3*time.Second {
			t.Errorf("read %q in %v, want a 503 and the end", rest, took)
		}
		send(t, first, make([]byte, 10000))
		<-s.arrivals
		synctest.Wait()
		if got := s.Stats().HalfRead; got != 0 {
			t.Errorf("%d octets half read after the message", got)
		}
	})
}

// A message of the limit's size passes, one octet more does not.
func TestStreamMessageLimit(t *testing.T) {
	for _, tt := range []struct {
		limit, extra int
		ok           bool
	}{{0, 0, true}, {0, 1, false}, {1 << 20, 0, true}, {1 << 20, 1, false}} {
		onListener(t, Config{Limits: Limits{Message: tt.limit}}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
			limit := s.cfg.Limits.Message
			peer := a.from(t, "192.0.2.9:6000")
			head := options(viaTCP)
			body := limit - len(head) + tt.extra
			body -= len(fmt.Sprint(body)) - 1
			b := bytes.Replace(head, []byte("Length: 0"), fmt.Appendf(nil, "Length: %d", body), 1)
			b = append(b, make([]byte, body)...)
			if len(b) != limit+tt.extra {
				t.Fatalf("the test made %d octets", len(b))
			}
			go func() { _, _ = peer.Write(b) }()
			if !tt.ok {
				if rest, _ := ends(t, peer); !bytes.HasPrefix(rest, []byte("SIP/2.0 413 ")) {
					t.Errorf("limit %d: read %q, want 413", limit, rest)
				}
				return
			}
			if got := <-s.arrivals; len(got.m.Body()) != body {
				t.Errorf("limit %d: a body of %d octets, want %d", limit, len(got.m.Body()), body)
			}
		})
	}
}

// C3, C11 on real sockets: a lost frame is answered and the peer sees the end within 3s, although it goes on sending.
func TestRealLostFrame(t *testing.T) {
	s := realStation(t, Config{})
	at := s.listen(TCP, "127.0.0.1:0")
	conn := dialTCP(t, at)
	bad := bytes.Replace(options(viaTCP), []byte("Content-Length: 0"), []byte("Content-Length: -1"), 1)
	send(t, conn, append(bad, make([]byte, 100000)...))
	rest, took := ends(t, conn)
	if !bytes.HasPrefix(rest, []byte("SIP/2.0 400 Content-Length: not a number of octets\r\n")) || took > 3*time.Second {
		t.Errorf("read %q in %v", rest, took)
	}
}
