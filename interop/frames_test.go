package interop

import (
	"bytes"
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/ws"
	"github.com/ringback-sip/ringback/ua"
)

// A browser cuts what is larger than its own buffers into fragments. They are put together for who allows such messages; `sip serve` does not, and closes
// with a code that says so (RFC 6455, Section 7.4.1). A page of another origin does not come in.
func TestBrowserFrames(t *testing.T) {
	t.Parallel()
	const large, fits = 140000, 60000
	p := newPage(t, "frames.js")
	c := newCertificate(t)
	here, elsewhere := serveWeb(t, c, "-origin", p.web.URL), serveWeb(t, c, "-origin", "https://example.com")

	bodies := make(chan []byte, 1)
	agent, err := ua.New(&ua.Config{
		Limits:    transport.Limits{Message: 200000},
		WebSocket: transport.WebSocketConfig{Check: ws.Origins(p.web.URL)},
		OnMessage: func(r *ua.Request) {
			bodies <- bytes.Clone(r.Message().Body())
			if err := r.Respond(parser.StatusOK, nil); err != nil {
				t.Error(err)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := agent.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
	roomy, recorded := record(t, agent.WebSocket())

	const answered = "open sip\nmessage SIP/2.0 200 OK\nclose 1000\n"
	tests := []struct {
		name, scheme, addr string
		size               int
		want               string
	}{
		{"60 kB over ws", "ws", here.addr["ws"], fits, answered},
		{"60 kB over wss", "wss", here.addr["wss"], fits, answered},
		{"140 kB over ws", "ws", here.addr["ws"], large, "open sip\nclose 1009\n"},
		{"140 kB over wss", "wss", here.addr["wss"], large, "open sip\nclose 1009\n"},
		{"140 kB where they are allowed", "ws", roomy, large, answered},
		{"another origin", "ws", elsewhere.addr["ws"], fits, "close 1006, not clean\n"},
	}
	var cases []visit
	for i, tt := range tests {
		cases = append(cases, visit{Name: tt.name, Server: tt.scheme + "://" + tt.addr, Message: message(i, tt.scheme, tt.addr, text(tt.size))})
	}
	p.show(t, c.pin, cases)
	for _, tt := range tests {
		p.await(t, 20*time.Second, tt.name, "close")
		if got := p.of(tt.name); got != tt.want {
			t.Errorf("%s: the page told\n%swant\n%s", tt.name, got, tt.want)
		}
	}
	select {
	case got := <-bodies:
		if string(got) != text(large) {
			t.Errorf("got a body of %d octets, want the %d that were sent", len(got), large)
		}
	default:
		t.Error("the agent got no message")
	}
	if n := fragments(recorded()); n < 2 {
		t.Errorf("the browser sent %d frames: want several, or this tests nothing", n)
	}
}

// text returns size octets of text whose parts all differ.
func text(size int) string {
	var b []byte
	for i := 0; len(b) < size; i++ {
		b = append(strconv.AppendInt(b, int64(i), 10), ' ')
	}
	return string(b[:size])
}

// message returns a MESSAGE for the echo user.
func message(n int, scheme, addr, body string) string {
	id := strconv.Itoa(n)
	return strings.Join([]string{
		"MESSAGE sip:echo@" + addr + " SIP/2.0",
		"Via: SIP/2.0/" + strings.ToUpper(scheme) + " page.invalid;branch=z9hG4bKpage" + id,
		"Max-Forwards: 70",
		"From: <sip:browser@page.invalid>;tag=p" + id,
		"To: <sip:echo@" + addr + ">",
		"Call-ID: " + id + "@page.invalid",
		"CSeq: 1 MESSAGE",
		"Content-Type: text/plain",
		"Content-Length: " + strconv.Itoa(len(body)), "", body}, "\r\n")
}

// record serves h and returns where, and what tells what its clients have sent; there is to be one client.
func record(t *testing.T, h http.Handler) (addr string, recorded func() []byte) {
	t.Helper()
	l := new(recorder)
	web := httptest.NewUnstartedServer(h)
	l.Listener, web.Listener = web.Listener, l
	web.Start()
	t.Cleanup(web.Close)
	return web.Listener.Addr().String(), func() []byte {
		l.mu.Lock()
		defer l.mu.Unlock()
		return bytes.Clone(l.in)
	}
}

// recorder is a listener that keeps what is read from its connections.
type recorder struct {
	net.Listener
	mu sync.Mutex // guards in
	in []byte
}

func (l *recorder) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	return &recordedConn{c, l}, err
}

type recordedConn struct {
	net.Conn
	l *recorder
}

func (c *recordedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.l.mu.Lock()
	defer c.l.mu.Unlock()
	c.l.in = append(c.l.in, b[:n]...)
	return n, err
}

// fragments returns how many frames the first message behind a handshake has.
func fragments(in []byte) int {
	_, in, _ = bytes.Cut(in, []byte("\r\n\r\n"))
	for n := 1; len(in) >= 10; n++ {
		if in[0]&0x80 != 0 {
			return n
		}
		size, head := uint64(in[1]&0x7f), 2
		switch size {
		case 126:
			size, head = uint64(binary.BigEndian.Uint16(in[2:])), 4
		case 127:
			size, head = binary.BigEndian.Uint64(in[2:]), 10
		}
		end := uint64(head+len("mask")) + size
		if end > uint64(len(in)) {
			break
		}
		in = in[end:]
	}
	return 0
}
