package timer

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// waiter is an object with two deadlines.
type waiter struct {
	name string
	a, b Entry[*waiter]
}

// clock is Lines of waiters that records who was fired, and when.
type clock struct {
	*Lines[*waiter]
	mu    sync.Mutex
	fired []string
}

func newClock() *clock {
	c := &clock{}
	c.Lines = NewLines(time.Now(), func(w *waiter) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.fired = append(c.fired, fmt.Sprintf("%v %s", c.now(), w.name))
	})
	return c
}

// in arms an entry of w for d from now.
func (c *clock) in(w *waiter, e *Entry[*waiter], d time.Duration) { c.Arm(e, w, d, c.now()+d) }

// want fails the test when not exactly these were fired, and forgets them.
func (c *clock) want(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	if !slices.Equal(c.fired, want) {
		t.Errorf("fired %q, want %q", c.fired, want)
	}
	c.fired = nil
}

func TestLinesFireAtTheirInstants(t *testing.T) {
	tests := []struct {
		name string
		arm  func(c *clock, x, y *waiter)
		want []string
	}{
		{"one", func(c *clock, x, y *waiter) { c.in(x, &x.a, 3*time.Second) }, []string{"3s x"}},
		{"two of one wait", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, 3*time.Second)
			time.Sleep(time.Nanosecond)
			c.in(y, &y.a, 3*time.Second)
		}, []string{"3s x", "3.000000001s y"}},
		{"two waits", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, 3*time.Second)
			c.in(x, &x.b, 2*time.Second)
		}, []string{"2s x", "3s x"}},
		{"the first leaves", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, 3*time.Second)
			time.Sleep(time.Second)
			c.in(y, &y.a, 3*time.Second)
			c.Stop(&x.a)
		}, []string{"4s y"}},
		{"the last leaves", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, 3*time.Second)
			c.in(y, &y.a, 3*time.Second)
			c.Stop(&y.a)
		}, []string{"3s x"}},
		{"moved to another line", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, 3*time.Second)
			c.in(x, &x.a, 5*time.Second)
		}, []string{"5s x"}},
		{"moved within its line", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, 3*time.Second)
			time.Sleep(time.Second)
			c.in(x, &x.a, 3*time.Second)
		}, []string{"4s x"}},
		{"earlier than those who came before", func(c *clock, x, y *waiter) {
			c.Arm(&x.a, x, 3*time.Second, c.now()+3*time.Second)
			c.Arm(&y.a, y, 3*time.Second, c.now()+2*time.Second)
		}, []string{"2s y", "3s x"}},
		{"in the past", func(c *clock, x, y *waiter) { c.in(x, &x.a, -time.Second) }, []string{"0s x"}},
		{"stopped", func(c *clock, x, y *waiter) { c.in(x, &x.a, time.Second); c.Stop(&x.a); c.Stop(&x.a) }, nil},
		{"armed again", func(c *clock, x, y *waiter) {
			c.in(x, &x.a, time.Second)
			c.Stop(&x.a)
			time.Sleep(time.Second)
			c.in(x, &x.a, time.Second)
		}, []string{"2s x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClock()
				tt.arm(c, &waiter{name: "x"}, &waiter{name: "y"})
				time.Sleep(time.Minute)
				c.want(t, tt.want...)
				if n := c.Running(); n != 0 {
					t.Errorf("%d timers run for nobody", n)
				}
			})
		})
	}
}

func TestLinesAreArmedUntilTheyFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, x, y := newClock(), &waiter{name: "x"}, &waiter{name: "y"}
		if c.Armed(&x.a) {
			t.Error("armed from the beginning")
		}
		c.in(x, &x.a, time.Second)
		time.Sleep(time.Second / 2)
		c.in(y, &y.a, time.Second)
		c.Stop(&x.a)
		if c.Armed(&x.a) || !c.Armed(&y.a) || c.Running() != 1 {
			t.Errorf("armed: got %v and %v, %d timers", c.Armed(&x.a), c.Armed(&y.a), c.Running())
		}
		time.Sleep(time.Second / 2) // the line's timer was set for x
		synctest.Wait()
		if !c.Armed(&y.a) {
			t.Error("not armed after the timer fired for one that had left")
		}
		c.Stop(&y.a)
		if c.Armed(&y.a) || c.Running() != 0 {
			t.Errorf("stopped: armed %v, %d timers", c.Armed(&y.a), c.Running())
		}
		c.want(t)
	})
}

