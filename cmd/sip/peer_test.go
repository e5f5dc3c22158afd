package main

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// patience bounds every wait of these tests; nothing of them takes that long unless it is broken.
const patience = 20 * time.Second

// running is a program that runs in this process.
type running struct {
	stdout, stderr recorder
	stop           context.CancelFunc // what SIGINT does
	ended          chan struct{}
	code           int // once ended is closed
}

// launch starts the program. At the end of the test it is stopped, if it still runs.
func launch(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r := &running{stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(r.ended)
		r.code = run(ctx, args, strings.NewReader(""), &r.stdout, &r.stderr)
	}()
	t.Cleanup(func() {
		stop()
		<-r.ended
		if t.Failed() {
			t.Logf("sip %s: exit status %d\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), r.code, r.stdout.String(), r.stderr.String())
		}
	})
	return r
}

// wait waits for the end and checks the exit status.
func (r *running) wait(t *testing.T, code int) {
	t.Helper()
	select {
	case <-r.ended:
	case <-time.After(patience):
		t.Fatalf("still running after %v", patience)
	}
	if r.code != code {
		t.Errorf("got exit status %d, want %d", r.code, code)
	}
}

// serving is a `sip serve` on free ports of the loopback address.
type serving struct {
	*running
	udp, tcp string // host:port
}

func serve(t *testing.T, args ...string) serving {
	t.Helper()
	s := serving{running: launch(t, append([]string{"serve", "-listen", "udp:127.0.0.1:0", "-listen", "tcp:127.0.0.1:0"}, args...)...)}
	s.udp = s.stdout.line(t, "listening udp ")
	s.tcp = s.stdout.line(t, "listening tcp ")
	return s
}

// peer is a bare UDP socket that sends what a test writes and shows what comes back.
type peer struct {
	t    *testing.T
	conn *net.UDPConn
	to   net.Addr // where send sends; the last sender once receive was called

	seq, branch int // the last ones
}

// newPeer returns a peer that sends to addr, which may be "".
func newPeer(t *testing.T, addr string) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	p := &peer{t: t, conn: conn}
	if addr != "" {
		if p.to, err = net.ResolveUDPAddr("udp", addr); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p *peer) addr() string { return p.conn.LocalAddr().String() }

func (p *peer) send(text string) {
	p.t.Helper()
	if _, err := p.conn.WriteTo([]byte(text), p.to); err != nil {
		p.t.Fatal(err)
	}
}

// request sends a request outside a dialog. Each has a CSeq number and a branch of its own; more are the lines after
// the usual ones, the last of which may be withBody's.
func (p *peer) request(method, uri string, more ...string) {
	p.t.Helper()
	p.seq++
	p.write(method, uri, "", more...)
}

// inside sends a request in the dialog that response ok made. An ACK has the number of what it acknowledges.
func (p *peer) inside(method string, ok *parser.Message, more ...string) {
	p.t.Helper()
	if method != "ACK" {
		p.seq++
	}
	to, err := ok.To()
	if err != nil {
		p.t.Fatal(err)
	}
	p.write(method, string(to.URI().Raw()), ";tag="+string(to.Tag()), more...)
}

// hangUp acknowledges the 200 that answered an INVITE and ends the call.
func (p *peer) hangUp(ok *parser.Message) {
	p.t.Helper()
	p.inside("ACK", ok)
	p.inside("BYE", ok)
	p.until(func(m *parser.Message) bool { return m.Status() == 200 && m.Method() == parser.MethodBye })
}

func (p *peer) write(method, uri, toTag string, more ...string) {
	p.t.Helper()
	p.branch++
	self := p.addr()
	text := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d\r\nFrom: <sip:probe@%s>;tag=probe\r\nTo: <%s>%s\r\nCall-ID: %s\r\n"+
		"CSeq: %d %s\r\nContact: <sip:probe@%s>\r\nMax-Forwards: 70\r\n", method, uri, self, p.branch, self, uri, toTag, self, p.seq, method, self)
	text += strings.Join(more, "\r\n")
	if !strings.Contains(text, "\r\n\r\n") {
		text = strings.TrimSuffix(text, "\r\n") + "\r\nContent-Length: 0\r\n\r\n"
	}
	p.send(text)
}

// withBody returns the lines that end a request with a body.
func withBody(contentType, body string) string {
	return fmt.Sprintf("Content-Type: %s\r\nContent-Length: %d\r\n\r\n%s", contentType, len(body), body)
}

// receive waits for the next message.
func (p *peer) receive() *parser.Message {
	p.t.Helper()
	if err := p.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		p.t.Fatal(err)
	}
	buf := make([]byte, 65536)
	n, from, err := p.conn.ReadFrom(buf)
	if err != nil {
		p.t.Fatal(err)
	}
	p.to = from
	m := new(parser.Message)
	if err := check(m, buf[:n]); err != nil {
		p.t.Fatalf("%v in %q", m.Fault(), buf[:n])
	}
	return m
}

// until receives until ok says that it is the message that is waited for.
func (p *peer) until(ok func(m *parser.Message) bool) *parser.Message {
	p.t.Helper()
	for {
		if m := p.receive(); ok(m) {
			return m
		}
	}
}

// respond answers req, with a tag of the peer's own and a Contact.
func (p *peer) respond(req *parser.Message, status parser.Status, more func(b *parser.Builder)) {
	p.t.Helper()
	var b parser.Builder
	b.Reset(nil)
	b.Response(req, status, "", "peer")
	b.Header(parser.HeaderContact, "<sip:peer@"+p.addr()+">")
	if more != nil {
		more(&b)
	}
	w, err := b.Wire()
	if err != nil {
		p.t.Fatal(err)
	}
	p.send(string(w.AppendTo(nil)))
}

// bye sends a BYE in the dialog that the peer's 200 to invite made, and waits for its answer. The peer is the
// callee: what was To in the INVITE is From here.
func (p *peer) bye(invite *parser.Message) {
	p.t.Helper()
	p.branch++
	contact, err := invite.Contact()
	if err != nil {
		p.t.Fatal(err)
	}
	p.send(fmt.Sprintf("BYE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%d\r\nFrom: %s;tag=peer\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 BYE\r\n"+
		"Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n", contact.URI().Raw(), p.addr(), p.branch, invite.Raw(parser.HeaderTo), invite.Raw(parser.HeaderFrom), invite.CallID()))
	p.until(func(m *parser.Message) bool { return m.Status() == 200 && m.Method() == parser.MethodBye })
}

// isMethod returns a condition for until: a request of method.
func isMethod(method parser.Method) func(*parser.Message) bool {
	return func(m *parser.Message) bool { return m.IsRequest() && m.Method() == method }
}
