package dialog

import (
	"bytes"
	"fmt"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
)

func TestDeadlinesGolden(t *testing.T) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	fmt.Fprintln(w, "machine\tstate\tbound\tthen")
	for _, d := range Deadlines() {
		fmt.Fprintf(w, "%s\t%s\t%v\t%s\n", d.Machine, d.State, d.Bound, d.End)
	}
	w.Flush()
	golden.Equal(t, "testdata/golden/deadlines.txt", b.Bytes())
}

func TestEveryStateHasADeadline(t *testing.T) {
	bounds := map[string]time.Duration{}
	for _, d := range Deadlines() {
		if d.Bound <= 0 || d.End == "" {
			t.Errorf("%s %s: bound %v, end %q", d.Machine, d.State, d.Bound, d.End)
		}
		bounds[d.Machine+" "+d.State] = d.Bound
	}
	for _, machine := range []string{"dialog early", "dialog confirmed", "set inviting", "set completing", "reliable 1xx caller following"} {
		if bounds[machine] == 0 {
			t.Errorf("%s: no deadline", machine)
		}
	}
	for s := range reliableStateCount {
		if bounds["reliable 1xx callee "+s.String()] == 0 {
			t.Errorf("reliable 1xx callee %v: no deadline", s)
		}
		if next, _ := stepReliable(s, reliableDeadline); next == s && (s == Unacknowledged || s == AnswerWaits) {
			t.Errorf("reliable 1xx callee %v: stays after its deadline", s)
		}
	}
	for _, role := range [...]Role{Caller, Callee} {
		for s := Calling; s < Terminated; s++ {
			if !role.has(s) {
				continue
			}
			if bounds["session "+role.String()+" "+s.String()] == 0 {
				t.Errorf("session %v %v: no deadline", role, s)
			}
			// A deadline that leads nowhere is none.
			if next, _ := role.step(s, eventDeadline); next == s {
				t.Errorf("session %v %v: stays after its deadline", role, s)
			}
		}
	}
}

// TestSessionsKeepTheirDeadlines enters each state and waits.
func TestSessionsKeepTheirDeadlines(t *testing.T) {
	ways := map[State][]Event{
		Calling:        {},
		Proceeding:     {{EventTrying, 100}},
		CancelPending:  {{EventHangup, 0}},
		Canceling:      {{EventTrying, 100}, {EventHangup, 0}},
		Incoming:       {},
		Ringing:        {{EventRing, 180}},
		Answered:       {{EventAnswer, 200}},
		AnsweredHangup: {{EventAnswer, 200}, {EventHangup, 0}},
		Confirmed:      {{EventSuccess, 200}, {EventAnswer, 200}, {EventAck, 0}},
		Ending:         {{EventSuccess, 200}, {EventAnswer, 200}, {EventAck, 0}, {EventHangup, 0}},
	}
	for _, d := range Deadlines() {
		for _, role := range [...]Role{Caller, Callee} {
			for s, events := range ways {
				if d.Machine != "session "+role.String() || d.State != s.String() {
					continue
				}
				c := newCall(role, Timing{})
				for _, e := range events {
					c.step(e.Kind, e.Status)
				}
				if c.State() != s {
					t.Fatalf("%v: got %v, want %v", role, c.State(), s)
				}
				c.expireWhile(t, s)
				if got := c.now.Sub(start); got != d.Bound {
					t.Errorf("%s %s: left after %v, want %v", d.Machine, d.State, got, d.Bound)
				}
			}
		}
	}
}
