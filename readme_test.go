package ringback_test

import (
	"bufio"
	"context"
	"go/format"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The two programs of README.md are 20 lines at most, formatted, and call each other. Only the addresses are
// changed: the callee takes free ports, the caller gets one of them.
func TestReadmePrograms(t *testing.T) {
	programs := fenced(t, "go")
	if len(programs) != 2 {
		t.Fatalf("README.md: got %d programs, want a callee and a caller", len(programs))
	}
	for _, p := range programs {
		if n := strings.Count(p, "\n"); n > 20 {
			t.Errorf("got %d lines, want at most 20:\n%s", n, p)
		}
		if f, err := format.Source([]byte(p)); err != nil || string(f) != p {
			t.Errorf("gofmt would change this (%v):\n%s", err, p)
		}
	}
	const address = "127.0.0.1:5060"
	callee, caller := programs[0], programs[1]
	if !strings.Contains(callee, address) || strings.Count(caller, address) != 1 {
		t.Fatalf("the programs do not meet at %s", address)
	}

	ctx, stop := context.WithTimeout(t.Context(), 30*time.Second)
	defer stop()
	answer := exec.CommandContext(ctx, built(t, strings.ReplaceAll(callee, address, "127.0.0.1:0")))
	stderr, err := answer.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := answer.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		answer.Process.Kill()
		answer.Wait()
	}()
	bound := boundAddress(t, stderr)

	call := exec.CommandContext(ctx, built(t, strings.ReplaceAll(caller, address, bound)))
	if out, err := call.CombinedOutput(); err != nil {
		t.Errorf("the caller: %v\n%s", err, out)
	}
}

// The first block of README.md is what a visitor types: the server, and the tests as .ci/run runs them.
func TestReadmeCommands(t *testing.T) {
	blocks := fenced(t, "sh")
	if len(blocks) == 0 {
		t.Fatal("README.md has no commands")
	}
	commands := strings.Split(strings.TrimSpace(blocks[0]), "\n")
	if len(commands) != 2 || commands[0] != "go run ./cmd/sip serve" {
		t.Fatalf("the first block: got %q, want the server and the tests", commands)
	}
	ci, err := os.ReadFile(filepath.Join(".ci", "run"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(ci), "\n"+commands[1]+"\n") {
		t.Errorf(".ci/run does not run %q", commands[1])
	}
}

// fenced returns the fenced blocks of README.md in a language.
func fenced(t *testing.T, language string) []string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, part := range strings.Split("\n"+string(text), "\n```"+language+"\n")[1:] {
		block, _, ok := strings.Cut(part, "\n```\n")
		if !ok {
			t.Fatal("README.md: a block has no end")
		}
		blocks = append(blocks, block+"\n")
	}
	return blocks
}

// built compiles a program against this module and returns its path.
func built(t *testing.T, src string) string {
	t.Helper()
	dir := scratch(t, src)
	goIn(t, dir, "build", "-o", "program", ".")
	return filepath.Join(dir, "program")
}

// boundAddress reads what the callee logs until an address of the loopback stands in it.
func boundAddress(t *testing.T, r io.Reader) string {
	t.Helper()
	var read strings.Builder
	for s := bufio.NewScanner(r); s.Scan(); {
		read.WriteString(s.Text() + "\n")
		if _, after, ok := strings.Cut(s.Text(), "127.0.0.1:"); ok {
			return "127.0.0.1:" + after[:len(after)-len(strings.TrimLeft(after, "0123456789"))]
		}
	}
	t.Fatalf("the callee names no address:\n%s", read.String())
	return ""
}
