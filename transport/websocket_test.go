package transport

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/ws"
)

const viaWS = "WS df7jal23ls0d.invalid;branch=z9hG4bKasudf"

// onBrowser runs f with a client of a WebSocket server.
func onBrowser(t *testing.T, cfg Config, f func(t *testing.T, s *station, b *browser)) {
	onWebSocket(t, cfg, func(t *testing.T, s *station, dial func() net.Conn) { f(t, s, browse(t, dial(), nil)) })
}

// onWebSocket runs f with a WebSocket server, and what connects to it.
func onWebSocket(t *testing.T, cfg Config, f func(t *testing.T, s *station, dial func() net.Conn)) {
	synctest.Test(t, func(t *testing.T) {
		s := newStation(t, cfg)
		a := newAcceptor(serverAddr)
		if err := s.ServeListener(WS, a); err != nil {
			t.Fatal(err)
		}
		var conns []net.Conn
		defer func() {
			for _, conn := range conns {
				_ = conn.Close()
			}
			synctest.Wait()
			s.stop()
			if got := s.Stats(); got.Connections+got.Sources+int(got.HalfRead) != 0 {
				t.Errorf("left after Shutdown: %+v", got)
			}
		}()
		n := uint16(6000)
		f(t, s, func() net.Conn {
			n++
			ours, theirs := newWire(ap(serverAddr), ap(fmt.Sprintf("192.0.2.9:%d", n)))
			a.conns <- ours
			conns = append(conns, theirs)
			return theirs
		})
	})
}

// RFC 7118, Sections 4.2 and 5: each message of WebSocket is one of SIP, in text or binary and in as many fragments as the client likes.
func TestWebSocketMessages(t *testing.T) {
	onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
		long := bytes.Repeat([]byte("really "), 2000)
		req := append(bytes.Replace(options(viaWS), []byte("Length: 0"), fmt.Appendf(nil, "Length: %d", len(long)), 1), long...)
		key := &ws.Key{9, 8, 7, 6}
		for name, octets := range map[string][]byte{
			"text":      ws.AppendFrame(nil, key, ws.Text, req),
			"binary":    ws.AppendFrame(nil, key, ws.Binary, req),
			"fragments": fragments(req, 7),
		} {
			send(t, b.conn, octets)
			got := next(t, s.arrivals, "message")
			if got.m.Method() != parser.MethodOptions || !bytes.Equal(got.m.Body(), long) {
				t.Errorf("%s: got %q", name, got.m.Bytes())
			}
			if f, ok := got.hop.Flow(); !ok || f.Protocol() != WS || !got.hop.Reliable() {
				t.Errorf("%s: it came over %v", name, f.Protocol())
			}
			if err := got.hop.Send(answer(t, got.m)); err != nil {
				t.Fatal(err)
			}
			op, m := b.message()
			if op != ws.Text || m.Status() != parser.StatusOK {
				t.Errorf("%s: answered with %v %v", name, op, m.Status())
			}
		}
		// Content-Length is not needed (RFC 7118, Section 5).
		b.frame(ws.Text, bytes.Replace(options(viaWS), []byte("Content-Length: 0\r\n"), nil, 1))
		got := next(t, s.arrivals, "message")
		// What is no UTF-8 goes as binary.
		h := got.hop
		if err := h.Send(parser.Wire{Head: bytes.Replace(response(viaWS), []byte("Length: 0"), []byte("Length: 2"), 1), Body: [3][]byte{{0xff}, {0xfe}}}); err != nil {
			t.Fatal(err)
		}
		if op, m := b.message(); op != ws.Binary || !bytes.Equal(m.Body(), []byte{0xff, 0xfe}) {
			t.Errorf("got %v %q, want binary", op, m.Body())
		}
	})
}

// fragments cuts m into frames of n octets, with a ping in each gap.
func fragments(m []byte, n int) []byte {
	key := &ws.Key{1, 2, 3, 4}
	var out []byte
	for first := true; len(m) > 0; first = false {
		part := m[:min(n, len(m))]
		m = m[len(part):]
		at := len(out)
		out = ws.AppendFrame(out, key, ws.Text, part)
		if !first {
			out[at] &^= 0x0f // continuation
		}
		if len(m) > 0 {
			out[at] &^= 0x80 // not the last
		}
	}
	return out
}

