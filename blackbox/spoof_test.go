package blackbox

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// victim sends nothing: others send in its name.
var victim = netip.MustParseAddrPort("10.0.7.7:5060")

// spoofed sends datagrams in the victim's name to an agent, and returns how many octets came to the agent in it, and how many went to the victim.
// pause is the time after each.
func spoofed(t *testing.T, agent *ua.Config, pause time.Duration, messages func(i int) string, n int) (in, out int) {
	inLab(t, agent, func(l *lab) {
		pc, err := l.net.Host(victim.Addr()).ListenPacket(victim) // the network knows no forged sources: this is what one looks like
		if err != nil {
			l.Fatal(err)
		}
		defer pc.Close()
		l.net.Record()
		for i := range n {
			b := []byte(messages(i))
			pc.WriteTo(b, toAgent())
			in += len(b)
			time.Sleep(pause)
		}
		time.Sleep(70 * time.Second) // the 2xx, and the BYE that ends what was never acknowledged
		for _, p := range l.net.Packets() {
			if p.From == agentAddr && p.To.Addr() == victim.Addr() {
				out += len(p.Data)
			}
		}
		l.ping()
	})
	return in, out
}

// What goes to an address in whose name others send is bounded: stateless errors by what each datagram was, everything else by what came.
func TestForgedSources(t *testing.T) {
	const base = 64 << 10
	uri := "sip:a@10.0.0.1"
	for _, tt := range []struct {
		name    string
		message func(i int) string
		pause   time.Duration
		n, most int // most: octets out for each in, in halves
	}{
		{"OPTIONS", func(i int) string { return request("OPTIONS", uri, victim, fmt.Sprint("spoof", i)) }, time.Millisecond, 2000, 20},
		{"INVITEs", func(i int) string { return request("INVITE", uri, victim, fmt.Sprint("spoof", i)) }, time.Millisecond, 1000, 20},
		{"unparsable", func(i int) string {
			return strings.Replace(request("OPTIONS", uri, victim, fmt.Sprint("spoof", i)), "Call-ID", "X-Call-ID", 1)
		}, 100 * time.Millisecond, 300, 3},
		{"garbage", func(i int) string { return strings.Repeat("\x01x", 100+i) }, time.Millisecond, 500, 0},
		{"responses", func(i int) string {
			return strings.Replace(request("OPTIONS", uri, victim, fmt.Sprint("spoof", i)), "OPTIONS "+uri+" SIP/2.0", "SIP/2.0 200 OK", 1)
		}, time.Millisecond, 500, 0},
		{"ACKs", func(i int) string { return request("ACK", uri, victim, fmt.Sprint("spoof", i)) }, time.Millisecond, 500, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in, out := spoofed(t, echo(), tt.pause, tt.message, tt.n)
			t.Logf("%d octets in, %d out", in, out)
			most := in * tt.most / 2
			if tt.most == 20 {
				most += base
			}
			if out > most {
				t.Errorf("%d octets in the name of the victim drew %d, want %d at most", in, out, most)
			}
			if tt.most == 0 != (out == 0) {
				t.Errorf("%d octets drew %d", in, out)
			}
		})
	}
}

