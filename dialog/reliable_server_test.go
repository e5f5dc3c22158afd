package dialog

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/parser"
)

func reliableTable() []row {
	var rows []row
	for s := range reliableStateCount {
		for e := range reliableEventCount {
			if e == ReliableTimer {
				continue // what it becomes has rows of its own
			}
			next, todo := stepReliable(s, e)
			rows = append(rows, row{Callee.String(), s.String(), e.String(), todo.String(), next.String()})
		}
	}
	return rows
}

func TestReliableTableGolden(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprintln(&b, "role\tstate\tevent\tactions\tnext")
	for _, r := range reliableTable() {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", r.key(), r.actions, r.next)
	}
	golden.Equal(t, "testdata/golden/reliable.tsv", b.Bytes())
}

// TestReliableTableMatchesTheRFC holds the machine against the table that was typed from RFC 3262, both ways.
func TestReliableTableMatchesTheRFC(t *testing.T) {
	want := readTable(t, "../testdata/rfc/reliable.tsv")
	for _, r := range reliableTable() {
		w, ok := want[r.key()]
		if delete(want, r.key()); !ok || r != w {
			t.Errorf("%s, %s:\n got %q -> %s\nwant %q -> %s", r.state, r.event, r.actions, r.next, w.actions, w.next)
		}
	}
	for _, w := range want {
		t.Errorf("%s, %s: only in the RFC's table", w.state, w.event)
	}
}

// reliableCall drives a ReliableServer.
type reliableCall struct {
	*ReliableServer
	t   *testing.T
	now time.Time
}

func newReliable(t *testing.T) *reliableCall {
	return &reliableCall{NewReliableServer(7, 100, Timing{}), t, start}
}

func (c *reliableCall) step(e ReliableEvent, want ...ReliableAction) {
	c.t.Helper()
	if got := c.Step(nil, e, c.now); !slices.Equal(got, want) {
		c.t.Errorf("%v: got %v, want %v", e.Kind, got, want)
	}
}

func prackOf(rseq uint32) ReliableEvent {
	return ReliableEvent{Kind: ReliablePrack, RAck: parser.RAck{RSeq: rseq, CSeq: 7, Method: parser.MethodInvite}}
}

var (
	ring      = ReliableEvent{Kind: ReliableProvisional}
	described = ReliableEvent{Kind: ReliableProvisional, Description: true}
	accepted  = ReliableEvent{Kind: ReliableSuccess}
	final     = ReliableEvent{Kind: ReliableFinal}
)

func TestReliableIsRepeatedFromT1WithoutACapFor64T1(t *testing.T) {
	c := newReliable(t)
	c.step(ring, ReliableSend)
	var repeats []time.Duration
	for c.State() == Unacknowledged {
		c.now = c.Next()
		if acts := c.Step(nil, ReliableEvent{Kind: ReliableTimer}, c.now); slices.Contains(acts, ReliableAgain) {
			repeats = append(repeats, c.now.Sub(start))
		}
	}
	const ms = time.Millisecond
	if want := []time.Duration{500 * ms, 1500 * ms, 3500 * ms, 7500 * ms, 15500 * ms, 31500 * ms}; !slices.Equal(repeats, want) {
		t.Errorf("repeated at %v, want %v", repeats, want)
	}
	if c.now.Sub(start) != 32*time.Second || c.State() != Finished || !c.Next().IsZero() {
		t.Errorf("after %v: %v, next %v; want Finished after 32s and no timer", c.now.Sub(start), c.State(), c.Next())
	}
}

func TestReliableEarlyTimerDoesNothing(t *testing.T) {
	c := newReliable(t)
	c.step(ring, ReliableSend)
	c.now = c.Next().Add(-1)
	c.step(ReliableEvent{Kind: ReliableTimer})
}

func TestReliableNumbersRiseByOne(t *testing.T) {
	c := newReliable(t)
	for want := uint32(100); want < 104; want++ {
		if got := c.RSeq(); got != want {
			t.Errorf("got number %d, want %d", got, want)
		}
		c.Step(nil, ring, c.now)
	}
	c.step(prackOf(100), ReliableOK, ReliableNext)
	if got := c.RSeq(); got != 104 {
		t.Errorf("behind a queue: got number %d, want 104", got)
	}
	c.step(prackOf(101), ReliableOK, ReliableNext)
	c.step(prackOf(102), ReliableOK, ReliableNext)
	c.step(prackOf(103), ReliableOK)
	c.step(described, ReliableSend)
	c.step(prackOf(104), ReliableOK)
}

func TestReliableFirstNumberIsInRange(t *testing.T) {
	for _, tt := range []struct{ first, want uint32 }{{0, 1}, {1, 1}, {1 << 31, 1}, {1<<31 - 1, 1<<31 - 1}, {1<<32 - 1, 1<<31 - 1}} {
		if got := NewReliableServer(1, tt.first, Timing{}).RSeq(); got != tt.want {
			t.Errorf("first %d: got %d, want %d", tt.first, got, tt.want)
		}
	}
}