// TP-050: a second message behind the first is no part of it, and both are refused.
func TestWebSocketMessageHoldsOne(t *testing.T) {
	onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
		two := append(options(viaWS), options(viaWS)...)
		b.frame(ws.Text, two)
		if _, m := b.message(); m.Status() != parser.StatusBadRequest {
			t.Errorf("got %v, want 400", m.Status())
		}
		b.frame(ws.Text, []byte("hello"))
		b.frame(ws.Text, options(viaWS)) // the connection lives on
		next(t, s.arrivals, "message")
		none(t, s.arrivals, "message")
	})
}

// TP-051: there is no way back to a WebSocket client but its connection.
func TestWebSocketClientIsNotCalledBack(t *testing.T) {
	onBrowser(t, Config{Dial: newDialler().dial}, func(t *testing.T, s *station, b *browser) {
		b.frame(ws.Text, options(viaWS))
		got := next(t, s.arrivals, "message")
		f, _ := got.hop.Flow()
		h, err := s.Hop(Target{Flow: f})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.Send(wire(options("WS 192.0.2.1:5061;branch=z9hG4bK2"))); err != nil {
			t.Fatal(err)
		}
		b.message()
		if h.SentBy() != serverAddr || h.Protocol() != WS || h.Remote() != f.Remote() {
			t.Errorf("SentBy %q, Protocol %v, Remote %v", h.SentBy(), h.Protocol(), h.Remote())
		}
		b.frame(ws.Close, []byte{0x03, 0xe8})
		b.closed(ws.CodeNormal)
		<-f.Done()
		for _, hop := range []*Hop{got.hop, h} {
			if err := hop.Send(answer(t, got.m)); !errors.Is(err, ErrClosed) {
				t.Errorf("Send on the closed connection = %v, want ErrClosed", err)
			}
		}
	})
}

// RFC 7118, Section 6, and RFC 6455, Section 5.5.2.
func TestWebSocketPings(t *testing.T) {
	onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
		b.frame(ws.Ping, []byte("are you there"))
		if e := b.next(); e.Op != ws.Pong || string(e.Data) != "are you there" {
			t.Errorf("got %v %q, want the pong", e.Op, e.Data)
		}
		b.frame(ws.Text, []byte("\r\n\r\n"))
		if e := b.next(); e.Op != ws.Text || string(e.Data) != "\r\n" {
			t.Errorf("got %v %q, want CRLF", e.Op, e.Data)
		}
		b.frame(ws.Text, nil)
		b.frame(ws.Text, options(viaWS))
		next(t, s.arrivals, "message")
	})
}

// We ping every 30 seconds at most. Who answers stays until the connection is idle; who does not is gone 10 seconds later.
func TestWebSocketIsPinged(t *testing.T) {
	for _, answers := range []bool{true, false} {
		onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
			b.frame(ws.Text, options(viaWS))
			got := next(t, s.arrivals, "message")
			f, _ := got.hop.Flow()
			start, last := time.Now(), time.Now()
			pings := 0
			for {
				e := b.next()
				if e.Op == ws.Close {
					if e.Code != ws.CodeNormal || !answers {
						t.Errorf("closed with %v", e.Code)
					}
					break
				}
				if gap := time.Since(last); e.Op != ws.Ping || gap < 24*time.Second || gap > 30*time.Second {
					t.Errorf("%v after %v, want a ping after 24s to 30s", e.Op, gap)
				}
				last = time.Now()
				if pings++; !answers {
					break
				}
				b.frame(ws.Pong, e.Data)
			}
			if !answers {
				<-f.Done()
				if took := time.Since(last); took != pongWithin {
					t.Errorf("closed %v after the ping, want %v", took, pongWithin)
				}
				return
			}
			if took := time.Since(start); took != 180*time.Second || pings < 5 {
				t.Errorf("idle after %v and %d pings, want 180s: pongs are no use of a connection", took, pings)
			}
		})
	}
}

