package resolver

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A file is read when it is first needed, and again when it has changed.
func TestFileIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	reads := 0
	f := &file[string]{path: path, parse: func(text string) string {
		reads++
		return text
	}}
	now := time.Unix(1000, 0)
	step := func(after time.Duration, want string, wantReads int) {
		t.Helper()
		if got := f.get(now.Add(after)); got != want || reads != wantReads {
			t.Errorf("after %v: got %q after %d reads, want %q after %d", after, got, reads, want, wantReads)
		}
	}
	write := func(text string, changed time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, changed, changed); err != nil {
			t.Fatal(err)
		}
	}
	step(0, "", 1) // there is none
	write("one", now)
	step(recheck-1, "", 1)
	step(recheck, "one", 2)
	step(2*recheck, "one", 2)
	write("two", now.Add(time.Second)) // of the same size
	step(3*recheck, "two", 3)
	write("three", now.Add(time.Second))
	step(4*recheck, "three", 4)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	step(5*recheck, "", 5)
}
