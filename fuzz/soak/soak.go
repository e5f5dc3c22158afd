package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// soak runs fuzz targets through the go command.
type soak struct {
	tool     string // the go command
	env      []string
	workers  int
	progress io.Writer
	terminal bool // progress is one: a line may be written over
}

// target is a fuzz function and its package.
type target struct{ pkg, name string }

// result is what a target did.
type result struct {
	target
	state
	took   time.Duration
	err    error
	output string // of a target that failed
}

// state is what the go command says while it fuzzes.
type state struct {
	execs       int64
	interesting int64 // inputs that reach what no other reaches, those of earlier runs included
}

// list returns the fuzz targets of the module whose names match.
func (s *soak) list(ctx context.Context, match *regexp.Regexp) ([]target, error) {
	out, err := s.command(ctx, "test", "-list", "^Fuzz", "./...").Output()
	if err != nil {
		return nil, fmt.Errorf("go test -list: %w", err)
	}
	return parseList(string(out), match), nil
}

// parseList reads the names of functions and, behind those of a package, "ok", its path and the time.
func parseList(out string, match *regexp.Regexp) []target {
	var all []target
	var names []string
	for line := range strings.Lines(out) {
		words := strings.Fields(line)
		switch {
		case len(words) == 1 && strings.HasPrefix(words[0], "Fuzz"):
			names = append(names, words[0])
		case len(words) > 1 && words[0] == "ok":
			for _, name := range names {
				if match.MatchString(name) {
					all = append(all, target{words[1], name})
				}
			}
			names = nil
		}
	}
	return all
}

// run runs the targets in turn, each for a time.
func (s *soak) run(ctx context.Context, targets []target, share time.Duration) []result {
	var results []result
	for i, t := range targets {
		if ctx.Err() != nil {
			break
		}
		label := fmt.Sprintf("%d/%d %s", i+1, len(targets), t.name)
		r := s.fuzz(ctx, t, share, label)
		for more := share; r.hurried() && more < 4*share && ctx.Err() == nil; {
			more *= 2
			fmt.Fprintf(s.progress, "%s: %s was too short on this machine; again for %s\n", label, more/2, more)
			r = s.fuzz(ctx, t, more, label)
		}
		results = append(results, r)
		if r.err != nil {
			fmt.Fprintf(s.progress, "%s: %v\n%s", t.name, r.err, r.output)
		}
	}
	return results
}

// hurried reports whether the time was over before the engine had tried anything, or while it waited for an answer of its worker,
// which it takes for a failure. An input that fails is named.
func (r *result) hurried() bool {
	return errors.Is(r.err, errIdle) || r.err != nil && strings.Contains(r.output, "context deadline exceeded") && !strings.Contains(r.output, "Failing input")
}

var errIdle = errors.New("nothing was run")

// fuzz runs one target. Minimising is kept short: it could take the time of the target otherwise.
func (s *soak) fuzz(ctx context.Context, t target, share time.Duration, label string) result {
	r := result{target: t}
	cmd := s.command(ctx, "test", "-run", "^$", "-fuzz", "^"+t.name+"$", "-fuzztime", share.String(), "-fuzzminimizetime", "20x",
		"-parallel", strconv.Itoa(s.workers), t.pkg)
	read, write := io.Pipe()
	cmd.Stdout, cmd.Stderr = write, write
	start := time.Now()
	if r.err = cmd.Start(); r.err != nil {
		return r
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		write.Close()
		ended <- err
	}()
	s.follow(read, &r, label)
	r.err = <-ended
	r.took = time.Since(start)
	if ctx.Err() != nil {
		r.err = nil // told to stop
	}
	if r.err == nil && r.execs == 0 && ctx.Err() == nil {
		r.err = errIdle
	}
	return r
}

// follow reads what the go command prints, shows progress and keeps what is no progress.
func (s *soak) follow(out io.Reader, r *result, label string) {
	scanner := bufio.NewScanner(out)
	scanner.Buffer(nil, 16<<20) // a failing input is one line
	shown := time.Now()
	for scanner.Scan() {
		line := scanner.Text()
		st, elapsed, ok := parseProgress(line)
		if !ok {
			if !strings.HasPrefix(line, "fuzz: ") && line != "PASS" && !strings.HasPrefix(line, "ok ") {
				r.output += line + "\n"
			}
			continue
		}
		r.state = st
		text := fmt.Sprintf("%s: %s, %d executions, %d inputs kept", label, elapsed, st.execs, st.interesting)
		switch {
		case s.terminal:
			fmt.Fprintf(s.progress, "\r%-78s", text)
		case time.Since(shown) >= time.Minute:
			shown = time.Now()
			fmt.Fprintln(s.progress, text)
		}
	}
	io.Copy(io.Discard, out) // a line beyond the buffer must not block the command
	if s.terminal {
		fmt.Fprintf(s.progress, "\r%-78s\r", "")
	}
	fmt.Fprintf(s.progress, "%s: %d executions, %d inputs kept\n", label, r.execs, r.interesting)
}

var progressLine = regexp.MustCompile(`^fuzz: elapsed: (\S+), execs: (\d+) \(\d+/sec\), new interesting: \d+ \(total: (\d+)\)`)

// parseProgress reads a line of progress.
func parseProgress(line string) (s state, elapsed string, ok bool) {
	m := progressLine.FindStringSubmatch(line)
	if m == nil {
		return s, "", false
	}
	s.execs, _ = strconv.ParseInt(m[2], 10, 64)
	s.interesting, _ = strconv.ParseInt(m[3], 10, 64)
	return s, m[1], true
}

// command returns a go command that is interrupted, not killed, when ctx ends, so that it can say what it did.
func (s *soak) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.tool, args...)
	cmd.Env = append(append(os.Environ(), s.env...), "GOMAXPROCS="+strconv.Itoa(s.workers))
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	return cmd
}
