package dialog

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/parser"
)

var start = time.Date(2002, time.June, 1, 0, 0, 0, 0, time.UTC)

// meets reports whether an end can meet e at all: the others stand in no table.
func (r Role) meets(e EventKind) bool {
	switch e {
	case EventTrying, EventProgress, EventSuccess, EventSuccessAgain, EventSuccessFork, EventFailure, EventTimeout:
		return r == Caller
	case EventAck, EventCancel, EventRing, EventAnswer, EventReject:
		return r == Callee
	}
	return e != EventTimer
}

// row is one line of the session tables.
type row struct{ role, state, event, actions, next string }

func (r row) key() string { return r.role + "\t" + r.state + "\t" + r.event }

// sessionTable returns every row of both roles, in the order of states and events.
func sessionTable() []row {
	var rows []row
	for _, role := range [...]Role{Caller, Callee} {
		for s := Calling; s < stateCount; s++ {
			for e := EventTrying; e < eventCount; e++ {
				if !role.has(s) || !role.meets(e) {
					continue
				}
				next, todo := role.step(s, e)
				rows = append(rows, row{role.String(), s.String(), e.String(), todo.String(), next.String()})
			}
		}
	}
	return rows
}

func TestSessionTableGolden(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprintln(&b, "role\tstate\tevent\tactions\tnext")
	for _, r := range sessionTable() {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", r.key(), r.actions, r.next)
	}
	golden.Equal(t, "testdata/golden/session.tsv", b.Bytes())
}

func TestSessionIgnoresWhatAnEndCannotMeet(t *testing.T) {
	for _, role := range [...]Role{Caller, Callee} {
		for s := Calling; s < stateCount; s++ {
			for e := EventTrying; e < eventCount; e++ {
				if !role.has(s) || role.meets(e) {
					continue
				}
				next, todo := role.step(s, e)
				want := actions{}
				switch e {
				case EventRing, EventAnswer, EventReject:
					want = actions{ActionRefuse}
				}
				if next != s || todo != want {
					t.Errorf("%v, %v: %v got %q, %v, want %q, %v", role, s, e, todo, next, want, s)
				}
			}
		}
	}
}

// call drives a Session and keeps what it did.
type call struct {
	*Session
	now  time.Time
	acts []Action
}

func newCall(role Role, t Timing) *call {
	return &call{Session: NewSession(role, t, start), now: start}
}

func (c *call) step(e EventKind, status parser.Status) []Action {
	n := len(c.acts)
	c.acts = c.Step(c.acts, Event{e, status}, c.now)
	return c.acts[n:]
}

// expireWhile lets the timers fire until the call leaves a state, and returns when each fired, in seconds.
func (c *call) expireWhile(t *testing.T, s State) []float64 {
	t.Helper()
	var at []float64
	for c.State() == s {
		if len(at) == 20 || c.Next().IsZero() {
			t.Fatalf("still %v after timers at %v, next %v", s, at, c.Next())
		}
		c.expire()
		at = append(at, c.now.Sub(start).Seconds())
	}
	return at
}

// expire moves the clock to Next and lets the timer fire.
func (c *call) expire() []Action {
	c.now = c.Next()
	return c.step(EventTimer, 0)
}

func (c *call) count(k ActionKind) int {
	n := 0
	for _, a := range c.acts {
		if a.Kind == k {
			n++
		}
	}
	return n
}

func TestSessionRepeatsSuccessFromT1ToT2UntilPatienceEnds(t *testing.T) {
	c := newCall(Callee, Timing{})
	c.step(EventAnswer, 200)
	got := c.expireWhile(t, Answered)
	want := []float64{0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32}
	if !slices.Equal(got, want) {
		t.Errorf("timers at %v, want %v", got, want)
	}
	repeats := slices.Repeat([]Action{{ActionAnswerAgain, 0}}, len(want)-1)
	acts := append(append([]Action{{ActionAnswer, 200}}, repeats...), Action{ActionBye, 0}, Action{ActionEnded, 0})
	if c.State() != Ending || !slices.Equal(c.acts, acts) {
		t.Errorf("%v, got %v, want the 2xx, its repeats, a BYE and the end", c.State(), c.acts)
	}
}

