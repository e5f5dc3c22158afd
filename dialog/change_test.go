package dialog

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
)

// meets reports whether e can come to a change of kind k.
func (k ChangeKind) meets(e EventKind) bool {
	switch e {
	case EventTrying, EventProgress, EventSuccess, EventFailure, EventTimeout, EventTransportError, EventHangup:
		return k == OurInvite || k == OurUpdate
	case EventAck, EventCancel, EventAnswer, EventReject:
		return k == PeerInvite || k == PeerUpdate
	}
	return e == EventBye || e == eventRepeat || e == eventDeadline
}

func changeTable() (rows []row) {
	for k := range changeKindCount {
		for s := range stateCount {
			for e := range eventCount {
				if !k.has(s) || !k.meets(e) {
					continue
				}
				next, todo := k.step(s, e)
				rows = append(rows, row{k.String(), s.String(), e.String(), todo.String(), next.String()})
			}
		}
	}
	return rows
}

func TestChangeTableGolden(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprintln(&b, "role\tstate\tevent\tactions\tnext")
	for _, r := range changeTable() {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", r.key(), r.actions, r.next)
	}
	golden.Equal(t, "testdata/golden/change.tsv", b.Bytes())
}

// TestChangeTableMatchesTheRFC holds the machine against the table that was typed from the RFCs, both ways.
func TestChangeTableMatchesTheRFC(t *testing.T) {
	want := readTable(t, "../testdata/rfc/change.tsv")
	for _, r := range changeTable() {
		w, ok := want[r.key()]
		if !ok {
			t.Errorf("%s, %s, %s: not in the RFC's table", r.role, r.state, r.event)
			continue
		}
		delete(want, r.key())
		if r != w {
			t.Errorf("%s, %s, %s:\n got %q -> %s\nwant %q -> %s", r.role, r.state, r.event, r.actions, r.next, w.actions, w.next)
		}
	}
	for _, w := range want {
		t.Errorf("%s, %s, %s: only in the RFC's table", w.role, w.state, w.event)
	}
}

// What an end cannot meet is ignored, and leads to no state that the kind does not have.
func TestChangeIgnoresWhatAnEndCannotMeet(t *testing.T) {
	for k := range changeKindCount {
		for s := range stateCount {
			for e := range eventCount {
				if !k.has(s) {
					continue
				}
				next, todo := k.step(s, e)
				if !k.has(next) {
					t.Errorf("%v, %v: %v leads to %v", k, s, e, next)
				}
				if !k.meets(e) && (next != s || todo != actions{}) {
					t.Errorf("%v, %v: %v got %q, %v, want nothing", k, s, e, todo, next)
				}
			}
		}
	}
}

// changing is a Change under test and its clock.
type changing struct {
	*Change
	now time.Time
}

func (c *changing) step(e Event) []Action { return c.Step(nil, e, c.now) }

// A 2xx to a re-INVITE is repeated like that to the first INVITE, and without an ACK the call is over.
func TestChangeRepeatsSuccessUntilPatienceEnds(t *testing.T) {
	c := &changing{NewChange(PeerInvite, Timing{}, start), start}
	c.step(Event{EventAnswer, 200})
	var at []float64
	for c.State() == Answered {
		c.now = c.Next()
		acts := c.step(Event{Kind: EventTimer})
		at = append(at, c.now.Sub(start).Seconds())
		if c.State() == Terminated {
			if got := fmt.Sprint(acts); got != fmt.Sprint([]Action{{ActionEnded, 0}, {ActionDead, 0}}) {
				t.Errorf("at the end: %v", got)
			}
		}
	}
	if got, want := fmt.Sprint(at), "[0.5 1.5 3.5 7.5 11.5 15.5 19.5 23.5 27.5 31.5 32]"; got != want {
		t.Errorf("2xx repeated at %v, want %v", got, want)
	}
}

