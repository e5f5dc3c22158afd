package store_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/store/storetest"
)

func TestMemory(t *testing.T) {
	storetest.Run(t, func(*testing.T) store.Store { return new(store.Memory) })
}

// A record ends at its time to the millisecond, and is dropped a second later at most, with nobody asking and no goroutine waiting.
func TestMemoryDropsWhatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m store.Memory
		before := runtime.NumGoroutine()
		for i := range 3000 {
			put(t, &m, fmt.Sprint(i), time.Now().Add(time.Duration(1+i%3)*time.Minute))
		}
		put(t, &m, "stays", time.Time{})
		put(t, &m, "soon", time.Now().Add(1500*time.Millisecond))
		if n := runtime.NumGoroutine(); n > before {
			t.Errorf("%d goroutines, want %d at most", n, before)
		}
		time.Sleep(1499 * time.Millisecond)
		there(t, &m, "soon", true)
		time.Sleep(time.Millisecond)
		there(t, &m, "soon", false)
		for _, want := range []int{3001, 2001, 1001, 1, 1} {
			synctest.Wait()
			time.Sleep(time.Second)
			synctest.Wait()
			if n := m.Len(); n != want {
				t.Errorf("%d records are held, want %d", n, want)
			}
			time.Sleep(time.Minute - time.Second)
		}
	})
}

// What ends earlier than all that was there before is dropped in its time, and what was prolonged is not.
func TestMemoryLooksInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m store.Memory
		put(t, &m, "hour", time.Now().Add(time.Hour))
		put(t, &m, "minute", time.Now().Add(time.Minute))
		put(t, &m, "shortened", time.Time{})
		put(t, &m, "shortened", time.Now().Add(time.Minute))
		put(t, &m, "prolonged", time.Now().Add(time.Minute))
		put(t, &m, "prolonged", time.Now().Add(2*time.Minute))
		put(t, &m, "kept", time.Now().Add(time.Minute))
		put(t, &m, "kept", time.Time{})
		for _, want := range []int{3, 2, 2} {
			time.Sleep(time.Minute + 2*time.Second)
			if n := m.Len(); n != want {
				t.Errorf("%d records after %v, want %d", n, time.Minute, want)
			}
		}
		time.Sleep(time.Hour)
		there(t, &m, "kept", true)
		if n := m.Len(); n != 1 {
			t.Errorf("%d records in the end, want 1", n)
		}
	})
}

// What is shortened counts by its new end, though others ended earlier before.
func TestMemoryShortens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m store.Memory
		put(t, &m, "hour", time.Now().Add(time.Hour))
		put(t, &m, "shortened", time.Now().Add(2*time.Hour))
		put(t, &m, "shortened", time.Now().Add(time.Minute))
		time.Sleep(time.Minute + 2*time.Second)
		if n := m.Len(); n != 1 {
			t.Errorf("%d records after a minute, want 1", n)
		}
	})
}

// A record that is over makes place for a new one before it is dropped.
func TestMemoryReusesWhatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m store.Memory
		put(t, &m, "a", time.Now().Add(10*time.Millisecond))
		time.Sleep(10 * time.Millisecond)
		if _, err := m.Put(t.Context(), "a", []byte("w"), 0, time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		there(t, &m, "a", true)
	})
}

// put stores something under key, whatever was there.
func put(t *testing.T, s store.Store, key string, until time.Time) {
	t.Helper()
	_, rev, err := s.Get(t.Context(), key)
	if err == nil {
		_, err = s.Put(t.Context(), key, []byte("v"), rev, until)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// there says when key has a record and should not, or the other way round.
func there(t *testing.T, s store.Store, key string, want bool) {
	t.Helper()
	if _, rev, err := s.Get(t.Context(), key); err != nil || (rev != 0) != want {
		t.Errorf("%s has revision %d, %v, want one: %v", key, rev, err, want)
	}
}

func BenchmarkMemoryGet(b *testing.B) {
	var m store.Memory
	for i := range 100_000 {
		if _, err := m.Put(b.Context(), fmt.Sprintf("sip:user%d@example.com", i), make([]byte, 200), 0, time.Now().Add(time.Hour)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, rev, err := m.Get(context.Background(), "sip:user4711@example.com"); rev == 0 || err != nil {
			b.Fatal("no record")
		}
	}
}
