package registration

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

var start = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// walk drives a Client through time.
type walk struct {
	t *testing.T
	*Client
	now time.Time
}

func newWalk(t *testing.T, persist bool) *walk {
	return &walk{t, NewClient(Timing{}, time.Hour, persist, start), start}
}

// step steps the client and wants it in a state, having asked for todo.
func (w *walk) step(e Event, want State, todo ...Action) {
	w.t.Helper()
	if got := w.Step(nil, e, w.now); !slices.Equal(got, todo) || w.State() != want {
		w.t.Fatalf("%v at %v: got %v and %v, want %v and %v", e.Kind, w.now.Sub(start), got, w.State(), todo, want)
	}
}

// pass lets the time come that the client waits for, which is in d.
func (w *walk) pass(d time.Duration) {
	w.t.Helper()
	if got := w.Next().Sub(w.now); got != d {
		w.t.Fatalf("next is in %v, want %v", got, d)
	}
	w.now = w.Next()
}

var ok = Event{Kind: EventOK, Granted: 10 * time.Minute}

func TestRefreshesForEver(t *testing.T) {
	w := newWalk(t, false)
	w.step(ok, Registered)
	for range 3 {
		if got := w.Expires().Sub(w.now); got != 10*time.Minute {
			t.Fatalf("the binding expires in %v, want 10m", got)
		}
		w.pass(9 * time.Minute)
		w.step(Event{Kind: EventTimer}, Refreshing, ActionRegister)
		w.step(ok, Registered)
	}
}

func TestTimerThatComesEarlyDoesNothing(t *testing.T) {
	w := newWalk(t, false)
	w.step(ok, Registered)
	next := w.Next()
	w.now = next.Add(-time.Nanosecond)
	w.step(Event{Kind: EventTimer}, Registered)
	if w.Next() != next {
		t.Errorf("next is %v, want %v", w.Next(), next)
	}
}

func TestFailedRefreshIsRetriedWhileTheBindingStands(t *testing.T) {
	w := newWalk(t, false)
	w.step(Event{Kind: EventOK, Granted: 5 * time.Minute}, Registered)
	w.pass(263 * time.Second)
	w.step(Event{Kind: EventTimer}, Refreshing, ActionRegister)
	w.step(Event{Kind: EventFailure}, Retrying)
	w.pass(30 * time.Second)
	w.step(Event{Kind: EventTimer}, Refreshing, ActionRegister)
	w.pass(7 * time.Second) // the rest of the 300
	w.step(Event{Kind: EventTimer}, Registering)
	w.step(Event{Kind: EventTimeout}, Waiting)
	w.pass(60 * time.Second)
	w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
	w.step(ok, Registered)
}

// What waits for its turn when the binding lapses waits on.
func TestLapseWhileRetryingKeepsTheWait(t *testing.T) {
	w := newWalk(t, false)
	w.step(Event{Kind: EventOK, Granted: time.Minute}, Registered)
	w.pass(30 * time.Second)
	w.step(Event{Kind: EventTimer}, Refreshing, ActionRegister)
	w.step(Event{Kind: EventFailure, Chance: 0.5}, Retrying) // 45 s
	w.pass(30 * time.Second)
	w.step(Event{Kind: EventTimer}, Waiting)
	w.pass(15 * time.Second)
	w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
}

// A flow that proved itself is replaced within 4 s; one that fails at once, and again, waits as long as a REGISTER that failed.
func TestFlowFailure(t *testing.T) {
	w := newWalk(t, false)
	w.step(ok, Registered)
	w.step(Event{Kind: EventFlowFailed, Chance: 1}, Waiting)
	w.pass(4 * time.Second)
	for _, wait := range []time.Duration{60 * time.Second, 120 * time.Second, 240 * time.Second} {
		w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
		w.step(ok, Registered)
		w.now = w.now.Add(29 * time.Second)
		w.step(Event{Kind: EventFlowFailed, Chance: 1}, Waiting)
		w.pass(wait)
	}
	w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
	w.step(ok, Registered)
	w.now = w.now.Add(30 * time.Second)
	w.step(Event{Kind: EventFlowFailed, Chance: 0.5}, Waiting)
	w.pass(2 * time.Second)
}