// RFC 6455, Sections 5.5.1, 7.1.5 and 7.4.1: what a Close is answered with, and what earns one.
func TestWebSocketClose(t *testing.T) {
	key := &ws.Key{1, 2, 3, 4}
	tests := []struct {
		name string
		send []byte
		want ws.Code
	}{
		{"normal", ws.AppendClose(nil, key, ws.CodeNormal, "done"), ws.CodeNormal},
		{"going away", ws.AppendClose(nil, key, ws.CodeGoingAway, ""), ws.CodeGoingAway},
		{"without code", ws.AppendClose(nil, key, ws.CodeNoStatus, ""), ws.CodeNoStatus},
		{"not masked", ws.AppendFrame(nil, nil, ws.Text, options(viaWS)), ws.CodeProtocol},
		{"text that is none", ws.AppendFrame(nil, key, ws.Text, []byte{0xff}), ws.CodeInvalidData},
		{"too large", ws.AppendFrame(nil, key, ws.Text, make([]byte, 70000)), ws.CodeTooBig},
		{"too large in fragments", fragments(bytes.Repeat([]byte("a"), 70000), 10000), ws.CodeTooBig},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
				send(t, b.conn, tt.send)
				b.closed(tt.want)
				synctest.Wait()
				if s.Connections() != 0 {
					t.Error("the connection is left")
				}
				none(t, s.arrivals, "message")
			})
		})
	}
}

// A message that does not come to its end is given up, pings between its fragments or not.
func TestWebSocketMessageIsDue(t *testing.T) {
	onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
		b.frame(ws.Text, options(viaWS))
		next(t, s.arrivals, "message")
		start := time.Now()
		part := ws.AppendFrame(nil, &ws.Key{}, ws.Text, []byte("OPTIONS"))
		part[0] &^= 0x80
		send(t, b.conn, part)
		pinged := make(chan struct{})
		go func() {
			defer close(pinged)
			for range 4 {
				time.Sleep(3 * time.Second)
				_, _ = b.conn.Write(ws.AppendFrame(nil, &ws.Key{}, ws.Ping))
			}
		}()
		defer func() { <-pinged }()
		for range 3 {
			b.next()
		}
		b.closed(ws.CodePolicy)
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("closed after %v, want 10s", took)
		}
	})
}

// A Close that the peer does not answer is not waited for longer than its time.
func TestWebSocketShutdown(t *testing.T) {
	onBrowser(t, Config{}, func(t *testing.T, s *station, b *browser) {
		b.frame(ws.Text, options(viaWS))
		next(t, s.arrivals, "message")
		start := time.Now()
		done := make(chan struct{})
		go func() {
			defer close(done)
			if err := s.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}()
		if e := b.next(); e.Op != ws.Close || e.Code != ws.CodeGoingAway {
			t.Errorf("got %v %v, want 1001", e.Op, e.Code)
		}
		time.Sleep(time.Second)
		b.frame(ws.Text, options(viaWS)) // buys no more time
		<-done
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("Shutdown took %v, want 2s", took)
		}
	})
}

// What follows the handshake in the same packet is not lost.
func TestWebSocketFramesBehindTheHandshake(t *testing.T) {
	onWebSocket(t, Config{}, func(t *testing.T, s *station, dial func() net.Conn) {
		frame := ws.AppendFrame(nil, &ws.Key{1, 2, 3, 4}, ws.Text, options(viaWS))
		browse(t, dial(), append(frame, frame[:20]...))
		next(t, s.arrivals, "message")
	})
}

// A handshake that is not for SIP, or that the application does not want, is answered as HTTP does it.
func TestWebSocketHandshakeIsRefused(t *testing.T) {
	check := func(r *http.Request) *ws.Refusal {
		if r.RemoteAddr == "" || r.TLS != nil {
			t.Errorf("the request says it came from %q, TLS %v", r.RemoteAddr, r.TLS)
		}
		return &ws.Refusal{Status: 401, Header: http.Header{"Www-Authenticate": {`Basic realm="sip"`}}, Reason: "who are you"}
	}
	tests := []struct {
		name   string
		check  func(r *http.Request) *ws.Refusal
		head   string
		status string
	}{
		{"another protocol", nil, strings.Replace(handshake, "Protocol: sip", "Protocol: chat", 1), "400"},
		{"no WebSocket", nil, "GET / HTTP/1.1\r\nHost: a\r\n", "426"},
		{"another origin", nil, handshake + "Origin: https://evil.example\r\n", "403"},
		{"the application", check, handshake, "401"},
		{"no HTTP", nil, "OPTIONS sip:a@b SIP/2.0\r\n", "400"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			onWebSocket(t, Config{WebSocket: WebSocketConfig{Check: tt.check}}, func(t *testing.T, s *station, dial func() net.Conn) {
				conn := dial()
				send(t, conn, []byte(tt.head+"\r\n"))
				got, _ := ends(t, conn)
				if !strings.HasPrefix(string(got), "HTTP/1.1 "+tt.status+" ") {
					t.Errorf("got %q, want %s", got, tt.status)
				}
				if tt.status == "401" && !strings.Contains(string(got), "Www-Authenticate: Basic realm=\"sip\"\r\n") {
					t.Errorf("got %q, want the challenge", got)
				}
			})
		})
	}
	onWebSocket(t, Config{}, func(t *testing.T, s *station, dial func() net.Conn) {
		for _, head := range []string{"", handshake} {
			start, conn := time.Now(), dial()
			send(t, conn, []byte(head))
			ends(t, conn)
			if took := time.Since(start); took != 10*time.Second {
				t.Errorf("an unfinished handshake was closed after %v, want 10s", took)
			}
		}
	})
}

