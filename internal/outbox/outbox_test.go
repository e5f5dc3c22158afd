package outbox

import (
	"slices"
	"sync"
	"testing"
)

func TestEffectsRunInOrderOutsideTheLock(t *testing.T) {
	var (
		mu  sync.Mutex
		o   Outbox
		got []int
	)
	mu.Lock()
	o.Put(func() {
		got = append(got, 1)
		mu.Lock() // free: effects run outside it
		o.Put(func() { got = append(got, 3) })
		o.Drain(&mu) // queued behind 2, run by the drainer that is at work
		got = append(got, 2)
	})
	o.Drain(&mu)
	if want := []int{1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
	if !mu.TryLock() {
		t.Error("Drain kept the lock")
	}
}

func TestConcurrentPutsAllRunOnce(t *testing.T) {
	var (
		mu  sync.Mutex
		o   Outbox
		wg  sync.WaitGroup
		ran int // written by one drainer at a time
	)
	for range 50 {
		wg.Go(func() {
			for range 100 {
				mu.Lock()
				o.Put(func() { ran++ })
				o.Drain(&mu)
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if ran != 5000 || len(o.queue) != 0 || o.busy {
		t.Errorf("ran %d effects, %d left, busy %v; want 5000, 0, false", ran, len(o.queue), o.busy)
	}
}
