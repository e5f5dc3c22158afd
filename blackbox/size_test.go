package blackbox

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// giants are requests of which one part is beyond every limit, of n of something.
var giants = []struct {
	name  string
	n     int
	write func(base string, n int) string
}{
	{"header line", 60_000, func(base string, n int) string { return with(base, "Subject: "+strings.Repeat("x", n)+"\r\n") }},
	{"endless header line", 8 << 20, func(base string, n int) string {
		return base[:len(base)-4] + "\r\nSubject: " + strings.Repeat("x", n)
	}},
	{"folded line", 20_000, func(base string, n int) string { return with(base, "Subject: x"+strings.Repeat("\r\n x", n)+"\r\n") }},
	{"headers", 12_000, func(base string, n int) string { return with(base, strings.Repeat("X: y\r\n", n)) }},
	{"more headers", 100_000, func(base string, n int) string { return with(base, strings.Repeat("X: y\r\n", n)) }},
	{"Vias", 1_500, func(base string, n int) string {
		return with(base, strings.Repeat("v: SIP/2.0/UDP h;branch=z9hG4bKx\r\n", n))
	}},
	{"more Vias", 10_000, func(base string, n int) string {
		return with(base, strings.Repeat("v: SIP/2.0/UDP h;branch=z9hG4bKx\r\n", n))
	}},
	{"Vias in one line", 250, func(base string, n int) string {
		return with(base, "v: SIP/2.0/UDP h"+strings.Repeat(",SIP/2.0/UDP h;branch=z9", n)+"\r\n")
	}},
	{"URI", 60_000, func(base string, n int) string {
		return strings.Replace(base, "sip:a@", "sip:"+strings.Repeat("a", n)+"@", 1)
	}},
	{"parameters of From", 10_000, func(base string, n int) string {
		return strings.Replace(base, ">;tag=", ">"+strings.Repeat(";a=b", n)+";tag=", 1)
	}},
	{"parameters of the URI", 10_000, func(base string, n int) string {
		return strings.Replace(base, "sip:a@127.0.0.1", "sip:a@127.0.0.1"+strings.Repeat(";a=b", n), 1)
	}},
	{"Contacts", 1_000, func(base string, n int) string {
		return with(base, "m: <sip:a@h>"+strings.Repeat(",<sip:a@h>", n)+"\r\n")
	}},
	{"Require", 3_000, func(base string, n int) string { return with(base, "Require: a"+strings.Repeat(",a", n)+"\r\n") }},
	{"tags of Require, all unlike", 1_300, func(base string, n int) string {
		line := "Require: a"
		for i := range n {
			line += fmt.Sprintf(",a%d", i)
		}
		return with(base, line+"\r\n")
	}},
	{"To that leaves no room for a tag", 8_160, func(base string, n int) string {
		return strings.Replace(base, "To: ", "To: \""+strings.Repeat("x", n)+"\" ", 1)
	}},
	{"Via that leaves no room for received", 8_150, func(base string, n int) string {
		return strings.Replace(base, ";rport", ";rport;x="+strings.Repeat("x", n-65), 1)
	}},
	{"quotes", 8_000, func(base string, n int) string {
		return strings.Replace(base, "From: ", "From: \""+strings.Repeat("\\\"", n)+"\" ", 1)
	}},
	{"open brackets", 8_000, func(base string, n int) string { return with(base, "Route: "+strings.Repeat("<", n)+"\r\n") }},
	{"commas", 8_000, func(base string, n int) string { return with(base, "Route: "+strings.Repeat(",", n)+"\r\n") }},
}

// with returns base with more header lines.
func with(base, lines string) string {
	return strings.Replace(base, "Content-Length:", lines+"Content-Length:", 1)
}

// What is beyond a limit is refused or cut off, at once and whatever it is made of.
func TestGiants(t *testing.T) {
	agent, at := onLoopback(t, &ua.Config{OnCall: func(c *ua.Call) { c.Reject(486) }}, "udp:127.0.0.1:0", "tcp:127.0.0.1:0")
	most := 50 * time.Millisecond * slack
	if !*long {
		most = 2 * time.Second // whatever else the machine does: what grows with the square takes longer
	}
	good := newClient(t, "good", 3, at[transport.UDP])
	allowed := []string{"400", "413", "414", "420", "486", "513"} // 420: Require; 486: the Contacts of an INVITE are no concern of its limits
	for i, tt := range giants {
		for _, p := range []transport.Protocol{transport.UDP, transport.TCP} {
			text := tt.write(request("INVITE", "sip:a@127.0.0.1", netip.MustParseAddrPort("127.0.0.9:5060"), fmt.Sprintf("giant%d%s", i, p.Network())), tt.n)
			text = strings.Replace(text, "2.0/UDP 127", "2.0/"+strings.ToUpper(p.Network())+" 127", 1)
			start := time.Now()
			answer, closed := "", false
			if p == transport.UDP {
				if len(text) > 65_000 {
					continue
				}
				answer = over(t, at[p], text)
			} else {
				answer, closed = on(t, at[p], text, fmt.Sprintf("next%d", i))
			}
			took := time.Since(start)
			if answer == "" && p == transport.UDP {
				took = good.ask() // stateless answers are rationed: the next in line tells how long the giant took
			}
			code := status(answer)
			t.Logf("%s over %s: %d octets, %q, closed %v, %v", tt.name, p, len(text), code, closed, took.Round(time.Microsecond))
			if code != "" && !slices.Contains(allowed, code) {
				t.Errorf("%s over %s: answered %s, want one of %v", tt.name, p, code, allowed)
			}
			if code == "" && !closed && p == transport.TCP {
				t.Errorf("%s over %s: neither answered nor closed", tt.name, p)
			}
			if took > most {
				t.Errorf("%s over %s took %v, want less than %v", tt.name, p, took, most)
			}
		}
	}
	gone(t, agent)
}

// over sends text as a datagram and returns the final answer, "" when none comes at once.
func over(t *testing.T, to netip.AddrPort, text string) string {
	t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 9)}, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(40 * time.Millisecond))
	buf := make([]byte, 65536)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return ""
		}
		if s := string(buf[:n]); !strings.HasPrefix(s, "SIP/2.0 1") {
			return s
		}
	}
}

// on writes text and then an OPTIONS to a connection. It returns the first final answer, and whether the connection was closed or reset, or went
// on without a word: the answer is that to the OPTIONS then.
func on(t *testing.T, to netip.AddrPort, text, id string) (answer string, ended bool) {
	t.Helper()
	conn := from(t, 9, to)
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(2 * time.Second))
	next := strings.Replace(request("OPTIONS", "sip:127.0.0.1", netip.MustParseAddrPort("127.0.0.9:5060"), id), "2.0/UDP", "2.0/TCP", 1)
	go func() { _, _ = conn.Write([]byte(text + next)) }() // until it is closed
	buf, n := make([]byte, 65536), 0
	for {
		k, err := conn.Read(buf[n:])
		if n += k; err != nil {
			return "", !os.IsTimeout(err)
		}
		switch s := string(buf[:n]); {
		case strings.HasPrefix(s, "SIP/2.0 1"):
			n = 0
		case strings.Contains(s, "Call-ID: "+id+"\r\n") && status(s) == "200":
			return "", true
		default:
			return s, false
		}
	}
}
