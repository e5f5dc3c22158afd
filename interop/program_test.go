package interop

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// program is a process that a test started. What it prints is kept and shown when the test fails.
type program struct {
	name   string
	cmd    *exec.Cmd
	done   chan struct{} // closed when the process has ended and its output is read
	stderr pile

	mu    sync.Mutex // guards lines
	lines []string   // its stdout
	grown chan struct{}
}

// pile keeps what is written to it.
type pile struct {
	mu sync.Mutex // guards b
	b  strings.Builder
}

func (p *pile) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.Write(b)
}

// String returns what was written so far.
func (p *pile) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// start runs a program in a folder of its own, for its logs. The end of the test is its end too.
func start(t *testing.T, path string, args ...string) *program {
	t.Helper()
	return launch(t, exec.Command(path, args...))
}

// launch is start for a program that wants to be given more than arguments: where it is at home, or its stdin.
func launch(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	path, args := cmd.Path, cmd.Args[1:]
	p := &program{name: path, cmd: cmd, done: make(chan struct{}), grown: make(chan struct{}, 1)}
	if cmd.Dir == "" {
		cmd.Dir = t.TempDir()
	}
	if cmd.Env == nil {
		cmd.Env = append(os.Environ(), "TERM=dumb")
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		p.read(stdout)
		if err := p.cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
			p.add(err.Error())
		}
	}()
	t.Cleanup(func() {
		select {
		case <-p.done:
		default:
			if err := p.cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			<-p.done
		}
		if t.Failed() {
			t.Logf("%s %s: %v\n%s\nstderr:\n%s", path, strings.Join(args, " "), p.cmd.ProcessState, tail(p.output()), tail(p.stderr.String()))
		}
	})
	return p
}

func (p *program) read(r io.Reader) {
	for s := bufio.NewScanner(r); s.Scan(); {
		p.add(s.Text())
	}
}

func (p *program) add(line string) {
	p.mu.Lock()
	p.lines = append(p.lines, line)
	p.mu.Unlock()
	select {
	case p.grown <- struct{}{}:
	default:
	}
}

// output returns what the process has printed on stdout so far.
func (p *program) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// field waits for a line of stdout that starts with prefix, and returns the rest of it.
func (p *program) field(t *testing.T, prefix string) string {
	t.Helper()
	limit := time.After(15 * time.Second)
	for {
		for line := range strings.Lines(p.output()) {
			if rest, ok := strings.CutPrefix(line, prefix); ok {
				return strings.TrimSpace(rest)
			}
		}
		select {
		case <-p.grown:
		case <-p.done:
			t.Fatalf("%s ended without a line %q", p.name, prefix)
		case <-limit:
			t.Fatalf("%s printed no line %q", p.name, prefix)
		}
	}
}

// wait returns the exit status of a process that ends by itself.
func (p *program) wait(t *testing.T, most time.Duration) int {
	t.Helper()
	select {
	case <-p.done:
		return p.cmd.ProcessState.ExitCode()
	case <-time.After(most):
		t.Fatalf("%s is still running after %v", p.name, most)
		return -1
	}
}

// signal sends a signal to the process.
func (p *program) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("%s: %v", p.name, err)
	}
}

// until asks again and again until the answer is yes.
func until(t *testing.T, most time.Duration, what string, yes func() bool) {
	t.Helper()
	limit := time.After(most)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !yes() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("after %v still not: %s", most, what)
		}
	}
}

// freePort chooses from these. They lie below what kernels choose from when nobody asks for a port.
const firstPort, lastPort = 20000, 32767

// ports guards the last port that was given to somebody: tests run at the same time.
var ports = struct {
	sync.Mutex
	last int
}{last: firstPort + rand.IntN(lastPort-firstPort)}

// freePort finds a port of the loopback address that nobody has, over UDP or TCP, for programs that want to be told theirs. No other test gets it.
func freePort(t *testing.T) string {
	t.Helper()
	ports.Lock()
	defer ports.Unlock()
	for range lastPort - firstPort {
		if ports.last += 4; ports.last > lastPort { // SIP programs take the next ones too, for TLS
			ports.last = firstPort
		}
		port := strconv.Itoa(ports.last)
		if bindable(net.JoinHostPort("127.0.0.1", port)) {
			return port
		}
	}
	t.Fatal("no port is free")
	return ""
}

// bindable reports whether addr can be had over UDP and TCP.
func bindable(addr string) bool {
	pc, err := net.ListenPacket("udp", addr)
	if err != nil {
		return false
	}
	defer pc.Close()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return false
	}
	ln.Close()
	return true
}

// taken reports whether somebody has the port. It asks the kernel's table: binding the port to see would take it from
// the program that is waited for.
func taken(t *testing.T, network, port string) bool {
	t.Helper()
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("/proc/net/" + network)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(table), fmt.Sprintf(" 0100007F:%04X 00000000:0000 ", n))
}

// tail returns the last 4 KiB of s.
func tail(s string) string {
	return s[max(0, len(s)-4096):]
}
