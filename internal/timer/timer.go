// Package timer arms deadlines of objects, so that arming and stopping allocate nothing after the first time. A [Node] is one
// deadline with a time.Timer of its own; [Lines] hold those of objects that are many, and share their timers.
package timer

import "time"

// Node is one deadline. The zero Node is not armed; call Init before Arm. Not safe for concurrent use:
// the lock of the object that embeds it guards it.
type Node struct {
	t     *time.Timer
	fire  func()
	armed bool
}

// Init names the function that runs, on a goroutine of its own and without any lock, when the deadline
// passes. A function that was already started when Stop or Arm was called still runs: it takes the object's
// lock and compares the time with the object's own deadlines.
func (n *Node) Init(fire func()) { n.fire = fire }

// Arm sets the deadline to at, now being the present; the zero time is Stop.
func (n *Node) Arm(now, at time.Time) {
	if at.IsZero() {
		n.Stop()
		return
	}
	n.armed = true
	d := max(at.Sub(now), 0)
	if n.t == nil {
		n.t = time.AfterFunc(d, n.fire)
		return
	}
	n.t.Reset(d)
}

// Stop disarms the node.
func (n *Node) Stop() {
	n.armed = false
	if n.t != nil {
		n.t.Stop()
	}
}

// Armed reports whether a deadline is set and has not been stopped. It stays true while the
// function that Init named is about to run.
func (n *Node) Armed() bool { return n.armed }