// TestBackOff is the whole life of a registrar that is away (RFC 5626, Section 4.5), each wait at its least.
func TestBackOff(t *testing.T) {
	for _, kind := range []EventKind{EventFailure, EventTimeout, EventTransportError, EventUnbound} {
		w := newWalk(t, true)
		for _, seconds := range []time.Duration{30, 60, 120, 240, 480, 900, 900} {
			w.step(Event{Kind: kind}, Waiting)
			w.pass(seconds * time.Second)
			w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
		}
		w.step(ok, Registered)
		w.now = w.now.Add(time.Minute)
		w.step(Event{Kind: EventFlowFailed}, Waiting)
		w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
		w.step(Event{Kind: kind}, Waiting)
		w.pass(30 * time.Second)
	}
}

func TestTooBriefRaisesTheInterval(t *testing.T) {
	w := newWalk(t, false)
	w.step(Event{Kind: EventTooBrief, Min: 2 * time.Hour}, Trying, ActionRegister)
	if w.Interval() != 2*time.Hour {
		t.Errorf("asks for %v, want 2h", w.Interval())
	}
	w.step(Event{Kind: EventTooBrief, Min: 2 * time.Hour}, Ended, ActionEnded) // it was asked for
}

func TestWhoIsNeverContentIsNotFollowed(t *testing.T) {
	w := newWalk(t, true)
	for i := range time.Duration(maxBrief) {
		w.step(Event{Kind: EventTooBrief, Min: (i + 2) * time.Hour}, Registering, ActionRegister)
	}
	w.step(Event{Kind: EventTooBrief, Min: 9 * time.Hour}, Waiting)
	w = newWalk(t, true)
	for range maxMoved {
		w.step(Event{Kind: EventMoved}, Registering, ActionRegister)
	}
	w.step(Event{Kind: EventMoved}, Waiting)
	w.pass(30 * time.Second)
	w.step(Event{Kind: EventTimer}, Registering, ActionRegister)
	w.step(ok, Registered)
}

func TestUnregister(t *testing.T) {
	unregister := Event{Kind: EventUnregister}
	w := newWalk(t, false)
	w.step(ok, Registered)
	w.step(unregister, Unregistering, ActionUnregister)
	w.step(unregister, Unregistering)
	w.pass(37 * time.Second)
	w.step(Event{Kind: EventTimer}, Ended, ActionDrop, ActionEnded)
	if !w.Next().IsZero() {
		t.Errorf("waits for %v when it is over", w.Next())
	}
	w = newWalk(t, false) // while the REGISTER is under way
	w.step(unregister, UnregisterPending)
	w.step(ok, Unregistering, ActionUnregister)
	w.step(ok, Ended, ActionEnded)
	w = newWalk(t, false)
	w.step(unregister, UnregisterPending)
	w.step(Event{Kind: EventTimeout}, Ended, ActionEnded)
}

// TestAlwaysHasADeadline walks at random: a client that is not over has a deadline ahead within the longest one, never sends a REGISTER
// while one is under way, says once that it is over, and ends when it is told to and nobody says anything.
func TestAlwaysHasADeadline(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		now := start
		c := NewClient(Timing{}, time.Hour, r.IntN(2) == 0, now)
		under, ended := true, 0
		do := func(e Event) {
			before := c.State()
			for _, a := range c.Step(nil, e, now) {
				switch a {
				case ActionRegister, ActionUnregister:
					if under {
						t.Fatalf("%v in %v: a second REGISTER", e.Kind, before)
					}
					under = true
				case ActionDrop:
					under = false
				case ActionEnded:
					ended++
				}
			}
			if next := c.Next(); c.State() == Ended != next.IsZero() || next.Sub(now) > longest {
				t.Fatalf("%v in %v leads to %v, next %v", e.Kind, before, c.State(), next.Sub(now))
			}
		}
		for range r.IntN(30) {
			now = now.Add(time.Duration(r.Int64N(int64(time.Minute))))
			e := Event{Kind: EventKind(r.IntN(int(EventTimer) + 1)), Granted: time.Duration(r.Int64N(1 << 62)), Min: time.Duration(r.Int64N(int64(longest))),
				After: time.Duration(r.Int64N(1 << 62)), Asked: r.IntN(2) == 0, Others: r.IntN(2) == 0, Chance: r.Float64()}
			if e.Kind < EventFlowFailed { // answers come to what was asked
				if !under {
					continue
				}
				under = false
			}
			if e.Kind == EventTimer && r.IntN(2) == 0 {
				if at := c.Next(); at.After(now) {
					now = at
				}
			}
			do(e)
		}
		do(Event{Kind: EventUnregister})
		for range 2 {
			if c.State() != Ended {
				now = c.Next()
				do(Event{Kind: EventTimer})
			}
		}
		if c.State() != Ended || ended != 1 || under {
			t.Fatalf("in %v after unregistering, told %d times that it is over, under way %v", c.State(), ended, under)
		}
	}
}