func TestReliableMatchesPracksByAllOfRAck(t *testing.T) {
	for _, rack := range []parser.RAck{
		{RSeq: 99, CSeq: 7, Method: parser.MethodInvite},
		{RSeq: 101, CSeq: 7, Method: parser.MethodInvite},
		{RSeq: 100, CSeq: 8, Method: parser.MethodInvite},
		{RSeq: 100, CSeq: 7, Method: parser.MethodUpdate},
	} {
		c := newReliable(t)
		c.step(ring, ReliableSend)
		c.step(ring, ReliableQueue)
		c.step(ReliableEvent{Kind: ReliablePrack, RAck: rack}, ReliableUnknown)
	}
	c := newReliable(t)
	c.step(prackOf(99), ReliableUnknown) // before there was any
	c.step(prackOf(100), ReliableUnknown)
	c.step(ring, ReliableSend)
	c.step(prackOf(100), ReliableOK)
	c.step(prackOf(100), ReliableUnknown) // a second one
}

func TestReliableSuccessWaitsForDescriptions(t *testing.T) {
	t.Run("without one it goes ahead", func(t *testing.T) {
		c := newReliable(t)
		c.step(ring, ReliableSend)
		c.step(ring, ReliableQueue)
		c.step(accepted, ReliableDrop, ReliableAnswer)
		c.step(prackOf(100), ReliableOK)
		c.step(prackOf(101), ReliableUnknown)
		c.step(ring, ReliableRefuse)
	})
	t.Run("the one sent", func(t *testing.T) {
		c := newReliable(t)
		c.step(described, ReliableSend)
		c.step(ring, ReliableQueue)
		c.step(accepted, ReliableHold)
		c.step(accepted, ReliableRefuse)
		c.step(ring, ReliableRefuse)
		c.step(prackOf(100), ReliableOK, ReliableDrop, ReliableAnswer)
	})
	t.Run("one in the queue", func(t *testing.T) {
		c := newReliable(t)
		c.step(ring, ReliableSend)
		c.step(described, ReliableQueue)
		c.step(accepted, ReliableHold)
		c.step(prackOf(100), ReliableOK, ReliableNext)
		c.step(prackOf(101), ReliableOK, ReliableDrop, ReliableAnswer)
	})
	t.Run("acknowledged before", func(t *testing.T) {
		c := newReliable(t)
		c.step(described, ReliableSend)
		c.step(prackOf(100), ReliableOK)
		c.step(accepted, ReliableAnswer)
	})
	t.Run("cancelled meanwhile", func(t *testing.T) {
		c := newReliable(t)
		c.step(described, ReliableSend)
		c.step(accepted, ReliableHold)
		c.step(final, ReliableDrop)
		c.step(prackOf(100), ReliableOK)
	})
}

func TestReliableQueueIsBounded(t *testing.T) {
	c := newReliable(t)
	c.step(described, ReliableSend)
	for range maxReliable - 1 {
		c.step(described, ReliableQueue)
	}
	c.step(described, ReliableRefuse)
	c.step(accepted, ReliableHold)
	for i := range uint32(maxReliable - 1) {
		c.step(prackOf(100+i), ReliableOK, ReliableNext)
	}
	c.step(prackOf(100+maxReliable-1), ReliableOK, ReliableDrop, ReliableAnswer)
}

// TestReliableAlwaysEnds does anything in any order: the numbers sent rise by one, a 2xx never overtakes a description, and silence ends what is unacknowledged.
func TestReliableAlwaysEnds(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		c := newReliable(t)
		sent, unacknowledged := uint32(99), []bool{} // oldest first; true: with a description
		for range rnd.IntN(40) {
			e := ReliableEvent{Kind: ReliableEventKind(rnd.IntN(int(ReliableTimer) + 1)), Description: rnd.IntN(2) == 0}
			switch e.Kind {
			case ReliablePrack:
				e = prackOf(sent + uint32(rnd.IntN(3)) - 1)
			case ReliableTimer:
				c.now = c.now.Add(time.Duration(rnd.IntN(3000)) * time.Millisecond)
			}
			before := c.State()
			for _, a := range c.Step(nil, e, c.now) {
				switch a {
				case ReliableSend, ReliableQueue:
					unacknowledged = append(unacknowledged, e.Description)
				case ReliableOK:
					unacknowledged = unacknowledged[1:]
				case ReliableDrop:
					unacknowledged = unacknowledged[:min(1, len(unacknowledged))]
				case ReliableAnswer:
					if slices.Contains(unacknowledged, true) {
						t.Fatal("a 2xx overtook a session description")
					}
				}
				if a == ReliableSend || a == ReliableNext {
					sent++
				}
			}
			if before == Finished && c.State() != Finished {
				t.Fatalf("left Finished for %v", c.State())
			}
		}
		for n := 0; !c.Next().IsZero(); n++ {
			if n > 10 {
				t.Fatalf("still repeats in %v", c.State())
			}
			c.now = c.Next()
			c.Step(nil, ReliableEvent{Kind: ReliableTimer}, c.now)
		}
		if s := c.State(); s != Acknowledged && s != Finished {
			t.Fatalf("silence leaves it in %v", s)
		}
	}
}
