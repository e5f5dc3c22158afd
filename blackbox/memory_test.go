package blackbox

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// dialler places calls by hand, one after the other, from a socket of its own.
type dialler struct {
	t    *testing.T
	conn *net.UDPConn
	at   netip.AddrPort
	name string
	n    int
	buf  []byte
}

func newDialler(t *testing.T, i int, to netip.AddrPort) *dialler {
	t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, byte(10+i))}, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &dialler{t: t, conn: conn, at: conn.LocalAddr().(*net.UDPAddr).AddrPort(), name: fmt.Sprintf("dial%dx", i), buf: make([]byte, 65536)}
}

// exchange sends a request, again when there is no answer for a while, until a final one to its method comes. It returns that, "" for none.
func (d *dialler) exchange(method, text string) string {
	for range 20 {
		if _, err := d.conn.Write([]byte(text)); err != nil {
			d.t.Error(err)
			return ""
		}
		d.conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond))
		for {
			n, err := d.conn.Read(d.buf)
			if err != nil {
				break
			}
			s := string(d.buf[:n])
			if code := status(s); code > "1" && code[0] != '1' && strings.Contains(s, " "+method+"\r\n") && strings.Contains(s, "Call-ID: "+d.id()+"\r\n") {
				return s
			}
		}
	}
	d.t.Errorf("no answer to %s", method)
	return ""
}

func (d *dialler) id() string { return d.name + strconv.Itoa(d.n) }

// call places a call and acknowledges its answer; end hangs it up.
func (d *dialler) call(body string) (tag string) {
	d.n++
	ok := d.exchange("INVITE", request("INVITE", "sip:a@127.0.0.1", d.at, d.id(), "\n"+body))
	if status(ok) != "200" {
		d.t.Errorf("INVITE is answered %q", ok)
		return ""
	}
	to := ok[strings.Index(ok, "\r\nTo: ")+2:]
	tag = to[strings.Index(to, ";tag="):strings.Index(to, "\r\n")]
	d.conn.Write([]byte(d.inside("ACK", 1, tag)))
	return tag
}

func (d *dialler) end(tag string) { d.exchange("BYE", d.inside("BYE", 2, tag)) }

func (d *dialler) inside(method string, cseq int, tag string) string {
	return strings.NewReplacer("z9hG4bK", "z9hG4bK"+method, "CSeq: 1 ", fmt.Sprintf("CSeq: %d ", cseq), "To: <sip:a@127.0.0.1>", "To: <sip:a@127.0.0.1>"+tag).
		Replace(request(method, "sip:a@127.0.0.1", d.at, d.id()))
}

// shareOut runs f for 0 to n-1 on several diallers at the same time.
func shareOut(diallers []*dialler, n int, f func(d *dialler)) {
	var wg sync.WaitGroup
	for i, d := range diallers {
		wg.Go(func() {
			for k := i; k < n && !d.t.Failed(); k += len(diallers) {
				f(d)
			}
		})
	}
	wg.Wait()
}

// heap returns the octets of live objects.
func heap() int64 {
	runtime.GC()
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return int64(s.HeapAlloc)
}

// resident returns the octets of memory that the process holds, 0 where the system does not say.
func resident() int64 {
	debug.FreeOSMemory()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, rss int64
	fmt.Sscan(string(b), &size, &rss)
	return rss * int64(os.Getpagesize())
}

// quick is an agent whose timers are a hundred times as fast as usual, so that a million transactions are not all alive at once.
func quick(t *testing.T) (*ua.Agent, netip.AddrPort) {
	t.Helper()
	cfg := echo()
	cfg.T1 = 5 * time.Millisecond
	agent, at := onLoopback(t, cfg, "udp:127.0.0.1:0", "tcp:127.0.0.1:0")
	return agent, at[transport.UDP]
}

// rest waits until the agent holds nothing.
func rest(t *testing.T, agent *ua.Agent) {
	t.Helper()
	wait(t, "rest", func() bool {
		s := agent.Stats()
		return s.Transactions+s.Calls+s.Dialogs == 0
	})
}

