package dialog

import (
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Session is the life of one call at one end, from the INVITE to the last response to BYE: which states there are,
// what ends each of them, and that the application is told exactly once that it is over. It is a pure machine: it
// holds no message and no dialog, and the caller of Step does what the actions say, in their order.
//
// A caller's Session belongs to one INVITE. When the INVITE is tried again (other credentials, another target), the new
// try has a new Session: a CANCEL must wait for a provisional response of its own INVITE.
//
// A Session that is not Terminated always has a deadline: see [Session.Next] and [Deadlines].
// Use [NewSession]. Not safe for concurrent use.
type Session struct {
	timing   Timing
	deadline time.Time     // when the state is given up; zero: never
	repeat   time.Time     // when a response is sent again; zero: never
	interval time.Duration // between the last two repeats of a 2xx
	role     Role
	state    State
}

// NewSession returns the Session of an INVITE that was sent (Caller) or received (Callee) just now.
func NewSession(role Role, t Timing, now time.Time) *Session {
	s := &Session{timing: t.withDefaults(), role: role, state: Incoming}
	if role == Caller {
		s.state = Calling
	}
	s.deadline = now.Add(s.timing.bound(s.state))
	return s
}

// Role returns the end of the call at which s stands.
func (s *Session) Role() Role { return s.role }

// State returns the present state.
func (s *Session) State() State { return s.state }

// Next returns the time at which Step wants an EventTimer, the zero time when s is Terminated. It may change with each Step.
func (s *Session) Next() time.Time {
	if s.repeat.IsZero() || s.deadline.Before(s.repeat) {
		return s.deadline
	}
	return s.repeat
}

// Step tells s what happened and appends what is to be done to dst. An EventTimer that comes early does nothing.
// A wish of the application that the state does not allow, or with a status of the wrong class,
// yields ActionRefuse and changes nothing. Step allocates only what dst grows by.
func (s *Session) Step(dst []Action, e Event, now time.Time) []Action {
	kind := e.Kind
	if kind == EventTimer {
		switch {
		case due(s.deadline, now):
			kind = eventDeadline
		case due(s.repeat, now):
			kind = eventRepeat
			s.repeat = time.Time{} // until the action sets it anew
		default:
			return dst
		}
	}
	if !e.statusFits() {
		return append(dst, Action{Kind: ActionRefuse})
	}
	next, todo := s.role.step(s.state, kind)
	s.arm(next, todo, now)
	for _, a := range todo {
		if a == actionNone {
			break
		}
		dst = append(dst, Action{Kind: a, Status: todo.status(a, e)})
	}
	return dst
}

// due reports whether the moment at, if it is set, has come.
func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// statusFits reports whether a status that the application wants to send is of the class that it named.
func (e Event) statusFits() bool {
	switch e.Kind {
	case EventRing:
		return e.Status > parser.StatusTrying && e.Status.Provisional()
	case EventAnswer:
		return e.Status.Success()
	case EventReject:
		return e.Status.Final() && !e.Status.Success()
	}
	return true
}

// step is the role's table.
func (r Role) step(s State, e EventKind) (State, actions) {
	if r == Caller {
		return stepCaller(s, e)
	}
	return stepCallee(s, e)
}

// arm enters the state next and sets the times at which it, or the response it repeats, is looked at again.
func (s *Session) arm(next State, todo actions, now time.Time) {
	switch prev := s.state; {
	case prev == Calling && next == CancelPending, prev == Answered && next == AnsweredHangup:
		// The user gave up; the INVITE's clock and the 2xx's repeats run on.
	case prev != next:
		s.deadline, s.repeat = time.Time{}, time.Time{}
		if bound := s.timing.bound(next); bound > 0 {
			s.deadline = now.Add(bound)
		}
	}
	s.state = next

	switch todo[0] {
	case ActionRing, ActionRingAgain:
		// A non-100 provisional response at every minute keeps proxies from giving up (RFC 3261, Section 13.3.1.1).
		s.repeat = now.Add(s.timing.RingRepeat)
	case ActionAnswer:
		s.interval = s.timing.T1
		s.repeat = now.Add(s.interval)
	case ActionAnswerAgain:
		// The interval starts at T1 and doubles until it reaches T2, whatever the transport (RFC 3261, Section 13.3.1.4).
		s.interval = min(2*s.interval, s.timing.T2)
		s.repeat = now.Add(s.interval)
	}
}

// bound is how long a session may stay in s without an event; 0 for Terminated.
func (t Timing) bound(s State) time.Duration {
	switch s {
	case Calling, CancelPending, Ending:
		return t.safety()
	case Canceling, Answered, AnsweredHangup:
		return t.patience()
	case Proceeding, Incoming, Ringing:
		return t.Ring
	case Confirmed:
		return t.MaxDuration
	}
	return 0
}

// actions is what one step wants done, in order; actionNone ends it.
type actions [3]ActionKind

// status returns the status that goes with a, one of the actions that e led to.
func (todo actions) status(a ActionKind, e Event) parser.Status {
	switch a {
	case ActionRing, ActionAnswer, ActionReject, ActionProgress, ActionAnswered:
		return e.Status
	case ActionByeOK, ActionCancelOK:
		return parser.StatusOK
	case ActionTerminated:
		return parser.StatusRequestTerminated
	case ActionUnavailable:
		return parser.StatusTemporarilyUnavailable
	case ActionEnded:
		return todo.cause(e)
	}
	return 0
}

// cause returns the final status that a call ended with before it was answered, 0 for one that was answered.
func (todo actions) cause(e Event) parser.Status {
	switch e.Kind {
	case EventFailure, EventReject:
		return e.Status
	case EventTimeout:
		return parser.StatusRequestTimeout
	case EventTransportError:
		return parser.StatusServiceUnavailable
	}
	for _, a := range todo {
		switch a {
		case ActionTerminated:
			return parser.StatusRequestTerminated
		case ActionUnavailable:
			return parser.StatusTemporarilyUnavailable
		case ActionDropInvite:
			return parser.StatusRequestTimeout
		}
	}
	return 0
}
