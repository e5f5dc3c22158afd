package dialog

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

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
