package blackbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// program is `sip serve` as a process of its own.
type program struct {
	cmd      *exec.Cmd
	udp, tcp string // where it listens
	log      bytes.Buffer
	ended    chan error
}

// serve builds and starts the program. It is killed when the test ends, if it still runs.
func serve(t *testing.T) *program {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "sip")
	if out, err := exec.Command("go", "build", "-o", exe, "../cmd/sip").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	p := &program{cmd: exec.Command(exe, "serve", "-listen", "udp:127.0.0.1:0", "-listen", "tcp:127.0.0.1:0"), ended: make(chan error, 1)}
	p.cmd.Stderr = &p.log
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(stdout); (p.udp == "" || p.tcp == "") && lines.Scan(); {
		if at, ok := strings.CutPrefix(lines.Text(), "listening udp "); ok {
			p.udp = at
		}
		if at, ok := strings.CutPrefix(lines.Text(), "listening tcp "); ok {
			p.tcp = at
		}
	}
	go func() { p.ended <- p.cmd.Wait() }()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		if t.Failed() {
			t.Logf("the program's log:\n%s", p.log.String())
		}
	})
	return p
}

// tally is what became of calls.
type tally struct{ placed, answered, refused, failed, ended, lost atomic.Int64 }

// call places one and sees it to its end: which the other side brings, or this one, after a while.
func (n *tally) call(t *testing.T, agent *ua.Agent, to string, hold <-chan struct{}) {
	n.placed.Add(1)
	c, err := agent.Call(t.Context(), to, ua.Body{Type: "application/sdp", Data: siptest.SDP(agentAddr.Addr())}, nil)
	var refused *ua.ResponseError
	switch {
	case errors.As(err, &refused):
		n.refused.Add(1)
		if refused.Status != 503 || !refused.Message.Has(parser.HeaderRetryAfter) {
			t.Errorf("refused with %v, want 503 with Retry-After", err)
		}
		return
	case err != nil:
		n.failed.Add(1)
		return
	}
	n.answered.Add(1)
	select {
	case <-c.Done():
	case <-hold:
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		c.Hangup(ctx)
	}
	select {
	case <-c.Done():
		n.ended.Add(1)
		if c.Err() != nil {
			n.lost.Add(1)
		}
	default:
		n.lost.Add(1)
	}
}

// SIGINT under load: every call that was accepted is ended by one side or the other, every INVITE that was heard is answered, and the program ends.
func TestSignalUnderLoadLosesNoCall(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			p := serve(t)
			to := "sip:echo@" + p.udp
			if network == "tcp" {
				to = "sip:echo@" + p.tcp + ";transport=tcp"
			}
			agent, _ := onLoopback(t, &ua.Config{T1: 50 * time.Millisecond}, "udp:127.0.0.1:0", "tcp:127.0.0.1:0")
			var standing, passing tally
			var calls sync.WaitGroup
			never := make(chan struct{})
			for range 100 {
				calls.Go(func() { standing.call(t, agent, to, never) })
			}
			wait(t, "calls", func() bool { return standing.answered.Load() == 100 })
			stop := make(chan struct{})
			for range 16 {
				calls.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							passing.call(t, agent, to, at20ms())
						}
					}
				})
			}
			wait(t, "passing calls", func() bool { return passing.ended.Load() >= 300 })
			if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			select {
			case err := <-p.ended:
				if err != nil {
					t.Errorf("the program ended with %v", err)
				}
			case <-time.After(20 * time.Second):
				t.Fatal("the program still runs 20s after the signal")
			}
			close(stop)
			done := make(chan struct{})
			go func() { calls.Wait(); close(done) }()
			select {
			case <-done:
			case <-time.After(30 * time.Second):
				t.Fatalf("calls are left: %+v", agent.Stats())
			}
			for name, n := range map[string]*tally{"standing": &standing, "passing": &passing} {
				t.Logf("%s: %d placed, %d answered, %d refused, %d unheard, %d ended", name, n.placed.Load(), n.answered.Load(), n.refused.Load(), n.failed.Load(), n.ended.Load())
				if n.lost.Load() != 0 || n.ended.Load() != n.answered.Load() {
					t.Errorf("%s: %d answered, %d ended, %d lost", name, n.answered.Load(), n.ended.Load(), n.lost.Load())
				}
			}
		})
	}
}

// wait waits until something is so, for as long as a slow machine may take.
func wait(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick, end := time.NewTicker(5*time.Millisecond), time.After(30*time.Second)
	defer tick.Stop()
	for !so() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("no %s", what)
		}
	}
}

// at20ms returns a channel that is closed after 20 ms.
func at20ms() <-chan struct{} {
	c := make(chan struct{})
	time.AfterFunc(20*time.Millisecond, func() { close(c) })
	return c
}
