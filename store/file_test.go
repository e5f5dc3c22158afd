package store_test

import (
	"bytes"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/store/storetest"
)

func TestFile(t *testing.T) {
	for _, tt := range []struct {
		name string
		cfg  *store.FileConfig
	}{{"default", nil}, {"sync", &store.FileConfig{Sync: true}}} {
		t.Run(tt.name, func(t *testing.T) {
			open := func(t *testing.T) store.Store { return openFile(t, t.TempDir(), tt.cfg) }
			storetest.RunDurable(t, open, func(t *testing.T, s store.Store) store.Store {
				return openFile(t, killed(t, s.(*store.File)), tt.cfg)
			})
		})
	}
}

// openFile opens a store that the test closes.
func openFile(t *testing.T, dir string, cfg *store.FileConfig) *store.File {
	t.Helper()
	f, err := store.OpenFile(dir, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// killed returns a folder with what is in f's files now: what is left when its process ends at once.
func killed(t *testing.T, f *store.File) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(f.Dir())); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestFileRefusesASecondOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	f := openFile(t, dir, nil)
	if _, err := store.OpenFile(dir, nil); !errors.Is(err, store.ErrInUse) || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second one: %v, want ErrInUse and the folder's name", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	openFile(t, dir, nil)
}

func TestFileAfterClose(t *testing.T) {
	f := openFile(t, t.TempDir(), nil)
	put(t, f, "a", time.Time{})
	if err := errors.Join(f.Close(), f.Close()); err != nil {
		t.Error(err)
	}
	if _, err := f.Put(t.Context(), "b", nil, 0, time.Time{}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Put after Close = %v, want ErrClosed", err)
	}
	there(t, f, "a", true)
}

func TestFileRefusesWhatIsTooLarge(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir, nil)
	if _, err := f.Put(t.Context(), "a", make([]byte, 17<<20), 0, time.Time{}); err == nil {
		t.Error("17 MiB: no error")
	}
	put(t, f, "b", time.Time{})
	f = openFile(t, killed(t, f), nil)
	there(t, f, "a", false)
	there(t, f, "b", true)
}

// Those that are over when the store is opened are not there, and do not stay in memory.
func TestFileForgetsWhatIsOver(t *testing.T) {
	f := openFile(t, t.TempDir(), nil)
	put(t, f, "over", time.Now().Add(time.Millisecond))
	put(t, f, "stays", time.Now().Add(time.Hour))
	for _, rev, _ := f.Get(t.Context(), "over"); rev != 0; {
		_, rev, _ = f.Get(t.Context(), "over")
	}
	f = openFile(t, killed(t, f), nil)
	there(t, f, "over", false)
	there(t, f, "stays", true)
	if n := f.Len(); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
}

