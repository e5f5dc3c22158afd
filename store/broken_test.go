package store

import (
	"errors"
	"os"
	"testing"
	"time"
)

// A disk that fails is told to whoever puts something, and what was refused is not there.
func TestFileOnABrokenDisk(t *testing.T) {
	for _, sync := range []bool{false, true} {
		f, err := OpenFile(t.TempDir(), &FileConfig{Sync: sync})
		if err != nil {
			t.Fatal(err)
		}
		rev, err := f.Put(t.Context(), "a", []byte("v"), 0, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		whole := f.active
		if f.active, err = os.Open(whole.Name()); err != nil { // nobody can write to it
			t.Fatal(err)
		}
		for range 2 {
			if _, err := f.Put(t.Context(), "a", []byte("w"), rev, time.Time{}); err == nil || errors.Is(err, ErrConflict) {
				t.Errorf("Put = %v, want the disk's error", err)
			}
			if err := f.Delete(t.Context(), "a", rev); err == nil {
				t.Error("Delete is no error")
			}
		}
		if val, now, err := f.Get(t.Context(), "a"); string(val) != "v" || now != rev || err != nil {
			t.Errorf("Get = %q, %d, %v, want what was there before", val, now, err)
		}
		whole.Close()
		if err := f.Close(); err == nil {
			t.Error("Close is no error")
		}
	}
}

// A flush that fails is an error for each of those who wait for it, and for all who come later: nobody knows what the disk has.
func TestFileThatCannotBeFlushed(t *testing.T) {
	f, err := OpenFile(t.TempDir(), &FileConfig{Sync: true})
	if err != nil {
		t.Fatal(err)
	}
	f.disk.take()
	errs := make(chan error)
	for _, key := range []string{"a", "b", "c"} {
		go func() {
			_, err := f.Put(t.Context(), key, nil, 0, time.Time{})
			errs <- err
		}()
	}
	failure := errors.New("no")
	f.disk.done(0, f.broken(failure))
	for range 3 {
		if err := <-errs; !errors.Is(err, failure) {
			t.Errorf("Put = %v, want the flush's error", err)
		}
	}
	if err := f.Close(); !errors.Is(err, failure) {
		t.Errorf("Close = %v, want it again", err)
	}
}
