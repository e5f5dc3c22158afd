package blackbox

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

var long = flag.Bool("long", false, "run all of what takes long, not a thousandth")

// share returns n, and a thousandth of it, most at least, without -long.
func share(n, most int) int {
	if *long {
		return n
	}
	return max(n/1000, most)
}

// Where agent, attacker and good client are in the fake network.
var (
	agentAddr = netip.MustParseAddrPort("10.0.0.1:5060")
	evilAddr  = netip.MustParseAddr("10.0.0.66")
	goodAddr  = netip.MustParseAddrPort("10.0.0.3:5060")
)

// lab is an agent in a fake network, with somebody who means it harm and a good client.
type lab struct {
	*testing.T
	net   *siptest.Network
	agent *ua.Agent
	evil  *siptest.Host
	good  net.PacketConn
	pings int
}

// echo answers every call and message at once.
func echo() *ua.Config {
	return &ua.Config{
		OnCall:    func(c *ua.Call) { c.Answer(ua.Body{Type: "application/sdp", Data: siptest.SDP(agentAddr.Addr())}) },
		OnMessage: func(*ua.Request) {},
	}
}

// settle is longer than everything that may live on when nobody says anything any more: 128*T1 + T4, a connection's rest, and 5 s.
const settle = 128*500*time.Millisecond + 5*time.Second + 185*time.Second + 5*time.Second

// inLab runs f in a bubble, and fails the test when the good client is not served afterwards, when a handler panicked, or when
// the agent holds anything after all deadlines.
func inLab(t *testing.T, cfg *ua.Config, f func(l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		host := n.Host(agentAddr.Addr())
		pc, err := host.ListenPacket(agentAddr)
		if err != nil {
			t.Fatal(err)
		}
		ln, err := host.Listen(agentAddr)
		if err != nil {
			t.Fatal(err)
		}
		with := *cfg
		with.PacketConns, with.Listeners, with.Dial = append(with.PacketConns, pc), append(with.Listeners, ln), host.Dial
		if with.Locate == nil { // no question to a server of names leaves the bubble
			with.Locate = transport.LocateLiteral
		}
		agent, err := ua.New(&with)
		if err != nil {
			t.Fatal(err)
		}
		defer agent.Shutdown(context.Background())
		good, err := n.Host(goodAddr.Addr()).ListenPacket(goodAddr)
		if err != nil {
			t.Fatal(err)
		}
		l := &lab{T: t, net: n, agent: agent, evil: n.Host(evilAddr), good: good}
		f(l)
		l.ping()
		l.settled()
	})
}

// settled waits until every deadline has passed and fails when something is left.
func (l *lab) settled() {
	l.Helper()
	time.Sleep(settle)
	synctest.Wait()
	s := l.agent.Stats()
	if n := s.Transactions + s.Calls + s.Dialogs + s.Connections + s.Dialled + s.Handlers; n != 0 {
		l.Errorf("left after all deadlines: %+v", s)
	}
	if s.Panics != 0 {
		l.Errorf("%d handlers panicked", s.Panics)
	}
}

// ping fails the test unless an OPTIONS of the good client is answered at once.
func (l *lab) ping() {
	l.Helper()
	l.pings++
	id := fmt.Sprintf("ping%d", l.pings)
	l.good.WriteTo([]byte(request("OPTIONS", "sip:a@10.0.0.1", goodAddr, id)), toAgent())
	l.good.SetReadDeadline(time.Now().Add(time.Second))
	for buf := make([]byte, 65536); ; {
		n, _, err := l.good.ReadFrom(buf)
		if err != nil {
			l.Fatalf("the good client gets no answer: %v", err)
		}
		if bytes.Contains(buf[:n], []byte("Call-ID: "+id+"\r\n")) {
			if !bytes.HasPrefix(buf[:n], []byte("SIP/2.0 200 ")) {
				l.Fatalf("the good client is answered %q", buf[:n])
			}
			return
		}
	}
}

func toAgent() net.Addr { return net.UDPAddrFromAddrPort(agentAddr) }

