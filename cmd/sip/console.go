package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// console is where a command reads and speaks: results go to stdout, everything else to stderr. Its methods
// are safe for concurrent use: answers, traces and progress come from different goroutines, and a line is never
// torn apart.
type console struct {
	name  string // "sip call": how complaints begin
	stdin io.Reader

	outStyle, errStyle style
	live               bool // stderr is a terminal: progress may be shown

	mu     sync.Mutex // guards what follows
	stdout io.Writer
	stderr io.Writer
	failed error // the first failure of stdout
	shown  bool  // a line of progress stands on stderr
}

func newConsole(stdin io.Reader, stdout, stderr io.Writer) *console {
	colour := os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	return &console{
		name:     "sip",
		stdin:    stdin,
		stdout:   stdout,
		stderr:   stderr,
		live:     isTerminal(stderr) && os.Getenv("TERM") != "dumb",
		outStyle: style(colour && isTerminal(stdout)),
		errStyle: style(colour && isTerminal(stderr)),
	}
}

// outf writes to stdout.
func (c *console) outf(format string, args ...any) { c.outBytes(fmt.Appendf(nil, format, args...)) }

// errf writes to stderr.
func (c *console) errf(format string, args ...any) { c.errBytes(fmt.Appendf(nil, format, args...)) }

// outBytes writes whole lines to stdout.
func (c *console) outBytes(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	if _, err := c.stdout.Write(b); err != nil && c.failed == nil {
		c.failed = err
	}
}

// errBytes writes whole lines to stderr. Nobody is left to tell when that fails.
func (c *console) errBytes(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	c.stderr.Write(b)
}

// Write makes the console the destination of a log.
func (c *console) Write(b []byte) (int, error) {
	c.errBytes(b)
	return len(b), nil
}

// writeError returns the first failure of stdout.
func (c *console) writeError() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed
}

// clear removes the line of progress. c.mu is held.
func (c *console) clear() {
	if c.shown {
		io.WriteString(c.stderr, "\r\x1b[K")
		c.shown = false
	}
}

// watch shows what is going on, and for how long, once it has taken a second; on a terminal only. The function
// that it returns ends that and leaves nothing on the screen.
func (c *console) watch(what func() string) (stop func()) {
	if !c.live {
		return func() {}
	}
	begin := time.Now()
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-quit:
				return
			case <-tick.C:
				c.progress(what(), time.Since(begin))
			}
		}
	}()
	return func() {
		close(quit)
		<-done
		c.mu.Lock()
		defer c.mu.Unlock()
		c.clear()
	}
}

// progress replaces the line of progress.
func (c *console) progress(what string, elapsed time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.clear()
	fmt.Fprintf(c.stderr, "%s, %d s", what, int(elapsed/time.Second))
	c.shown = true
}

// isTerminal reports whether stream is a terminal: a character device that is not the null device.
func isTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	st, err := f.Stat()
	if err != nil || st.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(st, null)
}