// One INVITE draws at most twelve times its octets, whatever becomes of it, from the first provisional response to the last copy of the BYE: nobody
// proved to be there.
func TestForgedInvite(t *testing.T) {
	const uri, most = "sip:a@10.0.0.1", 12
	session := ua.Body{Type: "application/sdp", Data: siptest.SDP(agentAddr.Addr())}
	call := func(f func(c *ua.Call)) *ua.Config {
		cfg := echo()
		cfg.OnCall = f
		return cfg
	}
	asks, _ := guarded(t, 10)
	for _, tt := range []struct {
		name  string
		agent *ua.Config
	}{
		{"answered", echo()},
		{"answered late", call(func(c *ua.Call) {
			c.Ring()
			time.Sleep(100 * time.Second)
			c.Answer(session)
		})},
		{"answered reliably", call(func(c *ua.Call) {
			c.Progress(183, session)
			c.Answer(session)
		})},
		{"hung up", call(func(c *ua.Call) {
			c.Answer(session)
			c.Hangup(context.Background())
		})},
		{"told much", call(func(c *ua.Call) {
			for range 40 {
				c.Progress(182, ua.Body{})
				time.Sleep(time.Second)
			}
			c.Answer(session)
		})},
		{"refused", call(func(c *ua.Call) { c.Reject(603) })},
		{"redirected", call(func(c *ua.Call) {
			c.Redirect("sip:"+strings.Repeat("b", 200)+"@example.com", "sip:"+strings.Repeat("c", 200)+"@example.com")
		})},
		{"never answered", call(func(c *ua.Call) { <-c.Done() })},
		{"challenged", asks},
	} {
		for name, message := range map[string]string{
			"with an offer":    request("INVITE", uri, victim, "spoof", "Supported: 100rel", "\n"+string(siptest.SDP(victim.Addr()))),
			"without an offer": request("INVITE", uri, victim, "spoof", "Supported: 100rel"),
			"of RFC 2543":      strings.Replace(request("INVITE", uri, victim, "spoof"), "branch=z9hG4bK", "branch=", 1),
		} {
			t.Run(tt.name+"/"+name, func(t *testing.T) {
				in, out := spoofed(t, tt.agent, 200*time.Second, func(int) string { return message }, 1)
				t.Logf("%d octets in, %d out: %.1f times", in, out, float64(out)/float64(in))
				if out == 0 || out > most*in {
					t.Errorf("%d octets drew %d, want %d at most", in, out, most*in)
				}
			})
		}
	}
}

// No error answer to a datagram is larger than one and a half times the datagram.
func TestErrorAnswersAreSmall(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		l.net.Record()
		r := l.net.Host(victim.Addr())
		for i := range 40 {
			at := netip.AddrPortFrom(victim.Addr(), uint16(6000+i))
			pc, err := r.ListenPacket(at)
			if err != nil {
				l.Fatal(err)
			}
			text := fmt.Sprintf("OPTIONS sip:a SIP/2.0\r\nv:SIP/2.0/UDP h;rport;branch=z9hG4bK%d\r\nf:<sip:a>;tag=1\r\nt:<sip:b>\r\nCSeq:1 OPTIONS\r\nX:%s\r\n\r\n", i, strings.Repeat("x", 10*i))
			pc.WriteTo([]byte(text), toAgent())
			for _, a := range received(pc, 2*time.Second) {
				if len(a) > len(text)*3/2 {
					l.Errorf("%d octets were answered with %d", len(text), len(a))
				}
			}
			pc.Close()
		}
	})
}

// Whatever a Via says, nothing goes to a group, a broadcast address, our own loopback address, or where `received` says.
func TestViaChoosesNoVictim(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		l.net.Record()
		n := 0
		for _, param := range []string{
			"maddr=255.255.255.255", "maddr=224.0.1.75", "maddr=0.0.0.0", "maddr=127.0.0.1", "maddr=[ff02::1]", "maddr=[::1]", "maddr=[::]",
			"received=10.0.7.7", "received=10.0.7.7;rport=5060", "received=224.0.0.1", "rport=0", "rport=99999", "maddr=name.example.com",
		} {
			for _, host := range []string{"10.0.0.66", "255.255.255.255", "224.0.1.75", "127.0.0.1", "[ff02::1]", "name.invalid"} {
				for _, method := range []string{"OPTIONS", "INVITE", "FROB"} {
					n++
					via := fmt.Sprintf("Via: SIP/2.0/UDP %s;%s;branch=z9hG4bKvia%d", host, param, n)
					text := request(method, "sip:a@10.0.0.1", netip.AddrPortFrom(evilAddr, 5060), fmt.Sprint("via", n))
					at := strings.Index(text, "Via:")
					text = text[:at] + via + text[at+strings.Index(text[at:], "\r\n"):]
					l.quick([]byte(text))
					time.Sleep(50 * time.Millisecond)
				}
			}
		}
		time.Sleep(time.Minute)
		answers := 0
		for _, p := range l.net.Packets() {
			if p.From.Addr() != agentAddr.Addr() {
				continue
			}
			answers++
			if to := p.To.Addr(); to != evilAddr && to != goodAddr.Addr() {
				l.Errorf("%q went to %v", firstLine(p.Data), p.To)
			}
		}
		if answers == 0 {
			l.Error("nothing was answered at all")
		}
	})
}

func firstLine(b []byte) string {
	s, _, _ := strings.Cut(string(b), "\r\n")
	return s
}
