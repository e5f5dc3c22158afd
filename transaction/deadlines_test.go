package transaction

import (
	"testing"
	"time"
)

func TestEveryStateHasADeadline(t *testing.T) {
	all := Deadlines()
	seen := map[string]bool{}
	for _, d := range all {
		seen[d.Machine+" "+d.State] = true
		if d.Bound <= 0 || d.End == "" {
			t.Errorf("%s, %s: no bound", d.Machine, d.State)
		}
	}
	for m := range machineCount {
		for _, s := range states[m] {
			if s != stateNone && s != stateTerminated && !seen[m.String()+" "+s.String()] {
				t.Errorf("%v, %v is not listed", m, s)
			}
		}
	}
}

// No deadline is an end in name only: its timer leads out of the state.
func TestDeadlinesLeadOut(t *testing.T) {
	for m := range machineCount {
		for _, s := range states[m] {
			b := bound(m, s)
			if b == 0 {
				continue
			}
			for _, reliable := range []bool{false, true} {
				if next, _ := m.step(s, b.fired(), reliable); next == s {
					t.Errorf("%v, %v, reliable %v: %v does not end the state", m, s, reliable, b.fired())
				}
			}
		}
	}
}

func TestDeadlineValues(t *testing.T) {
	want := map[string]time.Duration{
		"invite-client Calling":       32 * time.Second,
		"invite-client Proceeding":    15 * time.Minute,
		"invite-client Completed":     32 * time.Second,
		"invite-client Accepted":      32 * time.Second,
		"noninvite-client Trying":     32 * time.Second,
		"noninvite-client Proceeding": 32 * time.Second,
		"noninvite-client Completed":  5 * time.Second,
		"invite-server Proceeding":    15 * time.Minute,
		"invite-server Completed":     32 * time.Second,
		"invite-server Confirmed":     5 * time.Second,
		"invite-server Accepted":      32 * time.Second,
		"noninvite-server Trying":     32 * time.Second,
		"noninvite-server Proceeding": 32 * time.Second,
		"noninvite-server Completed":  32 * time.Second,
	}
	for _, d := range Deadlines() {
		if w := want[d.Machine+" "+d.State]; d.Bound != w {
			t.Errorf("%s, %s: got %v, want %v", d.Machine, d.State, d.Bound, w)
		}
	}
}
