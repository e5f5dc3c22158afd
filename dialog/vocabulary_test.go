package dialog

import "testing"

func TestNamesAreUniqueAndComplete(t *testing.T) {
	seen := map[string]bool{}
	check := func(kind, name string) {
		t.Helper()
		if name == "?" || name == "" || seen[kind+name] {
			t.Errorf("%s %q: missing or twice", kind, name)
		}
		seen[kind+name] = true
	}
	for r := Caller; r <= Callee; r++ {
		check("role", r.String())
	}
	for s := Calling; s < stateCount; s++ {
		check("state", s.String())
	}
	for e := EventTrying; e < eventCount; e++ {
		check("event", e.String())
	}
	for a := actionNone + 1; a < actionCount; a++ {
		check("action", a.String())
	}
}

func TestNamesOfForeignValues(t *testing.T) {
	for _, got := range []string{Role(9).String(), State(99).String(), EventKind(99).String(), ActionKind(99).String(), actionNone.String()} {
		if got != "?" {
			t.Errorf("got %q, want ?", got)
		}
	}
}
