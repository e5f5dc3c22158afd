package transport

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/ws"
)

const handshake = "GET / HTTP/1.1\r\nHost: 192.0.2.1:5061\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n" +
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n"

// browser is a WebSocket client that a test plays frame by frame.
type browser struct {
	t    testing.TB
	conn net.Conn
	in   ws.Reader
	buf  []byte
}

// browse shakes hands over conn; with says what follows the handshake at once.
func browse(t testing.TB, conn net.Conn, with []byte) *browser {
	t.Helper()
	send(t, conn, append([]byte(handshake+"\r\n"), with...))
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	b := &browser{t: t, conn: conn, in: ws.Reader{Role: ws.Client}}
	var head []byte
	for one := make([]byte, 1); !bytes.HasSuffix(head, []byte("\r\n\r\n")); head = append(head, one...) {
		if _, err := conn.Read(one); err != nil {
			t.Fatalf("read the handshake after %q: %v", head, err)
		}
	}
	if !strings.HasPrefix(string(head), "HTTP/1.1 101 ") || !strings.Contains(string(head), "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") {
		t.Fatalf("the handshake was answered with %q", head)
	}
	return b
}

// frame sends one frame.
func (b *browser) frame(op ws.Opcode, payload []byte) {
	b.t.Helper()
	send(b.t, b.conn, ws.AppendFrame(nil, &ws.Key{1, 2, 3, 4}, op, payload))
}

// next returns what comes next; data is the test's own.
func (b *browser) next() ws.Event {
	b.t.Helper()
	for {
		e, rest, err := b.in.Next(b.buf)
		if err != nil {
			b.t.Fatalf("frame: %v", err)
		}
		e.Data = bytes.Clone(e.Data)
		b.buf = rest
		if e.Op != 0 {
			return e
		}
		more := make([]byte, 1000)
		if err := b.conn.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
			b.t.Fatal(err)
		}
		n, err := b.conn.Read(more)
		if b.buf = append(b.buf, more[:n]...); err != nil {
			b.t.Fatalf("read: %v", err)
		}
	}
}

// message returns the SIP message that comes next.
func (b *browser) message() (ws.Opcode, *parser.Message) {
	b.t.Helper()
	e := b.next()
	m := new(parser.Message)
	if err := m.Parse(e.Data); err != nil || e.Op != ws.Text && e.Op != ws.Binary {
		b.t.Fatalf("got %v %q, %v, want a message", e.Op, e.Data, err)
	}
	return e.Op, m
}

// closed checks that a Close with code comes, after pings perhaps, and then the end.
func (b *browser) closed(code ws.Code) {
	b.t.Helper()
	e := b.next()
	for e.Op == ws.Ping {
		e = b.next()
	}
	if e.Op != ws.Close || e.Code != code {
		b.t.Errorf("got %v %v %q, want a Close with %v", e.Op, e.Code, e.Data, code)
	}
	ends(b.t, b.conn)
	_ = b.conn.Close()
}