// Every state of every kind ends by itself, at the bound that the table of deadlines states.
func TestChangesKeepTheirDeadlines(t *testing.T) {
	ways := map[ChangeKind]map[State][]Event{
		OurInvite: {Calling: {}, Proceeding: {{EventTrying, 100}}, CancelPending: {{Kind: EventHangup}},
			Canceling: {{EventProgress, 180}, {Kind: EventHangup}}},
		OurUpdate:  {Calling: {}},
		PeerInvite: {Incoming: {}, Answered: {{EventAnswer, 200}}},
		PeerUpdate: {Incoming: {}},
	}
	bounds := map[string]time.Duration{}
	for _, d := range Deadlines() {
		bounds[d.Machine+" "+d.State] = d.Bound
	}
	for k := range changeKindCount {
		for s := range Terminated {
			if !k.has(s) {
				continue
			}
			way, ok := ways[k][s]
			if !ok {
				t.Errorf("%v: no way to %v", k, s)
				continue
			}
			c := &changing{NewChange(k, Timing{}, start), start}
			for _, e := range way {
				c.step(e)
			}
			if c.State() != s {
				t.Fatalf("%v: got %v, want %v", k, c.State(), s)
			}
			for c.State() == s {
				c.now = c.Next()
				c.step(Event{Kind: EventTimer})
			}
			if got, want := c.now.Sub(start), bounds[k.String()+" "+s.String()]; got != want {
				t.Errorf("%v %v: left after %v, the table says %v", k, s, got, want)
			}
			for c.State() != Terminated {
				c.now = c.Next()
				c.step(Event{Kind: EventTimer})
			}
			if !c.Next().IsZero() {
				t.Errorf("%v: over, and wants a timer at %v", k, c.Next())
			}
		}
	}
}

func TestChangeStatuses(t *testing.T) {
	for _, c := range []struct {
		kind ChangeKind
		e    Event
		want Action
	}{
		{OurInvite, Event{EventFailure, 488}, Action{ActionEnded, 488}},
		{OurInvite, Event{Kind: EventTimeout}, Action{ActionEnded, 408}},
		{OurUpdate, Event{Kind: EventTransportError}, Action{ActionEnded, 503}},
		{PeerInvite, Event{EventReject, 488}, Action{ActionReject, 488}},
		{PeerInvite, Event{EventReject, 200}, Action{ActionRefuse, 0}},
		{PeerUpdate, Event{EventAnswer, 183}, Action{ActionRefuse, 0}},
		{PeerUpdate, Event{Kind: EventBye}, Action{ActionTerminated, 487}},
	} {
		if got := NewChange(c.kind, Timing{}, start).Step(nil, c.e, start); len(got) == 0 || got[0] != c.want {
			t.Errorf("%v, %v: %v, want %v first", c.kind, c.e.Kind, got, c.want)
		}
	}
	for kind, want := range map[ChangeKind]Action{PeerInvite: {ActionLate, 488}, PeerUpdate: {ActionLate, 504}} {
		c := NewChange(kind, Timing{}, start)
		if got := c.Step(nil, Event{Kind: EventTimer}, c.Next()); got[0] != want {
			t.Errorf("%v, late: %v, want %v", kind, got, want)
		}
		if c := NewChange(kind, Timing{}, start); c.Kind() != kind || len(c.Step(nil, Event{Kind: EventTimer}, start)) != 0 {
			t.Errorf("%v: a timer that comes early did something", kind)
		}
	}
}

// TestGlareWait holds the back-off to RFC 3261, Section 14.1: every step of 10 ms, and no other, is possible.
func TestGlareWait(t *testing.T) {
	for role, want := range map[Role][2]time.Duration{
		Caller: {2100 * time.Millisecond, 4 * time.Second},
		Callee: {0, 2 * time.Second},
	} {
		seen := map[time.Duration]bool{}
		for n := range uint32(10000) {
			d := GlareWait(role, n)
			if d < want[0] || d > want[1] || d%(10*time.Millisecond) != 0 {
				t.Fatalf("%v: %v", role, d)
			}
			seen[d] = true
		}
		if n := int((want[1]-want[0])/(10*time.Millisecond)) + 1; len(seen) != n {
			t.Errorf("%v: %d different waits, want %d", role, len(seen), n)
		}
	}
}
