package dialog

import "github.com/ringback-sip/ringback/parser"

// Role is the end of the call at which a [Session] stands.
type Role uint8

// The roles.
const (
	Caller Role = iota // sent the INVITE
	Callee             // received the INVITE
)

// String returns "caller" or "callee".
func (r Role) String() string { return name(roleNames[:], int(r)) }

var roleNames = [...]string{Caller: "caller", Callee: "callee"}

// State is a state of a [Session].
type State uint8

// The states, in the order in which a call passes through them.
const (
	Calling        State = iota // caller: INVITE sent, no response yet
	Proceeding                  // caller: a provisional response came
	CancelPending               // caller: hung up, but no response yet that a CANCEL could follow
	Canceling                   // caller: CANCEL sent, the INVITE has no final response yet
	Incoming                    // callee: INVITE received, nothing said yet
	Ringing                     // callee: a provisional response with a tag was sent
	Answered                    // callee: 2xx sent, no ACK yet
	AnsweredHangup              // callee: hung up after the 2xx; BYE waits for the ACK
	Confirmed                   // the session stands
	Ending                      // BYE sent, no final response yet
	Terminated                  // over

	stateCount
)

// String returns the state's name as it stands in the tables.
func (s State) String() string { return name(stateNames[:], int(s)) }

var stateNames = [stateCount]string{
	Calling:        "Calling",
	Proceeding:     "Proceeding",
	CancelPending:  "CancelPending",
	Canceling:      "Canceling",
	Incoming:       "Incoming",
	Ringing:        "Ringing",
	Answered:       "Answered",
	AnsweredHangup: "AnsweredHangup",
	Confirmed:      "Confirmed",
	Ending:         "Ending",
	Terminated:     "Terminated",
}

// Event is what happened to a [Session]. Status is the status code that came with it, if one did: of the response
// received, or that the application wants to send with EventRing, EventAnswer and EventReject.
type Event struct {
	Kind   EventKind
	Status parser.Status
}

// EventKind is what an [Event] is.
type EventKind uint8

// The events: responses to the INVITE, failures of its client transaction, requests received, fates of own requests,
// wishes of the application, time.
const (
	EventTrying         EventKind = iota // 100, or a 1xx without To tag
	EventProgress                        // 101 to 199 with a To tag
	EventSuccess                         // the first 2xx of the INVITE
	EventSuccessAgain                    // a 2xx with a To tag that was seen in a 2xx before
	EventSuccessFork                     // a 2xx with another To tag than the first
	EventFailure                         // 300 to 699
	EventTimeout                         // the INVITE client transaction timed out
	EventTransportError                  // the INVITE could not be sent
	EventAck                             // ACK to the 2xx
	EventCancel                          // CANCEL of the INVITE
	EventBye                             // BYE in the dialog
	EventByeDone                         // our BYE has its final response, or timed out, or could not be sent
	EventDead                            // 481, 408, timeout of an own request in the dialog (RFC 3261, Section 12.2.1.2)
	EventRing                            // the application: ring
	EventAnswer                          // the application: answer
	EventReject                          // the application: reject or redirect
	EventHangup                          // the application: hang up
	EventTimer                           // the time that Next told has come
	eventRepeat                          // what EventTimer becomes when a response is to be repeated
	eventDeadline                        // what EventTimer becomes when the state's deadline has passed

	eventCount
)

// String returns the event's name as it stands in the tables.
func (k EventKind) String() string { return name(eventNames[:], int(k)) }

var eventNames = [eventCount]string{
	EventTrying:         "100",
	EventProgress:       "1xx",
	EventSuccess:        "2xx",
	EventSuccessAgain:   "2xx again",
	EventSuccessFork:    "2xx fork",
	EventFailure:        "3xx-6xx",
	EventTimeout:        "timeout",
	EventTransportError: "transport error",
	EventAck:            "ACK",
	EventCancel:         "CANCEL",
	EventBye:            "BYE",
	EventByeDone:        "BYE done",
	EventDead:           "dead",
	EventRing:           "ring",
	EventAnswer:         "answer",
	EventReject:         "reject",
	EventHangup:         "hangup",
	EventTimer:          "timer",
	eventRepeat:         "repeat",
	eventDeadline:       "deadline",
}

// Action is what a [Session] wants done. Status is the status code to send or, with ActionProgress, ActionAnswered and
// ActionEnded, the one that came or that stands for what happened (408 for a timeout, 503 for a transport error: RFC 3261,
// Section 8.1.3.1); 0 when there is none.
type Action struct {
	Kind   ActionKind
	Status parser.Status
}

// ActionKind is what an [Action] is.
type ActionKind uint8

// The actions: requests to send, responses to send, what to forget, what to tell the application.
const (
	actionNone        ActionKind = iota
	ActionCancel                 // send CANCEL
	ActionAck                    // send ACK in the dialog of the 2xx, and keep its bytes
	ActionAckAgain               // send the kept ACK of that 2xx once more (RFC 3261, Section 13.2.2.4)
	ActionBye                    // send BYE
	ActionRefuseFork             // send ACK and then BYE in the dialog of that 2xx
	ActionByeOK                  // answer the BYE with 200
	ActionCancelOK               // answer the CANCEL with 200
	ActionTerminated             // answer the INVITE with 487
	ActionUnavailable            // answer the INVITE with 480
	ActionRing                   // send the 1xx of Status, and keep it
	ActionRingAgain              // send the kept 1xx once more
	ActionAnswer                 // send the 2xx of Status, and keep it
	ActionAnswerAgain            // send the kept 2xx once more
	ActionReject                 // send the final response of Status
	ActionDropInvite             // abandon the INVITE client transaction
	ActionDropEarly              // forget the early dialog on which the event came
	ActionProgress               // tell the application: a provisional response came
	ActionAnswered               // tell the application: the session stands
	ActionEnded                  // tell the application: the call is over; told once
	ActionRefuse                 // return an error to the application; nothing else happens
	ActionDead                   // of a Change: the peer is gone, step the Session with EventDead
	ActionLate                   // of a Change: refuse the peer's request with Status, the application took too long

	actionCount
)

// String returns the action's name as it stands in the tables.
func (k ActionKind) String() string { return name(actionNames[:], int(k)) }

var actionNames = [actionCount]string{
	ActionCancel:      "send CANCEL",
	ActionAck:         "send ACK",
	ActionAckAgain:    "resend ACK",
	ActionBye:         "send BYE",
	ActionRefuseFork:  "ACK and BYE fork",
	ActionByeOK:       "200 to BYE",
	ActionCancelOK:    "200 to CANCEL",
	ActionTerminated:  "487 to INVITE",
	ActionUnavailable: "480 to INVITE",
	ActionRing:        "send 1xx",
	ActionRingAgain:   "resend 1xx",
	ActionAnswer:      "send 2xx",
	ActionAnswerAgain: "resend 2xx",
	ActionReject:      "send final",
	ActionDropInvite:  "drop INVITE",
	ActionDropEarly:   "drop early",
	ActionProgress:    "progress",
	ActionAnswered:    "answered",
	ActionEnded:       "ended",
	ActionRefuse:      "refuse",
	ActionDead:        "dead",
	ActionLate:        "refuse late",
}

// name returns names[i], "?" for what has none.
func name(names []string, i int) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return "?"
}