// Both ends of ours, with TLS and without.
func TestWebSocketThereAndBack(t *testing.T) {
	for _, p := range []Protocol{WS, WSS} {
		onPair(t, p, good, func(t *testing.T, two *pair) {
			h := two.hop(t, "example.com")
			sentBy := h.SentBy()
			if !strings.HasSuffix(sentBy, ".invalid") || len(sentBy) < 16 {
				t.Errorf("SentBy of the client %q, want a random host of .invalid", sentBy)
			}
			for i := range 3 {
				if err := h.Send(wire(options(p.String() + " " + sentBy + ";branch=z9hG4bK1"))); err != nil {
					t.Fatal(err)
				}
				got := next(t, two.server.arrivals, "request")
				if f, _ := got.hop.Flow(); f.Protocol() != p {
					t.Errorf("%d: it came over %v", i, f.Protocol())
				}
				if err := got.hop.Send(wire(response(p.String() + " " + sentBy + ";branch=z9hG4bK1"))); err != nil {
					t.Fatal(err)
				}
				next(t, two.client.arrivals, "response")
			}
			if two.dials != 1 {
				t.Errorf("%d connections", two.dials)
			}
		})
	}
}

// TP-052: over WSS the rules of HTTPS hold, where a wildcard counts.
func TestWSSIsHTTPS(t *testing.T) {
	for name, ok := range map[string]bool{"sip.example.com": true, "example.com": false, "": false} {
		onPair(t, WSS, func(_ *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
			client := Config{TLS: TLSConfig{ClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
				t.Error("a browser would ask its user for a certificate")
				return new(tls.Certificate), nil
			}}}
			return ca.issue(names{dns: []string{"*.example.com"}}), client, Config{TLS: TLSConfig{ClientAuth: tls.VerifyClientCertIfGiven}}
		}, func(t *testing.T, p *pair) {
			_, err := p.client.Flow(t.Context(), Target{Protocol: WSS, Addr: ap(serverAddr), Name: name})
			if (err == nil) != ok {
				t.Errorf("%q: %v, want ok %v", name, err, ok)
			}
			if err != nil && !strings.Contains(err.Error(), "certificate is valid for *.example.com") && !strings.Contains(err.Error(), "doesn't contain any IP SANs") {
				t.Errorf("%q: %v does not say why", name, err)
			}
		})
	}
}

// TP-053: a client sends what it is given, and a refusal reaches the sender with all that it says.
func TestWebSocketClientIsRefused(t *testing.T) {
	onPair(t, WS, func(_ *testing.T, ca *authority) (*tls.Certificate, Config, Config) {
		client := Config{WebSocket: WebSocketConfig{Path: "/sip?v=1", Header: func(name string) http.Header {
			return http.Header{"Cookie": {"session=1"}, "X-Name": {name}}
		}}}
		server := Config{WebSocket: WebSocketConfig{Check: func(r *http.Request) *ws.Refusal {
			if r.RequestURI != "/sip?v=1" || r.Header.Get("Cookie") != "session=1" || r.Header.Get("X-Name") != "example.com" || r.Host != "example.com:5061" {
				return &ws.Refusal{Status: 500, Reason: fmt.Sprint(r.RequestURI, r.Host, r.Header)}
			}
			return &ws.Refusal{Status: 401, Header: http.Header{"Www-Authenticate": {"Basic"}}}
		}}}
		return nil, client, server
	}, func(t *testing.T, p *pair) {
		h := p.hop(t, "example.com")
		if err := h.Send(wire(options(viaWS))); err != nil {
			t.Fatal(err)
		}
		f := next(t, p.client.failures, "failure")
		var refused *ws.Refusal
		if f.hop != h || !errors.As(f.err, &refused) || refused.Status != 401 || refused.Header.Get("Www-Authenticate") != "Basic" {
			t.Errorf("got %v, want a Refusal with 401", f.err)
		}
	})
}
