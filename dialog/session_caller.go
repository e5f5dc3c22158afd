package dialog

// stepCaller is the caller's table: RFC 3261, Sections 9.1, 13.2.2 and 15.
//
// EventDead is ignored until the call stands: a request in an early dialog failed, but the INVITE still has its
// final response to come, and the sequence numbers of that dialog must survive until then (Section 13.2.2.4).
func stepCaller(s State, e EventKind) (State, actions) {
	switch s {
	case Calling:
		return stepCalling(e)
	case Proceeding:
		return stepProceeding(e)
	case CancelPending:
		return stepCancelPending(e)
	case Canceling:
		return stepCanceling(e)
	case Confirmed, Ending, Terminated:
		// The peer repeats its 2xx until an ACK arrives, and other phones that the INVITE reached may still answer,
		// whatever has become of the call meanwhile (RFC 3261, Section 13.2.2.4).
		switch e {
		case EventSuccessAgain:
			return s, actions{ActionAckAgain}
		case EventSuccessFork:
			return s, actions{ActionRefuseFork}
		}
		return stepEstablished(s, e)
	}
	return s, actions{}
}

func stepCalling(e EventKind) (State, actions) {
	switch e {
	case EventTrying, EventProgress:
		return Proceeding, actions{ActionProgress}
	case EventSuccess:
		return Confirmed, actions{ActionAck, ActionAnswered}
	case EventFailure, EventTimeout, EventTransportError:
		return Terminated, actions{ActionEnded}
	case EventHangup:
		// No CANCEL before a provisional response (RFC 3261, Section 9.1).
		return CancelPending, actions{}
	case eventDeadline:
		return Terminated, actions{ActionDropInvite, ActionEnded}
	case EventRing, EventAnswer, EventReject:
		return Calling, actions{ActionRefuse}
	}
	return Calling, actions{}
}

func stepProceeding(e EventKind) (State, actions) {
	switch e {
	case EventTrying, EventProgress:
		return Proceeding, actions{ActionProgress}
	case EventSuccess:
		return Confirmed, actions{ActionAck, ActionAnswered}
	case EventFailure, EventTimeout, EventTransportError:
		return Terminated, actions{ActionEnded}
	case EventBye:
		// Section 15 forbids a callee to send BYE in an early dialog; the dialog matches, so it is answered,
		// and the INVITE still awaits its final response.
		return Proceeding, actions{ActionByeOK, ActionDropEarly}
	case EventHangup, eventDeadline:
		return Canceling, actions{ActionCancel}
	case EventRing, EventAnswer, EventReject:
		return Proceeding, actions{ActionRefuse}
	}
	return Proceeding, actions{}
}

func stepCancelPending(e EventKind) (State, actions) {
	switch e {
	case EventTrying, EventProgress:
		return Canceling, actions{ActionCancel}
	case EventSuccess:
		return Ending, actions{ActionAck, ActionBye, ActionEnded}
	case EventFailure, EventTimeout, EventTransportError:
		return Terminated, actions{ActionEnded}
	case eventDeadline:
		return Terminated, actions{ActionDropInvite, ActionEnded}
	case EventRing, EventAnswer, EventReject, EventHangup:
		return CancelPending, actions{ActionRefuse}
	}
	return CancelPending, actions{}
}

func stepCanceling(e EventKind) (State, actions) {
	switch e {
	case EventSuccess:
		// The 2xx crossed the CANCEL: it is acknowledged like any other, and the session it made is ended
		// (RFC 3261, Sections 13.2.2.4 and 15).
		return Ending, actions{ActionAck, ActionBye, ActionEnded}
	case EventFailure, EventTimeout, EventTransportError:
		return Terminated, actions{ActionEnded}
	case EventBye:
		return Canceling, actions{ActionByeOK, ActionDropEarly}
	case eventDeadline:
		// A peer that knows no 487 (RFC 2543) leaves the INVITE without a final response (RFC 3261, Section 9.1).
		return Terminated, actions{ActionDropInvite, ActionEnded}
	case EventRing, EventAnswer, EventReject, EventHangup:
		return Canceling, actions{ActionRefuse}
	}
	return Canceling, actions{}
}
