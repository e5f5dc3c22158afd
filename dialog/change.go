package dialog

import (
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Change is the life of one re-INVITE or UPDATE at one of its ends: what a request to change the session may wait for, what its failure means for
// the call, and that whoever wants to know hears of its end exactly once (RFC 3261, Section 14; RFC 3311; RFC 6141). It is a pure machine
// like [Session], beside it, with its states and its events as far as they make sense for one request:
//
// Calling, Proceeding, CancelPending and Canceling for a re-INVITE of ours, Calling for an UPDATE; Incoming for a request of the peer,
// Answered for a re-INVITE that we accepted. Terminated is the end of all. EventBye says that the call is over, whoever ended it; EventHangup that
// nobody wants the change any more. A new INVITE of the peer implies the ACK to the last one, and is stepped as EventAck (RFC 6141, Section 5.5).
//
// Who has offered what is not its business: that is an [Exchange].
//
// A Change that is not Terminated always has a deadline. Use [NewChange]. Not safe for concurrent use.
type Change struct {
	timing   Timing
	deadline time.Time
	repeat   time.Time // when the 2xx is sent again; zero: never
	interval time.Duration
	kind     ChangeKind
	state    State
}

// ChangeKind is the request of a [Change], and whose it is.
type ChangeKind uint8

// The kinds.
const (
	OurInvite ChangeKind = iota
	OurUpdate
	PeerInvite
	PeerUpdate

	changeKindCount
)

// String returns the kind's name as it stands in the tables.
func (k ChangeKind) String() string { return name(changeKindNames[:], int(k)) }

var changeKindNames = [changeKindCount]string{
	OurInvite: "our re-INVITE", OurUpdate: "our UPDATE", PeerInvite: "peer's re-INVITE", PeerUpdate: "peer's UPDATE",
}

// NewChange returns the Change of a request that was sent or received just now.
func NewChange(k ChangeKind, t Timing, now time.Time) *Change {
	c := &Change{timing: t.withDefaults(), kind: k, state: Calling}
	if k == PeerInvite || k == PeerUpdate {
		c.state = Incoming
	}
	c.deadline = now.Add(c.timing.changeBound(k, c.state))
	return c
}

// Kind returns what kind of request it is.
func (c *Change) Kind() ChangeKind { return c.kind }

// State returns the present state.
func (c *Change) State() State { return c.state }

// Next returns the time at which Step wants an EventTimer, the zero time when c is Terminated. It may change with each Step.
func (c *Change) Next() time.Time {
	if c.repeat.IsZero() || c.deadline.Before(c.repeat) {
		return c.deadline
	}
	return c.repeat
}

// Step tells c what happened and appends what is to be done to dst, as [Session.Step] does: ActionAnswered tells the success of a
// change, ActionEnded its failure with the status that it was refused with, or that stands for what happened.
func (c *Change) Step(dst []Action, e Event, now time.Time) []Action {
	kind := e.Kind
	if kind == EventTimer {
		switch {
		case due(c.deadline, now):
			kind = eventDeadline
		case due(c.repeat, now):
			kind = eventRepeat
			c.repeat = time.Time{}
		default:
			return dst
		}
	}
	if !e.statusFits() {
		return append(dst, Action{Kind: ActionRefuse})
	}
	next, todo := c.kind.step(c.state, kind)
	c.arm(next, todo, now)
	for _, a := range todo {
		if a == actionNone {
			break
		}
		status := todo.status(a, e)
		if a == ActionLate {
			status = c.kind.late()
		}
		dst = append(dst, Action{Kind: a, Status: status})
	}
	return dst
}

// arm enters the state next and sets its times.
func (c *Change) arm(next State, todo actions, now time.Time) {
	switch prev := c.state; {
	case prev == Calling && next == CancelPending:
		// The clock of the request runs on.
	case prev != next:
		c.deadline, c.repeat = time.Time{}, time.Time{}
		if bound := c.timing.changeBound(c.kind, next); bound > 0 {
			c.deadline = now.Add(bound)
		}
	}
	c.state = next
	if c.kind != PeerInvite {
		return // a 2xx to UPDATE is its transaction's
	}
	switch todo[0] {
	case ActionAnswer:
		c.interval = c.timing.T1
		c.repeat = now.Add(c.interval)
	case ActionAnswerAgain:
		// As for the first INVITE (RFC 3261, Sections 13.3.1.4 and 14.2).
		c.interval = min(2*c.interval, c.timing.T2)
		c.repeat = now.Add(c.interval)
	}
}

// changeBound is how long a change may stay in s without an event; 0 for Terminated.
func (t Timing) changeBound(k ChangeKind, s State) time.Duration {
	switch {
	case k == PeerUpdate && s == Incoming:
		// "Promptly" (RFC 3311, Section 5.2): well before the other side gives it up, at 64*T1.
		return 16 * t.T1
	case s == Incoming:
		return t.Ring
	}
	return t.bound(s)
}

// late is the status for a request that the application did not answer in time. For UPDATE it is RFC 3311's; for a
// re-INVITE it is one that ends nothing but the request (RFC 5057, Section 5.1), as a 480 would.
func (k ChangeKind) late() parser.Status {
	if k == PeerUpdate {
		return parser.StatusServerTimeOut
	}
	return parser.StatusNotAcceptableHere
}

// GlareWait returns how long to wait after a 491 before the next try; random is any random number (RFC 3261, Section 14.1; RFC
// 3311, Section 5.3). The caller owns the Call-ID: 2.1 to 4 s, the callee 0 to 2 s, in steps of 10 ms.
func GlareWait(r Role, random uint32) time.Duration {
	const step = 10 * time.Millisecond
	if r == Caller {
		return 2100*time.Millisecond + time.Duration(random%191)*step
	}
	return time.Duration(random%201) * step
}
