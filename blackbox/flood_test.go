package blackbox

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// crowd is many hosts that send, and note what they are answered, and nothing else.
type crowd struct {
	sockets []net.PacketConn
	mu      sync.Mutex
	seen    map[string]bool // the answers
	codes   map[string]int  // how many of each status
	hasty   int             // refusals of an overload without Retry-After
}

func (l *lab) crowd(n int) *crowd {
	l.Helper()
	c := &crowd{seen: make(map[string]bool), codes: make(map[string]int)}
	for i := range n {
		a := netip.AddrFrom4([4]byte{10, 1, byte(i >> 8), byte(i)})
		pc, err := l.net.Host(a).ListenPacket(netip.AddrPortFrom(a, 5060))
		if err != nil {
			l.Fatal(err)
		}
		c.sockets = append(c.sockets, pc)
		go c.listen(pc) // until the network is closed
	}
	return c
}

func (c *crowd) listen(pc net.PacketConn) {
	for buf := make([]byte, 65536); ; {
		n, _, err := pc.ReadFrom(buf)
		if err != nil {
			return
		}
		text := string(buf[:n])
		c.mu.Lock()
		if code := status(text); code != "" && !c.seen[text] {
			c.seen[text] = true
			c.codes[code]++
			if (code == "500" || code == "503") && !strings.Contains(text, "\r\nRetry-After: ") {
				c.hasty++
			}
		}
		c.mu.Unlock()
	}
}

// answered returns how many different answers of a status there were.
func (c *crowd) answered(code string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.codes[code]
}

func addrOf(pc net.PacketConn) netip.AddrPort { return pc.LocalAddr().(*net.UDPAddr).AddrPort() }

// inviting sends INVITEs from one socket after the other: 2,000 a second, each with a Call-ID of its own.
func (l *lab) inviting(sockets []net.PacketConn, n int) {
	for i := range n {
		pc := sockets[i%len(sockets)]
		pc.WriteTo([]byte(request("INVITE", "sip:a@10.0.0.1", addrOf(pc), fmt.Sprintf("flood%d", i), "\n"+string(siptest.SDP(evilAddr)))), toAgent())
		if i%20 == 19 {
			time.Sleep(10 * time.Millisecond)
		}
	}
}

// 2,000 INVITEs a second for 30 s that are answered and never acknowledged: the calls end by themselves, and nothing is left.
func TestInvitesThatAreNeverAcknowledged(t *testing.T) {
	inLab(t, echo(), func(l *lab) {
		l.inviting(l.crowd(20).sockets, share(60_000, 1_000))
		l.ping()
		if n := l.agent.Stats().Calls; n == 0 {
			l.Error("no call was taken")
		}
	})
}

// The same with an application that never answers: what one source may have is refused with 500 beyond the limit, what all may have
// with 503, both with Retry-After, and a good client is served meanwhile.
func TestApplicationThatNeverAnswers(t *testing.T) {
	n, limits := 60_000, ua.Config{MaxHandlers: 200_000}
	perSource, all := 5_000, 100_000
	if !*long {
		n, perSource, all = 1_200, 50, 500
		limits.MaxRequests, limits.MaxRequestsPerSource = all, perSource
	}
	cfg := limits
	cfg.OnCall = func(c *ua.Call) { <-c.Done() }
	for _, sources := range []int{1, 40} {
		t.Run(fmt.Sprint(sources, " sources"), func(t *testing.T) {
			inLab(t, &cfg, func(l *lab) {
				c := l.crowd(sources)
				l.inviting(c.sockets, n)
				synctest.Wait()
				want := min(n, perSource*sources, all)
				if got := l.agent.Stats().Calls; got != want {
					l.Errorf("%d calls are held, want %d", got, want)
				}
				if want < all { // else there is no place for anybody
					l.ping()
				}
				time.Sleep(time.Second)
				code, other := "500", "503"
				if want == all {
					code, other = other, code
				}
				if got := c.answered(code); got != n-want {
					l.Errorf("%d were refused with %s, want %d", got, code, n-want)
				}
				if got := c.answered(other); got != 0 {
					l.Errorf("%d were refused with %s, want none", got, other)
				}
				if c.hasty != 0 {
					l.Errorf("%d refusals have no Retry-After", c.hasty)
				}
				// The same source may still end what it began.
				pc := c.sockets[0]
				pc.WriteTo([]byte(strings.Replace(request("CANCEL", "sip:a@10.0.0.1", addrOf(pc), "flood0"), "Contact", "X-Contact", 1)), toAgent())
				time.Sleep(time.Second)
				if ok, ended := c.answered("200"), c.answered("487"); ok != 1 || ended != 1 {
					l.Errorf("a CANCEL is answered %d times, and its INVITE %d times", ok, ended)
				}
				time.Sleep(4 * time.Minute) // the rest rings its time, and is refused
			})
		})
	}
}
