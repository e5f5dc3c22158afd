package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
)

// What has no end is not read into memory without one, and neither is a file that is too long: its size is enough to say so.
func TestReadingIsBounded(t *testing.T) {
	for n, want := range map[int]string{7: "", 8: "", 9: "it has more than 8 octets"} {
		data, err := readAll(t.Context(), 8, func() (io.Reader, error) { return strings.NewReader(strings.Repeat("x", n)), nil })
		if want == "" && (err != nil || len(data) != n) || want != "" && (err == nil || err.Error() != want || data != nil) {
			t.Errorf("%d octets: got %d and error %v, want %q", n, len(data), err, want)
		}
	}
	files(t, map[string]string{"a.dat": invite, "long.dat": ""})
	if err := os.Truncate("long.dat", maxFile+1); err != nil {
		t.Fatal(err)
	}
	const want = "sip parse: long.dat cannot be read: it has more than 268435456 octets\n"
	if r := sip(t, "parse", "long.dat", "a.dat"); r.code != exitUsage || !strings.Contains(r.stderr, want) || !strings.Contains(r.stdout, "a.dat: ok") {
		t.Errorf("got %d, %q and %q, want %q", r.code, r.stdout, r.stderr, want)
	}
}

// Whoever cannot open a file says so, and no goroutine waits for it.
func TestReadAllTellsWhatOpenSays(t *testing.T) {
	if _, err := readAll(t.Context(), 8, func() (io.Reader, error) { return nil, os.ErrPermission }); err != os.ErrPermission {
		t.Errorf("got %v, want %v", err, os.ErrPermission)
	}
}

// Opening a pipe without a writer waits for one. The user's SIGINT is heard all the same.
func TestReadingIsInterruptedWhileItOpens(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	opening, writer := make(chan struct{}), make(chan struct{})
	defer close(writer)
	go func() {
		<-opening
		cancel()
	}()
	_, err := readAll(ctx, 8, func() (io.Reader, error) {
		close(opening)
		<-writer
		return strings.NewReader(""), nil
	})
	if err != context.Canceled {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}
