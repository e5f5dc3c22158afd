package main

import (
	"bytes"
	"strings"
	"sync"
	"testing"
	"time"
)

// recorder keeps what a program writes and lets a test wait for it.
type recorder struct {
	mu   sync.Mutex // guards what follows
	buf  bytes.Buffer
	more chan struct{} // closed at the next write
}

func (r *recorder) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.more != nil {
		close(r.more)
		r.more = nil
	}
	return r.buf.Write(b)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}

// next returns what was written so far, and a channel that is closed when there is more.
func (r *recorder) next() (string, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.more == nil {
		r.more = make(chan struct{})
	}
	return r.buf.String(), r.more
}

// line waits for a whole line that begins with prefix and returns the rest of it.
func (r *recorder) line(t *testing.T, prefix string) string {
	t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		text, more := r.next()
		for l := range strings.Lines(text) {
			if rest, ok := strings.CutPrefix(l, prefix); ok && strings.HasSuffix(rest, "\n") {
				return strings.TrimSuffix(rest, "\n")
			}
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("no line %q within 20s in:\n%s", prefix, text)
		}
	}
}
