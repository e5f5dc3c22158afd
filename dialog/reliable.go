package dialog

import "github.com/ringback-sip/ringback/parser"

// ReliableState is a state of a [ReliableServer].
type ReliableState uint8

// The states.
const (
	Acknowledged   ReliableState = iota // no reliable provisional response was sent, or every one has its PRACK
	Unacknowledged                      // one is repeated until its PRACK comes
	AnswerWaits                         // likewise, and the 2xx follows the last PRACK
	Finished                            // the INVITE has its final response

	reliableStateCount
)

// String returns the state's name as it stands in the tables.
func (s ReliableState) String() string { return name(reliableStateNames[:], int(s)) }

var reliableStateNames = [reliableStateCount]string{
	Acknowledged:   "Acknowledged",
	Unacknowledged: "Unacknowledged",
	AnswerWaits:    "AnswerWaits",
	Finished:       "Finished",
}

// ReliableEvent is what happened to a [ReliableServer].
type ReliableEvent struct {
	Kind        ReliableEventKind
	Description bool        // of ReliableProvisional: it carries a session description
	RAck        parser.RAck // of ReliablePrack
}

// ReliableEventKind is what a [ReliableEvent] is.
type ReliableEventKind uint8

// The events: wishes of the application, requests received, time.
const (
	ReliableProvisional ReliableEventKind = iota // the application: a 1xx that is sent reliably
	ReliableSuccess                              // the application: a 2xx
	ReliableFinal                                // the INVITE got a final response that waits for nothing: 300 to 699, 487 to a CANCEL
	ReliablePrack                                // a PRACK in the dialog
	ReliableTimer                                // the time that Next told has come
	successWaits                                 // what ReliableSuccess becomes when a session description has no PRACK yet
	prackMore                                    // what ReliablePrack becomes when it matches and another response has to follow
	prackOther                                   // what ReliablePrack becomes when it matches nothing
	queueFull                                    // what ReliableProvisional becomes when too many wait
	reliableRepeat                               // what ReliableTimer becomes when the response is to be repeated
	reliableDeadline                             // what ReliableTimer becomes after 64*T1

	reliableEventCount
)

// String returns the event's name as it stands in the tables.
func (k ReliableEventKind) String() string { return name(reliableEventNames[:], int(k)) }

var reliableEventNames = [reliableEventCount]string{
	ReliableProvisional: "1xx",
	ReliableSuccess:     "2xx",
	ReliableFinal:       "final",
	ReliablePrack:       "PRACK",
	ReliableTimer:       "timer",
	successWaits:        "2xx behind description",
	prackMore:           "PRACK, more wait",
	prackOther:          "PRACK of another",
	queueFull:           "1xx too many",
	reliableRepeat:      "repeat",
	reliableDeadline:    "deadline",
}

// ReliableAction is what a [ReliableServer] wants done.
type ReliableAction uint8

// The actions.
const (
	reliableNone    ReliableAction = iota
	ReliableSend                   // send the 1xx
	ReliableQueue                  // keep the 1xx until it is its turn
	ReliableNext                   // send the 1xx that waits longest
	ReliableAgain                  // send the unacknowledged 1xx once more
	ReliableDrop                   // forget the 1xx that wait
	ReliableAnswer                 // send the 2xx
	ReliableHold                   // keep the 2xx until ReliableAnswer
	ReliableReject                 // answer the INVITE with 504
	ReliableOK                     // answer the PRACK with 200
	ReliableUnknown                // answer the PRACK with 481
	ReliableRefuse                 // return an error to the application; nothing else happens

	reliableActionCount
)

// String returns the action's name as it stands in the tables.
func (k ReliableAction) String() string { return name(reliableActionNames[:], int(k)) }

var reliableActionNames = [reliableActionCount]string{
	ReliableSend:    "send 1xx",
	ReliableQueue:   "queue 1xx",
	ReliableNext:    "send next 1xx",
	ReliableAgain:   "resend 1xx",
	ReliableDrop:    "drop queue",
	ReliableAnswer:  "send 2xx",
	ReliableHold:    "hold 2xx",
	ReliableReject:  "504 to INVITE",
	ReliableOK:      "200 to PRACK",
	ReliableUnknown: "481 to PRACK",
	ReliableRefuse:  "refuse",
}

// reliableActions is what one step wants done, in order; reliableNone ends it.
type reliableActions [3]ReliableAction

// String returns the actions as they stand in the tables.
func (todo reliableActions) String() string {
	var text string
	for _, a := range todo {
		if a == reliableNone {
			break
		}
		if text != "" {
			text += ", "
		}
		text += a.String()
	}
	return text
}
