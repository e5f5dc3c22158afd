package dialog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
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
	var got []float64
	for c.State() == Answered {
		acts := c.expire()
		if len(acts) == 1 && acts[0].Kind == ActionAnswerAgain {
			got = append(got, c.now.Sub(start).Seconds())
		}
	}
	want := []float64{0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5}
	if !slices.Equal(got, want) {
		t.Errorf("2xx repeated at %v, want %v", got, want)
	}
	if c.now.Sub(start) != 32*time.Second || c.State() != Ending {
		t.Errorf("got %v after %v, want Ending after 32s", c.State(), c.now.Sub(start))
	}
	if c.count(ActionBye) != 1 || c.count(ActionEnded) != 1 {
		t.Errorf("got %v, want one BYE and one end", c.acts)
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
	var got []float64
	for c.State() == AnsweredHangup {
		c.expire()
		got = append(got, c.now.Sub(start).Seconds())
	}
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
	var got []float64
	for c.State() == Ringing {
		c.expire()
		got = append(got, c.now.Sub(start).Seconds())
	}
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

// statusFor returns a status that suits e.
func statusFor(e EventKind) parser.Status {
	switch e {
	case EventTrying:
		return 100
	case EventProgress, EventRing:
		return 180
	case EventSuccess, EventSuccessAgain, EventSuccessFork, EventAnswer:
		return 200
	case EventFailure, EventReject:
		return 486
	}
	return 0
}

// TestSessionAlwaysEnds throws events at sessions in any order and then leaves them to their timers.
func TestSessionAlwaysEnds(t *testing.T) {
	timing := Timing{}.withDefaults()
	// After the last event: what is left of the longest state of any, then the longest chain behind it.
	silence := max(timing.Ring, timing.MaxDuration) + timing.patience() + timing.safety()
	reached := map[State]int{}
	for seed := range uint64(100_000) {
		rnd := rand.New(rand.NewPCG(seed, 3261))
		c := newCall(Role(rnd.IntN(2)), Timing{})
		for range rnd.IntN(20) {
			e := EventKind(rnd.IntN(int(eventCount)))
			if e == EventTimer && !c.Next().IsZero() && rnd.IntN(2) == 0 {
				c.now = c.Next()
			} else {
				c.now = c.now.Add(time.Duration(rnd.IntN(3000)) * time.Millisecond)
			}
			c.step(e, statusFor(e))
			if live := c.State() != Terminated; live == c.Next().IsZero() {
				t.Fatalf("seed %d: %v, next timer %v", seed, c.State(), c.Next())
			}
		}
		reached[c.State()]++
		last, hungUp := c.now, c.State() != Confirmed
		if !hungUp {
			c.step(EventHangup, 0)
		}
		for steps := 0; c.State() != Terminated; steps++ {
			if steps > 50 {
				t.Fatalf("seed %d: still %v after %d timers", seed, c.State(), steps)
			}
			c.expire()
		}
		if took := c.now.Sub(last); took > silence || !hungUp && took > timing.safety() {
			t.Fatalf("seed %d: ended %v after the last event", seed, took)
		}
		checkPromises(t, seed, c)
	}
	for s := Calling; s < stateCount; s++ {
		if reached[s] == 0 {
			t.Errorf("no sequence ended in %v", s)
		}
	}
}

// checkPromises holds what a finished call did against what no call may do.
func checkPromises(t *testing.T, seed uint64, c *call) {
	t.Helper()
	if n := c.count(ActionEnded); n != 1 {
		t.Fatalf("seed %d: told %d times that the call ended: %v", seed, n, c.acts)
	}
	for k, limit := range map[ActionKind]int{
		ActionCancel: 1, ActionAck: 1, ActionBye: 1, ActionAnswer: 1, ActionReject: 1, ActionAnswered: 1, ActionDropInvite: 1,
	} {
		if n := c.count(k); n > limit {
			t.Fatalf("seed %d: %q %d times: %v", seed, k, n, c.acts)
		}
	}
	ended, established, finals := false, false, 0
	for _, a := range c.acts {
		switch a.Kind {
		case ActionEnded:
			ended = true
		case ActionAck, ActionAnswer:
			established = true
		case ActionBye:
			if !established {
				t.Fatalf("seed %d: BYE without a confirmed dialog: %v", seed, c.acts)
			}
		case ActionProgress, ActionAnswered:
			if ended {
				t.Fatalf("seed %d: %q after the end: %v", seed, a.Kind, c.acts)
			}
		}
		switch a.Kind {
		case ActionAnswer, ActionReject, ActionTerminated, ActionUnavailable:
			finals++
		}
	}
	if c.Role() == Callee && finals != 1 {
		t.Fatalf("seed %d: %d final responses to INVITE: %v", seed, finals, c.acts)
	}
}

// TestSessionSendsNoByeBeforeAck holds the callee to RFC 3261, Section 15: BYE only after the ACK or 64*T1.
func TestSessionSendsNoByeBeforeAck(t *testing.T) {
	for seed := range uint64(2000) {
		rnd := rand.New(rand.NewPCG(seed, 15))
		c := newCall(Callee, Timing{})
		c.step(EventAnswer, 200)
		for c.State() != Terminated && c.count(ActionBye) == 0 {
			e := EventKind(rnd.IntN(int(eventRepeat)))
			if e == EventAck || e == EventBye {
				continue
			}
			c.now = c.now.Add(time.Duration(rnd.IntN(1000)) * time.Millisecond)
			c.step(e, statusFor(e))
		}
		if waited := c.now.Sub(start); waited < 32*time.Second {
			t.Fatalf("seed %d: BYE %v after the 2xx, without an ACK", seed, waited)
		}
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
