package registration

import "time"

// Deadline says how long something may stay in one state when nobody says anything any more, and what happens then.
type Deadline struct {
	Machine string
	State   string
	Bound   time.Duration // with the default Timing
	End     string        // what happens at the bound
}

// Deadlines returns a Deadline for every state of a [Client] in which it is alive.
func Deadlines() []Deadline {
	t := Timing{}.withDefaults()
	var all []Deadline
	for s := Trying; s < Ended; s++ {
		e := s.timer()
		next, todo := step(s, e)
		all = append(all, Deadline{"registration", s.String(), t.bound(s), todo.String() + arrow(todo) + next.String()})
	}
	return all
}

// timer returns what the time does that a client may stay in s.
func (s State) timer() EventKind {
	switch s {
	case Registered, Retrying, Waiting:
		return eventRefresh
	}
	return eventDeadline
}

// bound is how long a client may stay in s without another event; 0 for Ended.
func (t Timing) bound(s State) time.Duration {
	switch s {
	case Trying, Registering, Refreshing, UnregisterPending:
		return t.Request
	case Registered:
		return longest
	case Retrying, Waiting:
		return max(t.Max, maxAfter+maxAfter/10)
	case Unregistering:
		return t.Remove
	}
	return 0
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
