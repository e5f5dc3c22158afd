package ua

import (
	"errors"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/transaction"
)

// A caller whose transaction says nothing, not even that it timed out, is ended by its session's own deadline, and
// with an error: a call without one was answered.
func TestCallThatHearsNothingEndsWithAnError(t *testing.T) {
	a, err := New(&Config{T1: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Shutdown(t.Context())
	c := newCall(a, dialog.Caller)
	c.cal.answered = make(chan struct{})
	c.cal.out = &outgoing{agent: a}
	if err := a.addCall(c); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	c.arm(time.Now())
	c.mu.Unlock()
	<-c.gone
	if !errors.Is(c.Err(), transaction.ErrTimeout) {
		t.Errorf("ended with %v, want ErrTimeout", c.Err())
	}
	select {
	case <-c.Done():
	default:
		t.Error("gone, but not Done")
	}
	if n := a.Stats().Calls; n != 0 {
		t.Errorf("%d calls left, want 0", n)
	}
}