func TestSessionScheduleFollowsTiming(t *testing.T) {
	c := newCall(Callee, Timing{T1: 10 * time.Millisecond, T2: 15 * time.Millisecond})
	c.step(EventAnswer, 200)
	var got []time.Duration
	for range 4 {
		c.expire()
		got = append(got, c.now.Sub(start))
	}
	want := []time.Duration{10 * time.Millisecond, 25 * time.Millisecond, 40 * time.Millisecond, 55 * time.Millisecond}
	if !slices.Equal(got, want) {
		t.Errorf("2xx repeated at %v, want %v", got, want)
	}
}

func TestSessionAckStopsRepeats(t *testing.T) {
	c := newCall(Callee, Timing{})
	c.step(EventAnswer, 200)
	c.expire()
	c.step(EventAck, 0)
	if got, want := c.Next(), c.now.Add(12*time.Hour); !got.Equal(want) {
		t.Errorf("next timer at %v, want %v", got, want)
	}
}

func TestSessionHangupBeforeAckKeepsTheScheduleOfThe2xx(t *testing.T) {
	c := newCall(Callee, Timing{})
	c.step(EventAnswer, 200)
	c.now = start.Add(400 * time.Millisecond)
	c.step(EventHangup, 0)
	if c.count(ActionBye) != 0 || c.count(ActionEnded) != 0 {
		t.Fatalf("got %v before the ACK, want nothing said", c.acts)
	}
	got := c.expireWhile(t, AnsweredHangup)
	want := []float64{0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5, 32}
	if !slices.Equal(got, want) || c.State() != Ending || c.count(ActionBye) != 1 {
		t.Errorf("timers at %v, %v, %v; want %v, then a BYE", got, c.State(), c.acts, want)
	}
}

func TestSessionHangupBeforeAnyResponseKeepsTheClockOfTheInvite(t *testing.T) {
	c := newCall(Caller, Timing{})
	c.now = start.Add(30 * time.Second)
	c.step(EventHangup, 0)
	if got, want := c.Next().Sub(start), 36*time.Second; got != want {
		t.Errorf("CancelPending given up after %v, want %v", got, want)
	}
}

func TestSessionRingsEveryMinuteAndGivesUpAfterThree(t *testing.T) {
	c := newCall(Callee, Timing{})
	c.step(EventRing, 180)
	c.now = start.Add(30 * time.Second)
	c.step(EventRing, 183)
	got := c.expireWhile(t, Ringing)
	if want := []float64{90, 150, 180}; !slices.Equal(got, want) {
		t.Errorf("timers at %v, want %v: a minute after the last 1xx, and 180 s after the first", got, want)
	}
	want := []Action{{ActionRing, 180}, {ActionRing, 183}, {ActionRingAgain, 0}, {ActionRingAgain, 0}, {ActionUnavailable, 480}, {ActionEnded, 480}}
	if !slices.Equal(c.acts, want) {
		t.Errorf("got %v, want %v", c.acts, want)
	}
}

func TestSessionProvisionalsDoNotProlongRinging(t *testing.T) {
	c := newCall(Caller, Timing{})
	c.step(EventProgress, 180)
	for range 2 {
		c.now = c.now.Add(time.Minute)
		c.step(EventProgress, 180)
	}
	c.expire()
	if c.now.Sub(start) != 180*time.Second || c.State() != Canceling {
		t.Errorf("got %v after %v, want Canceling after 180s", c.State(), c.now.Sub(start))
	}
	c.expire()
	if c.now.Sub(start) != 212*time.Second || c.State() != Terminated || c.count(ActionDropInvite) != 1 {
		t.Errorf("got %v after %v, want Terminated after 212s, the INVITE dropped", c.State(), c.now.Sub(start))
	}
}

func TestSessionTimerThatComesEarlyDoesNothing(t *testing.T) {
	for _, role := range [...]Role{Caller, Callee} {
		c := newCall(role, Timing{})
		before := *c.Session
		c.now = c.Next().Add(-1)
		if acts := c.step(EventTimer, 0); len(acts) != 0 || *c.Session != before {
			t.Errorf("%v: got %v, %v, want nothing", role, acts, c.State())
		}
	}
}

func TestSessionLateTimerRepeatsOnce(t *testing.T) {
	c := newCall(Callee, Timing{})
	c.step(EventAnswer, 200)
	c.now = start.Add(10 * time.Second) // the process was stopped meanwhile
	if acts := c.step(EventTimer, 0); len(acts) != 1 {
		t.Errorf("got %v, want one repeat", acts)
	}
	if acts := c.step(EventTimer, 0); len(acts) != 0 {
		t.Errorf("got %v at once, want nothing", acts)
	}
	c.now = start.Add(time.Minute)
	if acts := c.step(EventTimer, 0); len(acts) != 2 || acts[0].Kind != ActionBye {
		t.Errorf("got %v, want the deadline before the repeat", acts)
	}
}

