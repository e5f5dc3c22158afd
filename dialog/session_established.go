package dialog

// stepEstablished is what both roles do from Confirmed on: RFC 3261, Sections 12.2.1.2 and 15.1.
func stepEstablished(s State, e EventKind) (State, actions) {
	switch s {
	case Confirmed:
		switch e {
		case EventBye:
			return Terminated, actions{ActionByeOK, ActionEnded}
		case EventDead, EventHangup, eventDeadline:
			// The session is over as soon as the BYE is passed down (RFC 3261, Section 15.1.1).
			return Ending, actions{ActionBye, ActionEnded}
		case EventRing, EventAnswer, EventReject:
			return Confirmed, actions{ActionRefuse}
		}
	case Ending:
		switch e {
		case EventBye:
			return Ending, actions{ActionByeOK}
		case EventByeDone, eventDeadline:
			return Terminated, actions{}
		case EventRing, EventAnswer, EventReject, EventHangup:
			return Ending, actions{ActionRefuse}
		}
	case Terminated:
		switch e {
		case EventRing, EventAnswer, EventReject, EventHangup:
			return Terminated, actions{ActionRefuse}
		}
	}
	return s, actions{}
}