// What fires may arm and stop.
func TestLinesTakeCallsFromThoseTheyFire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := 3
		var (
			l    *Lines[*waiter]
			w, v waiter
		)
		done := make(chan struct{})
		l = NewLines(time.Now(), func(x *waiter) {
			l.Stop(&v.a)
			if left--; left == 0 {
				close(done)
				return
			}
			l.Arm(&x.a, x, time.Second, l.now()+time.Second)
			l.Arm(&v.a, &v, time.Second, l.now()+time.Second)
		})
		l.Arm(&w.a, &w, time.Second, l.now()+time.Second)
		<-done
		if got := l.now(); got != 3*time.Second {
			t.Errorf("the third came after %v, want 3s", got)
		}
		synctest.Wait()
		if n := l.Running(); n != 0 {
			t.Errorf("%d timers run for nobody", n)
		}
	})
}

// Held against a model: whatever is armed, moved and stopped from several goroutines, each fires at its last deadline or not at all.
func TestLinesAgainstAModel(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			type model struct {
				mu sync.Mutex
				at time.Duration // 0: not armed
			}
			var l *Lines[*model]
			l = NewLines(time.Now(), func(m *model) {
				m.mu.Lock()
				defer m.mu.Unlock()
				if m.at != 0 && m.at <= l.now() {
					if m.at != l.now() {
						t.Errorf("seed %d: fired at %v, want %v", seed, l.now(), m.at)
					}
					m.at = 0
				}
			})
			var wg sync.WaitGroup
			for g := range uint64(4) {
				wg.Go(func() {
					r := rand.New(rand.NewPCG(seed, g))
					objects := make([]model, 50)
					entries := make([]Entry[*model], len(objects))
					for range 2000 {
						i := r.IntN(len(objects))
						m := &objects[i]
						m.mu.Lock()
						switch r.IntN(4) {
						case 0:
							m.at = 0
							l.Stop(&entries[i])
						default:
							d := time.Duration(1+r.IntN(5)) * 10 * time.Millisecond
							m.at = l.now() + d
							l.Arm(&entries[i], m, d, m.at)
						}
						m.mu.Unlock()
						time.Sleep(time.Duration(r.IntN(1000)) * time.Microsecond)
					}
					time.Sleep(time.Second)
					for i := range objects {
						m := &objects[i]
						m.mu.Lock()
						if m.at != 0 {
							t.Errorf("seed %d: never fired", seed)
						}
						m.mu.Unlock()
					}
				})
			}
			wg.Wait()
			synctest.Wait()
			if n := l.Running(); n != 0 {
				t.Errorf("seed %d: %d timers run for nobody", seed, n)
			}
		})
	}
}

func TestLinesDoNotAllocate(t *testing.T) {
	c := newClock()
	ws := make([]waiter, 8)
	for i := range ws {
		c.in(&ws[i], &ws[i].a, time.Hour)
	}
	n := testing.AllocsPerRun(100, func() {
		for i := range ws {
			c.Stop(&ws[i].a)
		}
		for i := range ws {
			c.in(&ws[i], &ws[i].a, time.Hour)
		}
	})
	if n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
	for i := range ws {
		c.Stop(&ws[i].a)
	}
}

// A deadline is set and stopped, with so many others standing.
func BenchmarkLines(b *testing.B) {
	c := newClock()
	ws := make([]waiter, 100_000)
	for i := range ws {
		c.in(&ws[i], &ws[i].a, time.Hour)
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		w := &ws[n%len(ws)]
		c.Stop(&w.a)
		c.in(w, &w.a, time.Hour)
	}
}
