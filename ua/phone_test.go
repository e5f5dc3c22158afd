package ua_test

import (
	"context"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// Where agent and phone are in the tests' network.
var (
	agentAddr = netip.MustParseAddrPort("10.0.0.1:5060")
	phoneAddr = netip.MustParseAddrPort("10.0.0.2:5060")
)

const phoneURI = "sip:bob@10.0.0.2"

// sdpBody is an offer or answer that says which one it is.
func sdpBody(name string) ua.Body { return ua.Body{Type: "application/sdp", Data: []byte(name)} }

// phone is a bare peer in a fake network: it says what a test writes and hears what comes, repetitions left out.
type phone struct {
	t     *testing.T
	net   *siptest.Network
	host  *siptest.Host
	pc    net.PacketConn
	agent *ua.Agent
	home  *siptest.Host // the agent's
	seen  map[string]bool
}

// withPhone runs f in a bubble with an agent and a phone, and fails when the agent holds anything after all deadlines.
func withPhone(t *testing.T, cfg *ua.Config, f func(p *phone)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		p := &phone{t: t, net: n, host: n.Host(phoneAddr.Addr()), home: n.Host(agentAddr.Addr()), seen: make(map[string]bool)}
		p.agent = agentAt(t, p.home, agentAddr, cfg)
		pc, err := p.host.ListenPacket(phoneAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer pc.Close()
		p.pc = pc
		f(p)
		time.Sleep(128*500*time.Millisecond + 5*time.Second)
		s := p.agent.Stats()
		if s.Calls+s.Dialogs+s.Transactions != 0 {
			t.Errorf("left after all deadlines: %+v", s)
		}
		p.agent.Shutdown(context.Background())
	})
}

// send sends a message written with LF line ends.
func (p *phone) send(msg string) {
	p.t.Helper()
	p.pc.WriteTo(onWire(msg), udpAddr(agentAddr))
}

func onWire(msg string) []byte {
	return []byte(strings.ReplaceAll(strings.ReplaceAll(msg, "ADDR", phoneAddr.String()), "\n", "\r\n"))
}

// within returns the next new message that comes in d, nil when there is none.
func (p *phone) within(d time.Duration) *parser.Message {
	p.t.Helper()
	p.pc.SetReadDeadline(time.Now().Add(d))
	for buf := make([]byte, 65536); ; {
		n, _, err := p.pc.ReadFrom(buf)
		if err != nil {
			return nil
		}
		if p.seen[string(buf[:n])] {
			continue
		}
		p.seen[string(buf[:n])] = true
		m := new(parser.Message)
		err = m.Parse(append([]byte(nil), buf[:n]...))
		if err == nil {
			err = m.Check()
		}
		if err != nil {
			p.t.Fatalf("received %q: %v", buf[:n], err)
		}
		return m
	}
}

// hear returns the next new message but 100; what is its method or status.
func (p *phone) hear(what string) *parser.Message {
	p.t.Helper()
	m := p.within(10 * time.Minute)
	for m != nil && m.Status() == parser.StatusTrying {
		m = p.within(10 * time.Minute)
	}
	if m == nil {
		p.t.Fatalf("nothing came, want %s", what)
	}
	line := string(m.StartLine())
	if !strings.HasPrefix(line, what+" ") && !strings.HasPrefix(line, "SIP/2.0 "+what+" ") {
		p.t.Fatalf("got %q, want %s", line, what)
	}
	return m
}

// reply answers a request; tag is that of To, and what follows are header fields, and a body behind "\n".
func (p *phone) reply(m *parser.Message, status, tag string, more ...string) {
	p.t.Helper()
	p.send(replyTo(m, status, tag, more...))
}

func replyTo(m *parser.Message, status, tag string, more ...string) string {
	to := string(m.Raw(parser.HeaderTo))
	if tag != "" && !strings.Contains(to, "tag=") {
		to += ";tag=" + tag
	}
	s := "SIP/2.0 " + status + "\nVia: " + string(m.Raw(parser.HeaderVia)) + "\nFrom: " + string(m.Raw(parser.HeaderFrom)) +
		"\nTo: " + to + "\nCall-ID: " + string(m.CallID()) + "\nCSeq: " + string(m.Raw(parser.HeaderCSeq)) + "\n"
	body := ""
	for _, f := range more {
		if b, ok := strings.CutPrefix(f, "\n"); ok {
			s, body = s+"Content-Type: application/sdp\n", b
			continue
		}
		s += f + "\n"
	}
	return s + "Content-Length: " + strconv.Itoa(len(body)) + "\n\n" + body
}

const contactOfPhone = "Contact: <sip:bob@10.0.0.2:5060>"

// outcome is what became of a call that was placed.
type outcome struct {
	call *ua.Call
	err  error
}

// called places a call on a goroutine of its own.
func (p *phone) called(ctx context.Context, offer ua.Body, opts *ua.CallOptions) chan outcome {
	out := make(chan outcome, 1)
	go func() {
		c, err := p.agent.Call(ctx, phoneURI, offer, opts)
		out <- outcome{c, err}
	}()
	return out
}

// toTagOf returns the tag of To.
func toTagOf(t *testing.T, m *parser.Message) string {
	t.Helper()
	to, err := m.To()
	return tagOf(t, to, err)
}

// literal is a Config.Locate that behaves like none.
func literal(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
	return transport.LocateLiteral(ctx, uri)
}
