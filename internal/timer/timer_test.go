package timer

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// start is a node that records when it fires, as time since its start.
func start(at *atomic.Int64) *Node {
	var n Node
	begin := time.Now()
	n.Init(func() { at.Store(int64(time.Since(begin))) })
	return &n
}

func TestNodeFiresAtItsDeadline(t *testing.T) {
	tests := []struct {
		name string
		arm  func(n *Node, now time.Time)
		want time.Duration // 0: never
	}{
		{"once", func(n *Node, now time.Time) { n.Arm(now, now.Add(3*time.Second)) }, 3 * time.Second},
		{"later", func(n *Node, now time.Time) { n.Arm(now, now.Add(time.Second)); n.Arm(now, now.Add(5*time.Second)) }, 5 * time.Second},
		{"earlier", func(n *Node, now time.Time) { n.Arm(now, now.Add(5*time.Second)); n.Arm(now, now.Add(time.Second)) }, time.Second},
		{"stopped", func(n *Node, now time.Time) { n.Arm(now, now.Add(time.Second)); n.Stop() }, 0},
		{"zero time stops", func(n *Node, now time.Time) { n.Arm(now, now.Add(time.Second)); n.Arm(now, time.Time{}) }, 0},
		{"armed again", func(n *Node, now time.Time) {
			n.Arm(now, now.Add(time.Second))
			n.Stop()
			n.Arm(now, now.Add(2*time.Second))
		}, 2 * time.Second},
		{"stopped before armed", func(n *Node, now time.Time) { n.Stop() }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var at atomic.Int64
				n := start(&at)
				tt.arm(n, time.Now())
				if got := n.Armed(); got != (tt.want != 0) {
					t.Errorf("armed: got %v", got)
				}
				time.Sleep(time.Minute)
				if got := time.Duration(at.Load()); got != tt.want {
					t.Errorf("fired after %v, want %v", got, tt.want)
				}
			})
		})
	}
}

func TestNodeFiresAtOnceForThePast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at atomic.Int64
		at.Store(-1)
		n := start(&at)
		n.Arm(time.Now(), time.Now().Add(-time.Second))
		synctest.Wait()
		if at.Load() != 0 {
			t.Errorf("fired after %v, want 0", time.Duration(at.Load()))
		}
	})
}

func TestArmingAgainDoesNotAllocate(t *testing.T) {
	var at atomic.Int64
	n := start(&at)
	now := time.Now()
	n.Arm(now, now.Add(time.Hour))
	if got := testing.AllocsPerRun(100, func() { n.Arm(now, now.Add(time.Hour)); n.Stop() }); got != 0 {
		t.Errorf("got %v allocations, want 0", got)
	}
}