// After a million calls the process holds what it held after the first hundred thousand.
func TestManyCallsLeaveNoMemory(t *testing.T) {
	n := share(1_000_000, 3_000)
	agent, at := quick(t)
	var diallers []*dialler
	for i := range 8 {
		diallers = append(diallers, newDialler(t, i, at))
	}
	body := string(siptest.SDP(agentAddr.Addr()))
	one := func(d *dialler) {
		if tag := d.call(body); tag != "" {
			d.end(tag)
		}
	}
	shareOut(diallers, n/10, one)
	rest(t, agent)
	heapBefore, rssBefore, goroutines := heap(), resident(), runtime.NumGoroutine()
	start := time.Now()
	shareOut(diallers, n-n/10, one)
	took := time.Since(start)
	rest(t, agent)
	heapAfter, rssAfter := heap(), resident()
	t.Logf("%d calls in %v; heap %d and %d KiB, RSS %d and %d KiB, goroutines %d and %d", n-n/10, took.Round(time.Millisecond),
		heapBefore>>10, heapAfter>>10, rssBefore>>10, rssAfter>>10, goroutines, runtime.NumGoroutine())
	const noise = 4 << 20 // tables never shrink, and how many calls there were at the same time is chance
	if heapAfter > heapBefore*11/10+noise {
		t.Errorf("the heap grew from %d to %d octets", heapBefore, heapAfter)
	}
	if *long && rssAfter > rssBefore*11/10+noise { // else the process is still growing into its work
		t.Errorf("the process grew from %d to %d octets", rssBefore, rssAfter)
	}
	wait(t, "end of the handlers' goroutines", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
}

// A hundred thousand calls from INVITEs of 60 kB hold less than 8 kB each, and Shutdown under that load keeps to its context although nobody
// answers a BYE.
func TestCallsDoNotHoldTheirInvites(t *testing.T) {
	n := share(100_000, 300)
	cfg := echo()
	cfg.T1 = 50 * time.Millisecond
	cfg.Listen = []string{"udp:127.0.0.1:0", "tcp:127.0.0.1:0"}
	agent, err := ua.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	var at netip.AddrPort
	for _, l := range agent.Addrs() {
		if l.Protocol == transport.UDP {
			at = l.Addr
		}
	}
	var diallers []*dialler
	for i := range 4 {
		diallers = append(diallers, newDialler(t, i, at))
	}
	body := string(siptest.SDP(agentAddr.Addr())) + strings.Repeat("a=x:0123456789abcdef0123456789abcdef0123456789abcdef\r\n", 1100)
	shareOut(diallers, 20, func(d *dialler) { d.end(d.call(body)) }) // what grows at first has grown
	rest(t, agent)
	before := heap()
	shareOut(diallers, n, func(d *dialler) { d.call(body) })
	wait(t, "end of the transactions", func() bool { return agent.Stats().Transactions == 0 })
	if got := agent.Stats().Dialogs; got != n {
		t.Fatalf("%d dialogs, want %d", got, n)
	}
	each := (heap() - before) / int64(n)
	t.Logf("%d dialogs, %d octets each", n, each)
	if each > 8000 {
		t.Errorf("a dialog from an INVITE of %d octets holds %d octets, want less than 8000", len(body), each)
	}
	const patience = time.Second // less than the 64*T1 that a BYE without answer takes
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	start := time.Now()
	err = agent.Shutdown(ctx)
	if took := time.Since(start); err == nil || took > patience+time.Second*slack {
		t.Errorf("Shutdown returned %v after %v, want its context's error after %v", err, took, patience)
	}
	if s := agent.Stats(); s.Calls+s.Dialogs+s.Transactions != 0 {
		t.Errorf("left after Shutdown: %+v", s)
	}
	wait(t, "end of the handlers", func() bool { return agent.Stats().Handlers == 0 }) // they hear of it at their own pace
}
