package ua_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// probe is a bare UDP peer that sends what a test writes and reads what comes back.
type probe struct {
	t    *testing.T
	conn *net.UDPConn
	to   net.Addr
}

// newAgent starts an agent on loopback sockets that ends with the test.
func newAgent(t *testing.T, cfg *ua.Config) *ua.Agent {
	t.Helper()
	a, err := ua.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, stop := context.WithCancel(context.Background())
		stop() // do not wait for calls that a test left
		a.Shutdown(ctx)
	})
	return a
}

func newProbe(t *testing.T, a *ua.Agent) *probe {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &probe{t: t, conn: conn, to: net.UDPAddrFromAddrPort(a.Addrs()[0].Addr)}
}

// send sends a message written with LF line ends; ADDR is the probe's own address.
func (p *probe) send(msg string) {
	p.t.Helper()
	msg = strings.ReplaceAll(msg, "ADDR", p.conn.LocalAddr().String())
	msg = strings.ReplaceAll(msg, "\n", "\r\n")
	if _, err := p.conn.WriteTo([]byte(msg), p.to); err != nil {
		p.t.Fatal(err)
	}
}

// receive returns the next message that is not a 100.
func (p *probe) receive() *parser.Message {
	p.t.Helper()
	for {
		p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		buf := make([]byte, 65536)
		n, _, err := p.conn.ReadFrom(buf)
		if err != nil {
			p.t.Fatal(err)
		}
		m := new(parser.Message)
		if err := m.Parse(buf[:n]); err != nil {
			p.t.Fatalf("received %q: %v", buf[:n], err)
		}
		if err := m.Check(); err != nil && m.Status() != parser.StatusBadRequest { // which may lack what the request lacked
			p.t.Fatalf("received %q: %v", buf[:n], err)
		}
		if m.Status() != parser.StatusTrying {
			return m
		}
	}
}

// want receives a response with the status and returns it.
func (p *probe) want(status parser.Status) *parser.Message {
	p.t.Helper()
	m := p.receive()
	if m.Status() != status {
		p.t.Fatalf("got %q, want a %d:\n%s", m.StartLine(), status, m.Bytes())
	}
	return m
}

// request writes a request. Each of over replaces the header field of the same name, or is added; a name with an empty value removes it.
func request(method, uri string, over ...string) string {
	fields := []string{
		"Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bK" + unique(),
		"Max-Forwards: 70",
		"From: <sip:probe@ADDR>;tag=" + unique(),
		"To: <" + uri + ">",
		"Call-ID: " + unique(),
		"CSeq: 1 " + method,
		"Contact: <sip:probe@ADDR>",
	}
	body := ""
	for _, o := range over {
		if b, ok := strings.CutPrefix(o, "\n"); ok {
			body = b
			continue
		}
		name, value, _ := strings.Cut(o, ":")
		found := false
		for i, f := range fields {
			if n, _, _ := strings.Cut(f, ":"); n == name {
				fields[i], found = o, true
				if value == "" {
					fields = append(fields[:i], fields[i+1:]...)
				}
				break
			}
		}
		if !found {
			fields = append(fields, o)
		}
	}
	return method + " " + uri + " SIP/2.0\n" + strings.Join(fields, "\n") +
		fmt.Sprintf("\nContent-Length: %d\n\n%s", len(body), body)
}

var counter = make(chan int, 1) // holds the next number

func unique() string {
	var n int
	select {
	case n = <-counter:
	default:
	}
	counter <- n + 1
	return fmt.Sprintf("p%d", n)
}

func tagOf(t *testing.T, a parser.NameAddr, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return string(a.Tag())
}
