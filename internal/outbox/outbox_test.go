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
	if ran != 5000 || o.Busy() {
		t.Errorf("ran %d effects, busy %v; want 5000, false", ran, o.Busy())
	}
}

func TestDoRunsAtOnceAndInOrder(t *testing.T) {
	var (
		mu  sync.Mutex
		q   Queue[int]
		got []int
		run func(int)
	)
	run = func(n int) {
		if n == 1 {
			mu.Lock()
			if !q.Busy() {
				t.Error("not busy while an effect runs")
			}
			q.Do(&mu, 2, run) // waits for the drainer that is at work
		}
		got = append(got, n)
	}
	mu.Lock()
	q.Put(0)
	q.Do(&mu, 1, run)
	mu.Lock()
	if q.Busy() {
		t.Error("busy with nothing to do")
	}
	q.Do(&mu, 3, run)
	if want := []int{0, 1, 2, 3}; !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
	if !mu.TryLock() {
		t.Error("Do kept the lock")
	}
}

func TestKeepDropsWhatWaits(t *testing.T) {
	var (
		mu  sync.Mutex
		q   Queue[int]
		got []int
		run func(int)
	)
	run = func(n int) {
		got = append(got, n)
		mu.Lock()
		if n == 1 {
			q.Put(2)
			q.Put(3)
			q.Put(4)
			q.Put(5)
			q.Keep(func(n int) bool { return n%2 == 1 })
		}
		mu.Unlock()
	}
	mu.Lock()
	q.Do(&mu, 1, run)
	if want := []int{1, 3, 5}; !slices.Equal(got, want) {
		t.Errorf("ran %v, want %v", got, want)
	}
}

func TestDoDoesNotAllocate(t *testing.T) {
	var (
		mu  sync.Mutex
		q   Queue[[8]int]
		sum int
	)
	n := testing.AllocsPerRun(100, func() {
		mu.Lock()
		q.Do(&mu, [8]int{1}, func(e [8]int) { sum += e[0] })
	})
	if n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

// An effect that asks for one more, as a callback that answers does, needs no slice for it.
func TestOneWaitingEffectDoesNotAllocate(t *testing.T) {
	var (
		mu  sync.Mutex
		q   Queue[[8]int]
		sum int
		run func(e [8]int)
	)
	run = func(e [8]int) {
		sum += e[0]
		if e[0] == 1 {
			mu.Lock()
			q.Do(&mu, [8]int{10}, run)
		}
	}
	n := testing.AllocsPerRun(100, func() {
		mu.Lock()
		q.Do(&mu, [8]int{1}, run)
	})
	if n != 0 || sum != 101*11 {
		t.Errorf("got %v allocations and sum %d, want 0 and %d", n, sum, 101*11)
	}
}
