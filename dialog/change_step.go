package dialog

// step is the kind's table: RFC 3261, Sections 9, 13, 14 and 15; RFC 3311, Section 5; RFC 6141.
func (k ChangeKind) step(s State, e EventKind) (State, actions) {
	if s == Terminated {
		return stepChanged(k, e)
	}
	switch k {
	case OurInvite:
		return stepOurInvite(s, e)
	case OurUpdate:
		return stepOurUpdate(s, e)
	case PeerInvite, PeerUpdate:
		return stepPeerChange(k, s, e)
	}
	return s, actions{}
}

func stepOurInvite(s State, e EventKind) (State, actions) {
	switch e {
	case EventSuccess:
		// It may have crossed a CANCEL: then the session is changed all the same.
		return Terminated, actions{ActionAck, ActionAnswered}
	case EventFailure, EventTimeout, EventTransportError:
		return Terminated, actions{ActionEnded}
	case eventDeadline:
		switch s {
		case Proceeding:
			return Canceling, actions{ActionCancel}
		case Calling, CancelPending, Canceling:
			// Neither the request nor its CANCEL has an end: that is a 408 (RFC 3261, Sections 9.1 and 12.2.1.2).
			return Terminated, actions{ActionDropInvite, ActionEnded, ActionDead}
		}
	}
	switch s {
	case Calling:
		switch e {
		case EventTrying, EventProgress:
			return Proceeding, actions{}
		case EventHangup, EventBye:
			return CancelPending, actions{}
		}
	case Proceeding:
		switch e {
		case EventHangup:
			return Canceling, actions{ActionCancel}
		case EventBye:
			// The peer answers what is pending 487 (RFC 3261, Section 15.1.2).
			return Canceling, actions{}
		}
	case CancelPending:
		switch e {
		case EventTrying, EventProgress:
			return Canceling, actions{ActionCancel}
		}
	}
	return s, actions{}
}

func stepOurUpdate(s State, e EventKind) (State, actions) {
	switch e {
	case EventSuccess:
		return Terminated, actions{ActionAnswered}
	case EventFailure, EventTimeout, EventTransportError:
		return Terminated, actions{ActionEnded}
	case eventDeadline: // the transaction's own is earlier
		return Terminated, actions{ActionEnded, ActionDead}
	case EventBye:
		return Terminated, actions{ActionEnded}
	}
	return s, actions{} // there is no CANCEL for it
}

func stepPeerChange(k ChangeKind, s State, e EventKind) (State, actions) {
	switch s {
	case Incoming:
		switch e {
		case EventAnswer:
			if k == PeerUpdate {
				return Terminated, actions{ActionAnswer, ActionAnswered}
			}
			return Answered, actions{ActionAnswer}
		case EventReject:
			return Terminated, actions{ActionReject, ActionEnded}
		case EventCancel:
			if k == PeerUpdate {
				return Incoming, actions{} // only an INVITE can be cancelled (RFC 3261, Section 9.1)
			}
			return Terminated, actions{ActionCancelOK, ActionTerminated, ActionEnded}
		case EventBye:
			return Terminated, actions{ActionTerminated, ActionEnded}
		case eventDeadline:
			return Terminated, actions{ActionLate, ActionEnded}
		}
	case Answered:
		switch e {
		case EventAck:
			return Terminated, actions{ActionAnswered}
		case EventCancel:
			return Answered, actions{ActionCancelOK}
		case EventBye:
			return Terminated, actions{ActionEnded}
		case eventRepeat:
			return Answered, actions{ActionAnswerAgain}
		case eventDeadline:
			return Terminated, actions{ActionEnded, ActionDead} // RFC 3261, Sections 13.3.1.4 and 14.2
		case EventAnswer, EventReject:
			return Answered, actions{ActionRefuse}
		}
	}
	return s, actions{}
}

// stepChanged is what still comes when a change is over.
func stepChanged(k ChangeKind, e EventKind) (State, actions) {
	switch {
	case k == OurInvite && e == EventSuccess:
		return Terminated, actions{ActionAckAgain}
	case k == PeerInvite && e == EventCancel:
		return Terminated, actions{ActionCancelOK} // it matched a transaction (RFC 3261, Section 9.2)
	case (k == PeerInvite || k == PeerUpdate) && (e == EventAnswer || e == EventReject):
		return Terminated, actions{ActionRefuse} // the application took too long
	}
	return Terminated, actions{}
}

// has reports whether a change of kind k can be in s.
func (k ChangeKind) has(s State) bool {
	switch s {
	case Calling:
		return k == OurInvite || k == OurUpdate
	case Proceeding, CancelPending, Canceling:
		return k == OurInvite
	case Incoming:
		return k == PeerInvite || k == PeerUpdate
	case Answered:
		return k == PeerInvite
	}
	return s == Terminated
}
