package dialog

import (
	"testing"
	"time"
)

func TestTimingDefaults(t *testing.T) {
	want := Timing{500 * time.Millisecond, 4 * time.Second, 180 * time.Second, 60 * time.Second, 12 * time.Hour}
	if got := (Timing{}).withDefaults(); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := (Timing{T1: -1, T2: -1, Ring: -1, RingRepeat: -1, MaxDuration: -1}).withDefaults(); got != want {
		t.Errorf("negative: got %v, want %v", got, want)
	}
	own := Timing{1, 2, 3, 4, 5}
	if got := own.withDefaults(); got != own {
		t.Errorf("got %v, want %v", got, own)
	}
}

func TestTimingSafetyStaysWithinThePromise(t *testing.T) {
	timing := Timing{}.withDefaults()
	t4 := 5 * time.Second
	if got, limit := timing.patience()+timing.safety(), 128*timing.T1+t4; got > limit {
		t.Errorf("no ACK, then an unanswered BYE: %v, more than 128*T1 + T4 = %v", got, limit)
	}
	if timing.safety() <= timing.patience() {
		t.Errorf("safety %v leaves the transaction no time to speak first", timing.safety())
	}
}
