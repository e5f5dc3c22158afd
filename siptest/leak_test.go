package siptest

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// witness is a test that may fail without failing the one that watches it.
type witness struct {
	testing.TB
	said []string
}

func (w *witness) Helper()                   {}
func (w *witness) Errorf(f string, a ...any) { w.said = append(w.said, fmt.Sprintf(f, a...)) }

func TestEmpty(t *testing.T) {
	for _, tt := range []struct {
		name string
		live map[string]int
		want string
	}{
		{"nothing", nil, ""},
		{"all zero", map[string]int{"dialogs": 0, "calls": 0}, ""},
		{"two kinds", map[string]int{"dialogs": 2, "calls": 1, "flows": 0}, "calls: 1 left, want 0|dialogs: 2 left, want 0"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := &witness{TB: t}
			Empty(w, func() map[string]int { return tt.live })
			if got := strings.Join(w.said, "|"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestArmedWaitsUntilIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		idle := make(chan []string, 1)
		go func() { idle <- []string{"call 1"} }()
		w := &witness{TB: t}
		Armed(w, func() []string {
			select {
			case names := <-idle:
				return names
			default:
				return nil
			}
		})
		if len(w.said) != 1 || w.said[0] != "call 1 is alive and has no deadline" {
			t.Errorf("got %q", w.said)
		}
	})
}

func TestAlone(t *testing.T) {
	stop := make(chan bool)
	defer close(stop)
	go func() { <-stop }() // outside of the bubble
	synctest.Test(t, func(t *testing.T) {
		w := &witness{TB: t}
		Alone(w)
		if len(w.said) != 0 {
			t.Errorf("alone, but got %q", w.said)
		}
		stay := make(chan bool)
		go func() { <-stay }()
		Alone(w)
		if len(w.said) != 1 || !strings.Contains(w.said[0], "TestAlone") {
			t.Errorf("got %q, want one stack of this test", w.said)
		}
		close(stay)
		synctest.Wait()
		w.said = nil
		Alone(w)
		if len(w.said) != 0 {
			t.Errorf("alone again, but got %q", w.said)
		}
	})
}

func (w *witness) Error(a ...any)      { w.said = append(w.said, fmt.Sprint(a...)) }
func (w *witness) Logf(string, ...any) {}
func (w *witness) Failed() bool        { return len(w.said) > 0 }