func TestSessionRefusesStatusOfAnotherClass(t *testing.T) {
	for _, e := range []Event{
		{EventRing, 0}, {EventRing, 100}, {EventRing, 200}, {EventAnswer, 0}, {EventAnswer, 180}, {EventAnswer, 302},
		{EventReject, 0}, {EventReject, 180}, {EventReject, 200}, {EventReject, 700},
	} {
		c := newCall(Callee, Timing{})
		before := *c.Session
		acts := c.step(e.Kind, e.Status)
		if !slices.Equal(acts, []Action{{Kind: ActionRefuse}}) || *c.Session != before {
			t.Errorf("%v %d: got %v, %v, want it refused", e.Kind, e.Status, acts, c.State())
		}
	}
}

func TestSessionActionsCarryStatus(t *testing.T) {
	for _, tt := range []struct {
		name   string
		role   Role
		events []Event
		want   Action // the last one
	}{
		{"progress", Caller, []Event{{EventProgress, 183}}, Action{ActionProgress, 183}},
		{"answered", Caller, []Event{{EventSuccess, 202}}, Action{ActionAnswered, 202}},
		{"busy", Caller, []Event{{EventFailure, 486}}, Action{ActionEnded, 486}},
		{"timeout", Caller, []Event{{EventTimeout, 0}}, Action{ActionEnded, 408}},
		{"unreachable", Caller, []Event{{EventTransportError, 0}}, Action{ActionEnded, 503}},
		{"peer hangs up", Caller, []Event{{EventSuccess, 200}, {EventBye, 0}}, Action{ActionEnded, 0}},
		{"silent after CANCEL", Caller, []Event{{EventTrying, 100}, {EventHangup, 0}, {EventTimer, 0}}, Action{ActionEnded, 408}},
		{"ring", Callee, []Event{{EventRing, 180}}, Action{ActionRing, 180}},
		{"answer", Callee, []Event{{EventAnswer, 200}}, Action{ActionAnswer, 200}},
		{"reject", Callee, []Event{{EventReject, 603}}, Action{ActionEnded, 603}},
		{"canceled", Callee, []Event{{EventCancel, 0}}, Action{ActionEnded, 487}},
		{"bye while ringing", Callee, []Event{{EventRing, 180}, {EventBye, 0}}, Action{ActionEnded, 487}},
		{"hang up before answer", Callee, []Event{{EventHangup, 0}}, Action{ActionEnded, 480}},
		{"bye", Callee, []Event{{EventAnswer, 200}, {EventAck, 0}, {EventHangup, 0}, {EventBye, 0}}, Action{ActionByeOK, 200}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := newCall(tt.role, Timing{})
			for _, e := range tt.events {
				if e.Kind == EventTimer {
					c.now = c.Next()
				}
				c.step(e.Kind, e.Status)
			}
			if got := c.acts[len(c.acts)-1]; got != tt.want {
				t.Errorf("got %v %d, want %v %d", got.Kind, got.Status, tt.want.Kind, tt.want.Status)
			}
		})
	}
}

func TestSessionStepDoesNotAllocate(t *testing.T) {
	dst := make([]Action, 0, 4)
	s := NewSession(Callee, Timing{}, start)
	fresh := *s
	n := testing.AllocsPerRun(100, func() {
		*s = fresh
		dst = s.Step(dst[:0], Event{EventRing, 180}, start)
		dst = s.Step(dst[:0], Event{EventAnswer, 200}, start)
		dst = s.Step(dst[:0], Event{Kind: EventTimer}, s.Next())
		dst = s.Step(dst[:0], Event{Kind: EventAck}, start)
		dst = s.Step(dst[:0], Event{Kind: EventBye}, start)
	})
	if n != 0 {
		t.Errorf("got %v allocations, want 0", n)
	}
}

func BenchmarkSession(b *testing.B) {
	b.ReportAllocs()
	dst := make([]Action, 0, 4)
	for b.Loop() {
		s := NewSession(Callee, Timing{}, start)
		dst = s.Step(dst[:0], Event{EventRing, 180}, start)
		dst = s.Step(dst[:0], Event{EventAnswer, 200}, start)
		dst = s.Step(dst[:0], Event{Kind: EventAck}, start)
		dst = s.Step(dst[:0], Event{Kind: EventBye}, start)
	}
}
