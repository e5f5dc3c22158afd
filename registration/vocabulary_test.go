package registration

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
	for s := Trying; s < stateCount; s++ {
		check("state", s.String())
	}
	for e := EventOK; e < eventCount; e++ {
		check("event", e.String())
	}
	for a := actionNone + 1; a < actionCount; a++ {
		check("action", a.String())
	}
	for _, got := range []string{State(99).String(), EventKind(99).String(), Action(99).String(), actionNone.String()} {
		if got != "?" {
			t.Errorf("foreign value: got %q, want ?", got)
		}
	}
}

func TestStatesInWhichTheBindingStands(t *testing.T) {
	for s := Trying; s < stateCount; s++ {
		if want := s == Registered || s == Refreshing || s == Retrying; s.Bound() != want {
			t.Errorf("%v: got %v, want %v", s, s.Bound(), want)
		}
	}
}
