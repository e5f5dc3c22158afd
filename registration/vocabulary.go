package registration

import "time"

// State is a state of a [Client].
type State uint8

// The states, in the order in which a registration passes through them.
const (
	Trying            State = iota // the first REGISTER was sent; if it fails the registration is over
	Registering                    // a REGISTER was sent, and there is no binding that would hold without it
	Registered                     // the binding stands
	Refreshing                     // a REGISTER was sent, and the binding stands
	Retrying                       // the last refresh failed; the binding stands, and the next REGISTER waits
	Waiting                        // there is no binding, and the next REGISTER waits
	UnregisterPending              // the user gave up while a REGISTER had no answer; the next one follows that
	Unregistering                  // a REGISTER that removes the binding was sent
	Ended                          // over

	stateCount
)

// String returns the state's name as it stands in the tables.
func (s State) String() string { return name(stateNames[:], int(s)) }

// Bound reports whether requests to the address of record reach us in s, as far as we know.
func (s State) Bound() bool { return s == Registered || s == Refreshing || s == Retrying }

var stateNames = [stateCount]string{
	Trying:            "Trying",
	Registering:       "Registering",
	Registered:        "Registered",
	Refreshing:        "Refreshing",
	Retrying:          "Retrying",
	Waiting:           "Waiting",
	UnregisterPending: "UnregisterPending",
	Unregistering:     "Unregistering",
	Ended:             "Ended",
}

// Event is what happened to a [Client].
type Event struct {
	Kind EventKind
	// Granted is what the 2xx of EventOK gave the binding, Min the Min-Expires of EventTooBrief.
	Granted, Min time.Duration
	// After is the Retry-After of EventFailure, if the server Asked for a wait.
	After time.Duration
	Asked bool
	// Others: another flow of the same user agent is registered (RFC 5626, Section 4.5).
	Others bool
	// Chance, from 0 to 1, is where in a time that is left to chance the next moment falls. Whoever steps many Clients
	// draws it for each.
	Chance float64
}

// EventKind is what an [Event] is.
type EventKind uint8

// The events: responses to the REGISTER that is under way, failures of it, what else the network says, wishes of the application, time.
const (
	EventOK             EventKind = iota // 2xx that lists our binding
	EventUnbound                         // 2xx that does not, or with no time left
	EventTooBrief                        // 423 with a Min-Expires above what was asked for
	EventMoved                           // 3xx that names another registrar, which was not asked yet
	EventFailure                         // a refusal that may pass: 408, 480, 500, 503 ...
	EventRefused                         // a refusal that stays: 403, 404 ...
	EventTimeout                         // no answer
	EventTransportError                  // it could not be sent
	EventFlowFailed                      // the flow over which we are registered is gone (RFC 5626, Section 4.4)
	EventUnregister                      // the application: remove the binding
	EventClosed                          // there is nobody left to register for: nothing more is sent
	EventTimer                           // the time that Next told has come
	eventRefresh                         // what EventTimer becomes when the next REGISTER is due
	eventLapse                           // what EventTimer becomes when the binding has expired
	eventDeadline                        // what EventTimer becomes when the state's deadline has passed

	eventCount
)

// String returns the event's name as it stands in the tables.
func (k EventKind) String() string { return name(eventNames[:], int(k)) }

var eventNames = [eventCount]string{
	EventOK:             "2xx",
	EventUnbound:        "2xx without",
	EventTooBrief:       "423",
	EventMoved:          "3xx",
	EventFailure:        "failure",
	EventRefused:        "refused",
	EventTimeout:        "timeout",
	EventTransportError: "transport error",
	EventFlowFailed:     "flow failed",
	EventUnregister:     "unregister",
	EventClosed:         "closed",
	EventTimer:          "timer",
	eventRefresh:        "refresh",
	eventLapse:          "lapse",
	eventDeadline:       "deadline",
}

// Action is what the user of a [Client] has to do.
type Action uint8

// The actions.
const (
	actionNone       Action = iota
	ActionRegister          // send REGISTER with Client.Interval, as the next one: no other is under way
	ActionUnregister        // send REGISTER with Expires: 0, likewise
	ActionDrop              // forget the REGISTER that is under way: nobody waits for its answer any more
	ActionEnded             // tell the application that the registration is over; once

	actionCount
)

// String returns the action's name as it stands in the tables.
func (a Action) String() string { return name(actionNames[:], int(a)) }

var actionNames = [actionCount]string{
	ActionRegister:   "send REGISTER",
	ActionUnregister: "send removal",
	ActionDrop:       "drop REGISTER",
	ActionEnded:      "ended",
}

// name returns names[i], "?" for what has none.
func name(names []string, i int) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return "?"
}