// A log that has outgrown what it says is replaced while changes go on, and nothing is lost by that, wherever the process ends.
func TestFileIsCompacted(t *testing.T) {
	dir := t.TempDir()
	f := openFile(t, dir, nil)
	put(t, f, "untouched", time.Time{})
	val := bytes.Repeat([]byte("0123456789"), 400)
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			key, rev := string(rune('a'+i)), uint64(0)
			for j := range 1000 {
				var err error
				if rev, err = f.Put(t.Context(), key, append(val, byte(j), byte(j>>8)), rev, time.Time{}); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	rev, err := f.Put(t.Context(), "deleted", nil, 0, time.Time{})
	if err == nil {
		err = f.Delete(t.Context(), "deleted", rev)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 2 { // with nobody writing meanwhile, there is a snapshot of all in the end
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		f = openFile(t, dir, nil)
		put(t, f, "last", time.Time{})
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if size += info.Size(); strings.HasSuffix(name, ".tmp") {
			t.Errorf("%s is left", name)
		}
	}
	if size > 2<<20 || len(files) != 3 {
		t.Errorf("the files %q have %d octets, want far less than the 16 million that were written", files, size)
	}
	f = openFile(t, dir, nil)
	for _, key := range []string{"a", "b", "c", "d"} {
		got, _, err := f.Get(t.Context(), key)
		if want := append(val, 999&0xff, 999>>8); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d octets, %v, want those of the last change", key, len(got), err)
		}
	}
	there(t, f, "untouched", true)
	there(t, f, "deleted", false)
	next, err := f.Put(t.Context(), "deleted", nil, 0, time.Time{})
	if err != nil || next <= rev {
		t.Errorf("revision %d, %v after %d", next, err, rev)
	}
}

// logOf returns the only log in dir.
func logOf(t *testing.T, dir string) string {
	t.Helper()
	logs, err := filepath.Glob(filepath.Join(dir, "*.log"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs %q, %v, want one", logs, err)
	}
	return logs[0]
}

// Wherever the end of the log is missing, what stands before it is there, what was cut is said, and the store goes on.
func TestFileCutsATornTail(t *testing.T) {
	f := openFile(t, t.TempDir(), nil)
	var ends []int // of each record
	for _, key := range []string{"a", "b", "c"} {
		put(t, f, key, time.Time{})
		info, err := os.Stat(logOf(t, f.Dir()))
		if err != nil {
			t.Fatal(err)
		}
		ends = append(ends, int(info.Size()))
	}
	whole, err := os.ReadFile(logOf(t, f.Dir()))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) + 1 {
		tails := []string{"", "\x00\x00\x00\x00\x00\x00\x00\x00\x00", "garbage that is no record"}
		if n%6 != 0 { // what follows does not depend on how much is missing
			tails = tails[:1]
		}
		for _, tail := range tails {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, filepath.Base(logOf(t, f.Dir()))), append(bytes.Clone(whole[:n]), tail...), 0o600); err != nil {
				t.Fatal(err)
			}
			var said bytes.Buffer
			g, err := store.OpenFile(dir, &store.FileConfig{Logger: slog.New(slog.NewTextHandler(&said, nil))})
			if n < len("ringback store 1\n") && tail != "" {
				if !errors.Is(err, store.ErrDamaged) {
					t.Fatalf("%d octets and %q: %v, want ErrDamaged", n, tail, err)
				}
				continue
			}
			if err != nil {
				t.Fatalf("%d octets and %q: %v", n, tail, err)
			}
			torn := tail != "" || n > 0
			for i, end := range ends {
				there(t, g, string(rune('a'+i)), end <= n)
				torn = torn && (end != n || tail != "")
			}
			if n == len("ringback store 1\n") && tail == "" {
				torn = false
			}
			if got := strings.Contains(said.String(), "was not written to its end"); got != torn {
				t.Errorf("%d octets and %q: said %q, want to hear of it: %v", n, tail, said.String(), torn)
			}
			put(t, g, "next", time.Time{})
			if err := g.Close(); err != nil {
				t.Error(err)
			}
			g = openFile(t, dir, nil)
			there(t, g, "next", true)
			there(t, g, "a", ends[0] <= n)
		}
	}
}

// What an interrupted write does not explain is not cut: whoever runs the store has to know of it.
func TestFileRefusesDamage(t *testing.T) {
	f := openFile(t, t.TempDir(), nil)
	for _, key := range []string{"a", "b", "c"} {
		put(t, f, key, time.Time{})
	}
	for name, break1 := range map[string]func(string) error{
		"an octet in the middle": func(log string) error {
			b, err := os.ReadFile(log)
			if err != nil {
				return err
			}
			b[len("ringback store 1\n")+12] ^= 1
			return os.WriteFile(log, b, 0o600)
		},
		"another file": func(log string) error { return os.WriteFile(log, []byte("#!/bin/sh\n"), 0o600) },
		"a log that is missing": func(log string) error {
			return os.Rename(log, filepath.Join(filepath.Dir(log), "0000000000000003.log"))
		},
		"a snapshot that is not whole": func(log string) error {
			return os.WriteFile(strings.TrimSuffix(log, ".log")+".snapshot", []byte("ringback store 1\n\x40"), 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := killed(t, f)
			if err := break1(logOf(t, dir)); err != nil {
				t.Fatal(err)
			}
			if _, err := store.OpenFile(dir, nil); !errors.Is(err, store.ErrDamaged) || !strings.Contains(err.Error(), dir) {
				t.Errorf("got %v, want ErrDamaged and the file's name", err)
			}
		})
	}
}
