package transport

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// A WebSocket server is mounted beside the user's own application, on an http.Server of its own or of TLS; the layer ends its connections.
func TestWebSocketBesideAnApplication(t *testing.T) {
	for _, p := range []Protocol{WS, WSS} {
		t.Run(p.String(), func(t *testing.T) {
			server := realStation(t, Config{})
			mux := http.NewServeMux()
			mux.Handle("/sip", server.WebSocket())
			mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("the application")) })
			web := httptest.NewUnstartedServer(mux)
			cfg := Config{WebSocket: WebSocketConfig{Path: "/sip"}}
			if p == WSS {
				web.StartTLS()
				cfg.TLS.Roots = web.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
			} else {
				web.Start()
			}
			defer web.Close()
			if r, err := web.Client().Get(web.URL); err != nil || r.StatusCode != 200 {
				t.Errorf("the application: %v", err)
			}
			if r, err := web.Client().Get(web.URL + "/sip"); err != nil || r.StatusCode != 426 {
				t.Errorf("a page where WebSocket is: %v, want 426", err)
			}
			client := realStation(t, cfg)
			h, err := client.Hop(Target{Protocol: p, Addr: ap(web.Listener.Addr().String()), Name: "example.com"})
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Send(wire(options(p.String() + " " + h.SentBy() + ";branch=z9hG4bK1"))); err != nil {
				t.Fatal(err)
			}
			got := next(t, server.arrivals, "request")
			f, _ := got.hop.Flow()
			if f.Protocol() != p || f.Local() != ap(web.Listener.Addr().String()) {
				t.Errorf("it came over %v to %v", f.Protocol(), f.Local())
			}
			if err := got.hop.Send(wire(response(p.String() + " " + h.SentBy() + ";branch=z9hG4bK1"))); err != nil {
				t.Fatal(err)
			}
			if m := next(t, client.arrivals, "response").m; m.Status() != parser.StatusOK {
				t.Errorf("got %v", m.Status())
			}
			if got := server.Stats(); got.Accepted != 1 {
				t.Errorf("%d connections, want 1", got.Accepted)
			}
			back, _ := h.Flow()
			server.stop()
			next(t, back.Done(), "end of the connection")
			if r, err := web.Client().Do(upgrade(t, web.URL)); err != nil || r.StatusCode != 503 {
				t.Errorf("after Shutdown: %v, want 503", err)
			}
		})
	}
}

// upgrade returns a good handshake.
func upgrade(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequest("GET", url+"/sip", nil)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(handshake) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok && name != "Host" {
			r.Header.Set(name, value)
		}
	}
	return r
}

// Real sockets: a slow upgrade is given up, a fragmented message gets through, and nothing is left.
func TestRealWebSocket(t *testing.T) {
	s := realStation(t, Config{Limits: Limits{Handshake: 50 * time.Millisecond, FirstMessage: 5 * time.Second}})
	at := s.listen(WS, "127.0.0.1:0")
	dial := func() net.Conn {
		conn, err := net.Dial("tcp", at.String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	}
	slow := dial()
	send(t, slow, []byte(handshake))
	b := browse(t, dial(), nil)
	send(t, b.conn, fragments(options(viaWS), 1))
	got := next(t, s.arrivals, "message")
	if err := got.hop.Send(answer(t, got.m)); err != nil {
		t.Fatal(err)
	}
	b.message()
	ends(t, slow)
}
