package dialog

// stepCallee is the callee's table: RFC 3261, Sections 9.2, 13.3.1 and 15.
func stepCallee(s State, e EventKind) (State, actions) {
	switch s {
	case Incoming:
		return stepIncoming(e)
	case Ringing:
		return stepRinging(e)
	case Answered:
		return stepAnswered(e)
	case AnsweredHangup:
		return stepAnsweredHangup(e)
	case Confirmed, Ending, Terminated:
		// The INVITE had its final response, so the CANCEL changes nothing; it is answered because it matched
		// a transaction (RFC 3261, Section 9.2).
		if e == EventCancel {
			return s, actions{ActionCancelOK}
		}
		return stepEstablished(s, e)
	}
	return s, actions{}
}

func stepIncoming(e EventKind) (State, actions) {
	switch e {
	case EventCancel:
		return Terminated, actions{ActionCancelOK, ActionTerminated, ActionEnded}
	case EventRing:
		return Ringing, actions{ActionRing}
	case EventAnswer:
		return Answered, actions{ActionAnswer}
	case EventReject:
		return Terminated, actions{ActionReject, ActionEnded}
	case EventHangup, eventDeadline:
		return Terminated, actions{ActionUnavailable, ActionEnded}
	}
	return Incoming, actions{}
}

func stepRinging(e EventKind) (State, actions) {
	switch e {
	case EventCancel:
		return Terminated, actions{ActionCancelOK, ActionTerminated, ActionEnded}
	case EventBye:
		// Pending requests of the dialog are answered 487 (RFC 3261, Section 15.1.2).
		return Terminated, actions{ActionByeOK, ActionTerminated, ActionEnded}
	case EventRing:
		return Ringing, actions{ActionRing}
	case EventAnswer:
		return Answered, actions{ActionAnswer}
	case EventReject:
		return Terminated, actions{ActionReject, ActionEnded}
	case EventHangup, eventDeadline:
		// A callee must not end an early dialog by BYE (RFC 3261, Section 15); a final response does.
		return Terminated, actions{ActionUnavailable, ActionEnded}
	case eventRepeat:
		return Ringing, actions{ActionRingAgain}
	}
	return Ringing, actions{}
}

func stepAnswered(e EventKind) (State, actions) {
	switch e {
	case EventAck:
		return Confirmed, actions{ActionAnswered}
	case EventCancel:
		return Answered, actions{ActionCancelOK}
	case EventBye:
		return Terminated, actions{ActionByeOK, ActionEnded}
	case EventDead, EventHangup:
		// No BYE before the ACK or 64*T1 (RFC 3261, Section 15).
		return AnsweredHangup, actions{}
	case eventRepeat:
		return Answered, actions{ActionAnswerAgain}
	case eventDeadline:
		// The dialog is confirmed, but a session that nobody acknowledged is ended (RFC 3261, Section 13.3.1.4).
		return Ending, actions{ActionBye, ActionEnded}
	case EventRing, EventAnswer, EventReject:
		return Answered, actions{ActionRefuse}
	}
	return Answered, actions{}
}

func stepAnsweredHangup(e EventKind) (State, actions) {
	switch e {
	case EventAck, eventDeadline:
		return Ending, actions{ActionBye, ActionEnded}
	case EventCancel:
		return AnsweredHangup, actions{ActionCancelOK}
	case EventBye:
		return Terminated, actions{ActionByeOK, ActionEnded}
	case eventRepeat:
		return AnsweredHangup, actions{ActionAnswerAgain}
	case EventRing, EventAnswer, EventReject, EventHangup:
		return AnsweredHangup, actions{ActionRefuse}
	}
	return AnsweredHangup, actions{}
}
