package blackbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// onLoopback starts an agent on loopback addresses, for what has to be seen in real time, and shuts it down when the test ends.
func onLoopback(t *testing.T, cfg *ua.Config, listen ...string) (agent *ua.Agent, at map[transport.Protocol]netip.AddrPort) {
	t.Helper()
	with := *cfg
	with.Listen = listen
	agent, err := ua.New(&with)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		if err := agent.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if n := agent.Stats().Panics; n != 0 {
			t.Errorf("%d handlers panicked", n)
		}
	})
	at = make(map[transport.Protocol]netip.AddrPort)
	for _, l := range agent.Addrs() {
		at[l.Protocol] = l.Addr
	}
	return agent, at
}

// from dials to from a loopback address: 127.0.0.n.
func from(t *testing.T, n int, to netip.AddrPort) net.Conn {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(n))}, Timeout: 10 * time.Second}
	conn, err := d.DialContext(t.Context(), "tcp", to.String())
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// client asks a server over UDP in real time.
type client struct {
	t    *testing.T
	conn *net.UDPConn
	n    int
	name string
}

func newClient(t *testing.T, name string, n int, to netip.AddrPort) *client {
	t.Helper()
	conn, err := net.DialUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, byte(n))}, net.UDPAddrFromAddrPort(to))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &client{t: t, conn: conn, name: name}
}

// ask sends an OPTIONS and returns how long its 200 took.
func (c *client) ask() time.Duration {
	c.t.Helper()
	c.n++
	id := fmt.Sprintf("%s%d", c.name, c.n)
	local := c.conn.LocalAddr().(*net.UDPAddr).AddrPort()
	start := time.Now()
	if _, err := c.conn.Write([]byte(request("OPTIONS", "sip:127.0.0.1", local, id))); err != nil {
		c.t.Fatal(err)
	}
	c.conn.SetReadDeadline(start.Add(5 * time.Second))
	buf := make([]byte, 65536)
	for {
		n, err := c.conn.Read(buf)
		if err != nil {
			c.t.Fatalf("%s gets no answer: %v", c.name, err)
		}
		if status(string(buf[:n])) == "200" {
			return time.Since(start)
		}
	}
}

// Connections that say an octet now and then, or nothing, are closed in time, however many there are, and a good client is served meanwhile as if they were not
// there.
func TestSlowConnections(t *testing.T) {
	// All of it takes fifteen seconds. A hundredth of the connections, ten times as fast, is as good where somebody waits.
	conns, octet, limits := 2000, 5*time.Second, transport.Limits{}
	if !*long {
		conns, octet, limits = 100, 500*time.Millisecond, transport.Limits{FirstMessage: time.Second}
	}
	most := 3 * octet
	if !*long {
		most = 20 * time.Second // whatever else the machine does
	}
	agent, at := onLoopback(t, &ua.Config{Limits: limits}, "udp:127.0.0.1:0", "tcp:127.0.0.1:0")
	text := request("OPTIONS", "sip:127.0.0.1", netip.MustParseAddrPort("127.0.0.9:5060"), "slow")

	var closed sync.WaitGroup
	var late, early atomic.Int64
	all := make([]net.Conn, conns)
	for i := range all {
		all[i] = from(t, 10+i%20, at[transport.TCP])
		start := time.Now()
		closed.Go(func() {
			defer all[i].Close()
			all[i].SetReadDeadline(start.Add(2 * most))
			buf := make([]byte, 4096)
			for {
				if _, err := all[i].Read(buf); err != nil {
					if d := time.Since(start); d > most || errors.As(err, new(net.Error)) && isTimeout(err) {
						late.Add(1)
					} else if d < octet {
						early.Add(1)
					}
					return
				}
			}
		})
	}
	wait(t, "connections", func() bool { return agent.Stats().Connections == conns })
	done := make(chan struct{})
	go func() { closed.Wait(); close(done) }()
	dribble, ask := time.NewTicker(octet), time.NewTicker(octet/100)
	defer dribble.Stop()
	defer ask.Stop()
	good := newClient(t, "good", 3, at[transport.UDP])
	var took []time.Duration
	for k := 0; ; {
		select {
		case <-dribble.C:
			for i, conn := range all {
				if i%3 != 0 { // every third says nothing at all
					conn.Write([]byte(text[k : k+1])) // it may be closed already
				}
			}
			k++
			continue
		case <-ask.C:
			took = append(took, good.ask())
			continue
		case <-done:
		}
		break
	}
	if n := late.Load(); n != 0 {
		t.Errorf("%d of %d connections were not closed within %v", n, conns, most)
	}
	if n := early.Load(); n != 0 {
		t.Errorf("%d connections were closed before %v", n, octet)
	}
	slices.Sort(took)
	p99 := took[len(took)*99/100]
	t.Logf("%d connections, %d questions of the good client, p99 %v", conns, len(took), p99)
	if *long && p99 > 50*time.Millisecond*slack {
		t.Errorf("the good client waited %v (p99), want less than 50ms", p99)
	}
	gone(t, agent)
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// gone waits until the agent has no connection, for as long as a slow machine may take.
func gone(t *testing.T, agent *ua.Agent) {
	t.Helper()
	tick, end := time.NewTicker(10*time.Millisecond), time.After(15*time.Second)
	defer tick.Stop()
	for {
		if agent.Stats().Connections == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("left: %+v", agent.Stats())
		}
	}
}

// Ten thousand connections come and go: at once, after a question, in the middle of one, by reset.
func TestConnectionChurn(t *testing.T) {
	agent, at := onLoopback(t, &ua.Config{}, "udp:127.0.0.1:0", "tcp:127.0.0.1:0")
	const workers = 8
	each := share(10_000, 2_000) / workers
	before := openFiles(t)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			buf := make([]byte, 4096)
			for i := range each {
				conn := from(t, 10+w, at[transport.TCP])
				local := conn.LocalAddr().(*net.TCPAddr).AddrPort()
				text := request("OPTIONS", "sip:127.0.0.1", local, fmt.Sprintf("churn%dx%d", w, i))
				switch i % 4 {
				case 0:
				case 1, 2:
					conn.Write([]byte(text))
					conn.SetReadDeadline(time.Now().Add(10 * time.Second))
					if n, err := conn.Read(buf); err != nil || status(string(buf[:n])) != "200" {
						t.Errorf("answered %q, %v", buf[:n], err)
					}
				case 3:
					conn.Write([]byte(text[:len(text)/2]))
				}
				if i%2 == 0 {
					conn.(*net.TCPConn).SetLinger(0) // a reset
				}
				conn.Close()
			}
		})
	}
	wg.Wait()
	newClient(t, "good", 3, at[transport.UDP]).ask()
	gone(t, agent)
	if after := openFiles(t); after > before+8 {
		t.Errorf("%d file descriptors before, %d after", before, after)
	}
	if n := agent.Stats().Transactions; n != 1 {
		t.Errorf("%d transactions are left, want that of the last question", n)
	}
}

// openFiles returns the number of file descriptors in use, as far as the lowest free one tells.
func openFiles(t *testing.T) int {
	t.Helper()
	fds := make([]int, 2)
	if err := syscall.Pipe(fds); err != nil {
		t.Fatal(err)
	}
	syscall.Close(fds[0])
	syscall.Close(fds[1])
	return fds[1]
}
