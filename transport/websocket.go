package transport

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/transport/ws"
)

// WebSocketConfig says how WebSocket connections begin (RFC 7118, Section 4.1). The zero value is safe. Functions are called by the
// goroutine of their connection, at the same time for different ones.
type WebSocketConfig struct {
	// Check decides whether a client may come in that speaks SIP over WebSocket: by its Origin, a cookie, its credentials, the name in its
	// certificate. It returns nil to let it in, else the answer: 403, or 401 with a WWW-Authenticate of its own (RFC 7118, Section 7). Nil lets in
	// programs, and pages of the very host and port that they came from: ws.SameOrigin.
	Check func(r *http.Request) *ws.Refusal
	// Path is what a client asks for. "" is "/".
	Path string
	// Header returns what a client sends with its request to the server called name: Origin, Cookie, Authorization. A server that refuses is told of by an error
	// that wraps a *ws.Refusal, with its status and header. Nil sends nothing.
	Header func(name string) http.Header
}

// WebSocket returns the server's end of SIP over WebSocket, to be mounted beside what else an http.Server serves: "/sip", say. It takes each connection
// that shakes hands out of the server's care; Shutdown of the layer ends it. TLS is the server's business. The deadline of the request's head is
// http.Server's, all later ones are those of Limits.
func (l *Layer) WebSocket() http.Handler { return http.HandlerFunc(l.serveWebSocket) }

func (l *Layer) serveWebSocket(w http.ResponseWriter, r *http.Request) {
	answer, refused := ws.Accept(r, l.cfg.WebSocket.Check)
	if refused == nil && l.isClosed() {
		refused = &ws.Refusal{Status: http.StatusServiceUnavailable, Reason: "shutting down"}
	}
	if refused != nil {
		refused.ServeHTTP(w, r)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "this server gives no connection away", http.StatusInternalServerError)
		return
	}
	early, _ := buffered.Reader.Peek(buffered.Reader.Buffered())
	p := WS
	if r.TLS != nil {
		p = WSS
	}
	s := l.accepted(p, conn)
	s.early, s.answer = slices.Clone(early), answer
	if r.TLS != nil {
		s.note(*r.TLS)
	}
	l.take(s)
}

// upgrade makes a WebSocket of conn, and remembers what the peer sent behind its part of the handshake.
func (s *stream) upgrade(ctx context.Context, conn net.Conn) error {
	// A Read or Write of conn knows no context.
	if until, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(until)
	}
	switch {
	case s.answer != nil: // net/http has read the request
		_, err := conn.Write(s.answer)
		return err
	case s.source.IsValid():
		return s.upgradeServer(conn)
	}
	return s.upgradeClient(conn)
}

func (s *stream) upgradeServer(conn net.Conn) error {
	var in ws.RequestReader
	var r *http.Request
	rest, err := gather(conn, func(b []byte) (n int, err error) {
		var refused *ws.Refusal
		if r, n, refused = in.Next(b); refused != nil {
			err = refused
		}
		return n, err
	})
	var answer []byte
	if err == nil {
		s.early = rest
		r.RemoteAddr = s.peer.addr.String()
		if t, ok := conn.(secureConn); ok {
			state := t.ConnectionState()
			r.TLS = &state
		}
		var refused *ws.Refusal
		if answer, refused = ws.Accept(r, s.l.cfg.WebSocket.Check); refused != nil {
			err = refused
		}
	}
	if refused, ok := err.(*ws.Refusal); ok {
		_, _ = conn.Write(refused.AppendTo(nil))
		return err
	}
	if err == nil {
		_, err = conn.Write(answer)
	}
	return err
}

func (s *stream) upgradeClient(conn net.Conn) error {
	cfg := &s.l.cfg.WebSocket
	h := ws.ClientHandshake{Host: hostField(s.peer), Target: cfg.Path}
	_, _ = rand.Read(h.Key[:]) // never fails
	if cfg.Header != nil {
		h.Header = cfg.Header(s.peer.name)
	}
	request, err := h.AppendRequest(nil)
	if err != nil {
		return err
	}
	if _, err := conn.Write(request); err != nil {
		return err
	}
	s.early, err = gather(conn, h.Response)
	return err
}

// hostField returns the Host field of a request to p: without the port where it is the default (RFC 6455, Section 4.1).
func hostField(p peer) string {
	host := p.name
	if a, ok := parseHost([]byte(host)); ok {
		host = string(appendHost(nil, a))
	}
	if p.addr.Port() == p.protocol.port() {
		return host
	}
	return host + ":" + strconv.Itoa(int(p.addr.Port()))
}

// gather reads conn until next has found the end of what it looks for, and returns what follows. next bounds what it takes.
func gather(conn net.Conn, next func(b []byte) (n int, err error)) (rest []byte, err error) {
	b := make([]byte, 0, smallBuffer)
	for {
		if len(b) == cap(b) {
			b = slices.Grow(b, len(b))
		}
		n, err := conn.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if n > 0 {
			switch end, err := next(b); {
			case err != nil:
				return nil, err
			case end > 0:
				return slices.Clone(b[end:]), nil
			}
		}
		if err != nil {
			return nil, fmt.Errorf("handshake cut short: %w", err)
		}
	}
}

// drain reads conn until the peer closes too, or until it has had the time for that.
func drain(conn net.Conn, within time.Duration) {
	_ = conn.SetReadDeadline(time.Now().Add(within))
	for b := make([]byte, 512); ; {
		if _, err := conn.Read(b); err != nil {
			return
		}
	}
}

// closeWrite says on conn that nothing follows.
func closeWrite(conn net.Conn) error {
	c, ok := conn.(interface{ CloseWrite() error })
	if !ok {
		return net.ErrClosed
	}
	return c.CloseWrite()
}

// newKey returns the masking key of one frame of s, nil for a server's.
func (s *stream) newKey() *ws.Key {
	if s.source.IsValid() {
		return nil
	}
	key := new(ws.Key)
	_, _ = rand.Read(key[:]) // never fails
	return key
}
