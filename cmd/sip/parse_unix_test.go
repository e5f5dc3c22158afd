//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// A folder of 10,000 messages, each of the size of an INVITE with SDP, takes less than three seconds of processor time, so that what
// else the machine does is not counted.
func TestParseManyFilesInTime(t *testing.T) {
	const n, limit = 10000, 3 * time.Second
	in, err := os.ReadFile("../../testdata/bench/m2-invite.sip")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for i := range n {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d.sip", i)), in, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var lines lineCount
	begin := processorTime(t)
	if code := run(t.Context(), []string{"parse", "-json", dir}, nil, &lines, io.Discard); code != exitYes || lines != n {
		t.Fatalf("got exit status %d and %d lines, want %d and %d", code, lines, exitYes, n)
	}
	if took := processorTime(t) - begin; took >= limit {
		t.Errorf("took %v, want less than %v", took, limit)
	}
}

// processorTime returns what this process has used.
func processorTime(t *testing.T) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// lineCount counts the lines that are written to it.
type lineCount int

func (c *lineCount) Write(b []byte) (int, error) {
	*c += lineCount(bytes.Count(b, []byte("\n")))
	return len(b), nil
}