// datagram sends b from a fresh port of the attacker and returns what comes back within a second, repetitions left out.
func (l *lab) datagram(b []byte) (answers []string) {
	l.Helper()
	pc, err := l.evil.ListenPacket(netip.AddrPortFrom(evilAddr, 0))
	if err != nil {
		l.Fatal(err)
	}
	defer pc.Close()
	pc.WriteTo(b, toAgent())
	return received(pc, time.Second)
}

// received returns what comes within d, repetitions left out.
func received(pc net.PacketConn, d time.Duration) (got []string) {
	pc.SetReadDeadline(time.Now().Add(d))
	seen := make(map[string]bool)
	for buf := make([]byte, 65536); ; {
		n, _, err := pc.ReadFrom(buf)
		if err != nil {
			return got
		}
		if s := string(buf[:n]); !seen[s] {
			seen[s] = true
			got = append(got, s)
		}
	}
}

// dial opens a connection to the agent.
func (l *lab) dial() net.Conn {
	l.Helper()
	conn, err := l.evil.Dial(l.Context(), "tcp", netip.AddrPort{}, agentAddr)
	if err != nil {
		l.Fatal(err)
	}
	return conn
}

// stream writes pieces on a connection of their own. It returns the messages that come back within d, and whether and after what
// time the agent closed it.
func (l *lab) stream(d time.Duration, pieces ...[]byte) (answers []string, closed bool, after time.Duration) {
	l.Helper()
	conn := l.dial()
	defer conn.Close()
	start := time.Now()
	for _, b := range pieces {
		conn.Write(b) // it may be closed already
	}
	return heard(l.T, conn, start, d)
}

// heard reads conn for d, and cuts what comes into messages.
func heard(t *testing.T, conn net.Conn, start time.Time, d time.Duration) (answers []string, closed bool, after time.Duration) {
	t.Helper()
	conn.SetReadDeadline(start.Add(d))
	var all []byte
	for buf := make([]byte, 65536); ; {
		n, err := conn.Read(buf)
		all = append(all, buf[:n]...)
		if err == nil {
			continue
		}
		if e, ok := err.(net.Error); !ok || !e.Timeout() {
			closed, after = true, time.Since(start)
		}
		break
	}
	seen := make(map[string]bool) // a 2xx is repeated
	for len(all) > 0 {
		var f parser.Framer
		n, err := f.Next(all)
		if err != nil || n == 0 {
			t.Errorf("the agent sent %q: %d, %v", all, n, err)
			break
		}
		if s := string(all[:n]); s != "\r\n" && !seen[s] {
			seen[s] = true
			answers = append(answers, s)
		}
		all = all[n:]
	}
	return answers, closed, after
}

// request writes a request by hand, with what is unlike between two of them made of id. more are header lines, and a body behind "\n".
func request(method, uri string, from netip.AddrPort, id string, more ...string) string {
	s := method + " " + uri + " SIP/2.0\r\nVia: SIP/2.0/UDP " + from.String() + ";rport;branch=z9hG4bK" + id + "\r\n" +
		"Max-Forwards: 70\r\nFrom: <sip:p@" + from.String() + ">;tag=f" + id + "\r\nTo: <" + uri + ">\r\nCall-ID: " + id + "\r\n" +
		"CSeq: 1 " + method + "\r\nContact: <sip:p@" + from.String() + ">\r\n"
	body := ""
	for _, m := range more {
		if b, ok := strings.CutPrefix(m, "\n"); ok {
			s, body = s+"Content-Type: application/sdp\r\n", b
			continue
		}
		s += m + "\r\n"
	}
	return s + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
}

// status is the status code of a response, "" for anything else.
func status(text string) string {
	if rest, ok := strings.CutPrefix(text, "SIP/2.0 "); ok && len(rest) > 3 {
		return rest[:3]
	}
	return ""
}

// statuses are the final status codes of the responses among texts, in order.
func statuses(texts []string) (all []string) {
	for _, s := range texts {
		if c := status(s); c != "" && c[0] != '1' {
			all = append(all, c)
		}
	}
	return all
}

// answersTo are the texts of the responses to a method among texts.
func answersTo(method string, texts []string) (some []string) {
	for _, s := range texts {
		if strings.HasPrefix(s, "SIP/2.0 ") && strings.Contains(s, " "+method+"\r\n") {
			some = append(some, s)
		}
	}
	return some
}
