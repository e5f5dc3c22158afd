package registration

// actions is what one step wants done, in order; actionNone ends it.
type actions [2]Action

// step is the table: RFC 3261, Section 10.2; RFC 5626, Sections 4.2 to 4.5. A REGISTER is sent only when none is under way: "UAs MUST NOT send a new
// registration [...] until they have received a final response from the registrar for the previous one or the previous REGISTER request has
// timed out" (RFC 3261, Section 10.2).
func step(s State, e EventKind) (State, actions) {
	switch s {
	case Trying:
		return stepTrying(e)
	case Registering:
		return stepRegistering(e)
	case Registered:
		return stepRegistered(e)
	case Refreshing:
		return stepRefreshing(e)
	case Retrying:
		return stepRetrying(e)
	case Waiting:
		return stepWaiting(e)
	case UnregisterPending:
		return stepUnregisterPending(e)
	case Unregistering:
		return stepUnregistering(e)
	}
	return s, actions{}
}

func stepTrying(e EventKind) (State, actions) {
	switch e {
	case EventOK:
		return Registered, actions{}
	case EventTooBrief, EventMoved:
		return Trying, actions{ActionRegister}
	case EventUnbound, EventFailure, EventRefused, EventTimeout, EventTransportError:
		return Ended, actions{ActionEnded}
	case EventUnregister:
		return UnregisterPending, actions{}
	case EventClosed, eventDeadline:
		return Ended, actions{ActionDrop, ActionEnded}
	}
	return Trying, actions{}
}

func stepRegistering(e EventKind) (State, actions) {
	switch e {
	case EventOK:
		return Registered, actions{}
	case EventTooBrief, EventMoved:
		return Registering, actions{ActionRegister}
	case EventUnbound, EventFailure, EventTimeout, EventTransportError:
		return Waiting, actions{}
	case EventRefused:
		return Ended, actions{ActionEnded}
	case EventUnregister:
		return UnregisterPending, actions{}
	case eventDeadline:
		return Waiting, actions{ActionDrop}
	case EventClosed:
		return Ended, actions{ActionDrop, ActionEnded}
	}
	return Registering, actions{}
}

func stepRegistered(e EventKind) (State, actions) {
	switch e {
	case EventFlowFailed:
		return Waiting, actions{}
	case EventUnregister:
		return Unregistering, actions{ActionUnregister}
	case eventRefresh:
		return Refreshing, actions{ActionRegister}
	case eventLapse: // the host slept
		return Registering, actions{ActionRegister}
	case EventClosed:
		return Ended, actions{ActionEnded}
	}
	return Registered, actions{}
}

func stepRefreshing(e EventKind) (State, actions) {
	switch e {
	case EventOK:
		return Registered, actions{}
	case EventTooBrief, EventMoved:
		return Refreshing, actions{ActionRegister}
	case EventUnbound:
		return Waiting, actions{}
	case EventFailure, EventTimeout, EventTransportError:
		return Retrying, actions{}
	case EventRefused:
		return Ended, actions{ActionEnded}
	case EventFlowFailed, eventLapse:
		return Registering, actions{}
	case EventUnregister:
		return UnregisterPending, actions{}
	case eventDeadline:
		return Retrying, actions{ActionDrop}
	case EventClosed:
		return Ended, actions{ActionDrop, ActionEnded}
	}
	return Refreshing, actions{}
}

func stepRetrying(e EventKind) (State, actions) {
	switch e {
	case EventFlowFailed, eventLapse:
		return Waiting, actions{}
	case EventUnregister:
		return Unregistering, actions{ActionUnregister}
	case eventRefresh:
		return Refreshing, actions{ActionRegister}
	case EventClosed:
		return Ended, actions{ActionEnded}
	}
	return Retrying, actions{}
}

func stepWaiting(e EventKind) (State, actions) {
	switch e {
	case EventUnregister:
		// The registrar may hold a binding that we know nothing of: of a REGISTER whose answer was lost, or of a flow that failed.
		return Unregistering, actions{ActionUnregister}
	case eventRefresh:
		return Registering, actions{ActionRegister}
	case EventClosed:
		return Ended, actions{ActionEnded}
	}
	return Waiting, actions{}
}

func stepUnregisterPending(e EventKind) (State, actions) {
	switch e {
	case EventOK, EventUnbound, EventTooBrief, EventMoved, EventFailure:
		return Unregistering, actions{ActionUnregister}
	case EventRefused, EventTimeout, EventTransportError:
		// Who does not answer is not asked again at once (RFC 3261, Section 10.2.7).
		return Ended, actions{ActionEnded}
	case EventClosed, eventDeadline:
		return Ended, actions{ActionDrop, ActionEnded}
	}
	return UnregisterPending, actions{}
}

func stepUnregistering(e EventKind) (State, actions) {
	switch e {
	case EventOK, EventUnbound, EventTooBrief, EventMoved, EventFailure, EventRefused, EventTimeout, EventTransportError:
		return Ended, actions{ActionEnded}
	case EventClosed, eventDeadline:
		return Ended, actions{ActionDrop, ActionEnded}
	}
	return Unregistering, actions{}
}
