package transport

import (
	"testing"
	"time"
)

// The promise of the house: no state without a bound, and none without an end.
func TestEveryStateHasADeadline(t *testing.T) {
	listed := make(map[string]bool)
	for _, d := range Deadlines() {
		listed[d.State] = true
		if d.Machine == "" || d.Bound <= 0 || d.End == "" {
			t.Errorf("%+v: want a machine, a bound and an end", d)
		}
	}
	for s := range stateCount {
		if s.String() == "" {
			t.Errorf("state %d has no name", s)
		}
		if s != stateClosed && !listed[s.String()] {
			t.Errorf("state %v is not among the deadlines", s)
		}
	}
}

// The figures that others rely on: an unfinished message is given up within 15 s, a lost frame is closed within 3 s, and
// a connection stays for a transaction (RFC 3261, Section 18).
func TestDefaultBounds(t *testing.T) {
	l := Limits{}.withDefaults(0)
	if sum := l.bound(stateOpening) + l.bound(stateClosing); sum > 15*time.Second {
		t.Errorf("first message given up after %v", sum)
	}
	if sum := l.bound(stateReading) + l.bound(stateClosing); sum > 15*time.Second {
		t.Errorf("unfinished message given up after %v", sum)
	}
	if d := l.bound(stateClosing); d > 3*time.Second {
		t.Errorf("closed after %v", d)
	}
	if d := l.bound(stateIdle); d != 180*time.Second {
		t.Errorf("idle after %v, want 180s", d)
	}
	if d := (Limits{}).withDefaults(10 * time.Second).bound(stateIdle); d != 640*time.Second {
		t.Errorf("idle with T1 of 10s after %v, want 640s", d)
	}
	if d := (Limits{Idle: time.Second}).withDefaults(0).bound(stateIdle); d != 32*time.Second {
		t.Errorf("idle of 1s asked for, got %v, want 64*T1", d)
	}
	if d := (Limits{Writing: time.Minute}).withDefaults(0).bound(stateWriting); d != time.Minute {
		t.Errorf("writing of a minute asked for, got %v", d)
	}
}
