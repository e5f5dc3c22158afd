package dialog

import "time"

// Deadline says how long something may stay in one state when nobody says anything any more, and what happens then.
type Deadline struct {
	Machine string
	State   string
	Bound   time.Duration // with the default Timing
	End     string        // what happens at the bound
}

// Deadlines returns a Deadline for every state of every object of this package in which it is alive.
func Deadlines() []Deadline {
	t := Timing{}.withDefaults()
	var all []Deadline
	for _, role := range [...]Role{Caller, Callee} {
		for s := Calling; s < Terminated; s++ {
			if !role.has(s) {
				continue
			}
			next, todo := role.step(s, eventDeadline)
			all = append(all, Deadline{"session " + role.String(), s.String(), t.bound(s), todo.String() + arrow(todo) + next.String()})
		}
	}
	for _, s := range [...]ReliableState{Unacknowledged, AnswerWaits} {
		next, todo := stepReliable(s, reliableDeadline)
		all = append(all, Deadline{"reliable 1xx callee", s.String(), t.patience(), todo.String() + " -> " + next.String()})
	}
	for k := range changeKindCount {
		for s := range Terminated {
			if k.has(s) {
				next, todo := k.step(s, eventDeadline)
				all = append(all, Deadline{k.String(), s.String(), t.changeBound(k, s), todo.String() + arrow(todo) + next.String()})
			}
		}
	}
	all = append(all, timerDeadlines()...)
	ringing := t.Ring + t.patience() // a caller's Proceeding and Canceling, the longer of the two roles
	return append(all,
		Deadline{"reliable 1xx callee", Acknowledged.String(), t.Ring, "dropped with its session's INVITE"},
		Deadline{"reliable 1xx callee", Finished.String(), t.MaxDuration + t.safety(), "dropped with its session"},
		Deadline{"reliable 1xx caller", "following", ringing, "dropped with its early dialog"},
		Deadline{"dialog", "early", ringing, "dropped when the INVITE ends without it, or its set completes"},
		Deadline{"dialog", "confirmed", t.MaxDuration + t.safety(), "dropped when its session is Terminated"},
		Deadline{"set", "inviting", t.safety() + ringing, "dropped with the caller's session when that is Terminated without a 2xx"},
		Deadline{"set", "completing", t.patience(), "Expire: early dialogs dropped, the INVITE complete"},
	)
}

// has reports whether a session of role r can be in s.
func (r Role) has(s State) bool {
	switch s {
	case Calling, Proceeding, CancelPending, Canceling:
		return r == Caller
	case Incoming, Ringing, Answered, AnsweredHangup:
		return r == Callee
	}
	return s < stateCount
}

// String returns the actions as they stand in the tables.
func (todo actions) String() string {
	var text string
	for _, a := range todo {
		if a == actionNone {
			break
		}
		if text != "" {
			text += ", "
		}
		text += a.String()
	}
	return text
}

func arrow(todo actions) string {
	if todo[0] == actionNone {
		return "-> "
	}
	return " -> "
}
