package main

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// process is the program as a process of its own.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr recorder
	ended          chan struct{}
}

// spawn starts the program. At the end of the test it is killed, if it still runs.
func spawn(t *testing.T, args ...string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(exe, args...), ended: make(chan struct{})}
	// The race detector sleeps a second at the end of a process unless it is told not to.
	p.cmd.Env = append(os.Environ(), "SIP_TEST_MAIN=1", "GORACE=atexit_sleep_ms=0")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.ended)
		if err := p.cmd.Wait(); err != nil && !errors.As(err, new(*exec.ExitError)) {
			t.Error(err)
		}
	}()
	t.Cleanup(func() {
		select {
		case <-p.ended:
		default:
			if err := p.cmd.Process.Kill(); err != nil {
				t.Error(err)
			}
			<-p.ended
		}
		if t.Failed() {
			t.Logf("sip %s: %v\nstdout:\n%s\nstderr:\n%s", strings.Join(args, " "), p.cmd.ProcessState, p.stdout.String(), p.stderr.String())
		}
	})
	return p
}

func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// wait waits for the end and returns the exit status, -1 when a signal ended the process.
func (p *process) wait(t *testing.T) int {
	t.Helper()
	select {
	case <-p.ended:
	case <-time.After(patience):
		t.Fatalf("still running after %v", patience)
	}
	return p.cmd.ProcessState.ExitCode()
}

func TestProcessEndsBySignal(t *testing.T) {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		t.Run(s.String(), func(t *testing.T) {
			p := spawn(t, "serve", "-listen", "udp:127.0.0.1:0", "-listen", "tcp:127.0.0.1:0")
			addr := p.stdout.line(t, "listening tcp ")
			if call := spawn(t, "call", "-for", "10ms", "sip:echo@"+addr+";transport=tcp"); call.wait(t) != exitYes {
				t.Errorf("sip call: got exit status %d, want 0", call.cmd.ProcessState.ExitCode())
			}
			began := time.Now()
			p.signal(t, s)
			if code := p.wait(t); code != exitYes {
				t.Errorf("got exit status %d, want 0", code)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("got %v from the signal to the end, want hardly anything", took)
			}
		})
	}
}

// A server that still has a call drains at the first signal and ends at the second.
func TestProcessEndsAtTheSecondSignal(t *testing.T) {
	s := spawn(t, "serve", "-listen", "udp:127.0.0.1:0")
	addr := s.stdout.line(t, "listening udp ")
	p := newPeer(t, addr)
	p.request("INVITE", "sip:echo@"+addr, withBody("application/sdp", sdpOffer))
	p.inside("ACK", p.receive())
	s.signal(t, os.Interrupt)
	p.until(isMethod(parser.MethodBye)) // which is not answered
	began := time.Now()
	s.signal(t, os.Interrupt)
	s.wait(t)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("got %v from the second signal to the end", took)
	}
}

func TestProcessExitStatus(t *testing.T) {
	silent := newPeer(t, "")
	files(t, map[string]string{"good.dat": invite, "bad.dat": quotes})
	tests := []struct {
		name string
		args []string
		want int
	}{
		{"yes", []string{"parse", "good.dat"}, exitYes},
		{"no", []string{"parse", "bad.dat"}, exitNo},
		{"usage", []string{"parse"}, exitUsage},
		{"silence", []string{"options", "-t1", "1ms", "sip:" + silent.addr()}, exitSilence},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := spawn(t, tt.args...).wait(t); got != tt.want {
				t.Errorf("got exit status %d, want %d", got, tt.want)
			}
		})
	}
}
