package transaction

import (
	"math/bits"
	"strings"
)

// A machine is one of the four state machines of RFC 3261, Section 17.
type machine uint8

const (
	inviteClient    machine = iota // Section 17.1.1; RFC 6026, Figure 5
	nonInviteClient                // Section 17.1.2, Figure 6
	inviteServer                   // Section 17.2.1; RFC 6026, Figure 7
	nonInviteServer                // Section 17.2.2, Figure 8; RFC 4320

	machineCount
)

// String returns the machine's name as it stands in the tables.
func (m machine) String() string { return name(machineNames[:], int(m)) }

var machineNames = [machineCount]string{"invite-client", "noninvite-client", "invite-server", "noninvite-server"}

// step runs the machine: pure, without time, lock and I/O.
func (m machine) step(s state, e event, reliable bool) (state, actions) {
	switch m {
	case inviteClient:
		return stepInviteClient(s, e, reliable)
	case nonInviteClient:
		return stepNonInviteClient(s, e, reliable)
	case inviteServer:
		return stepInviteServer(s, e, reliable)
	default:
		return stepNonInviteServer(s, e, reliable)
	}
}

// A state is a state of a machine. No machine has all of them.
type state uint8

const (
	stateNone state = iota // before the first event
	stateCalling
	stateTrying
	stateProceeding
	stateCompleted
	stateConfirmed
	stateAccepted
	stateTerminated

	stateCount
)

// String returns the state's name as it stands in the tables.
func (s state) String() string { return name(stateNames[:], int(s)) }

var stateNames = [stateCount]string{"-", "Calling", "Trying", "Proceeding", "Completed", "Confirmed", "Accepted", "Terminated"}

// states are the states of each machine, in the order of the RFC.
var states = [machineCount][]state{
	inviteClient:    {stateNone, stateCalling, stateProceeding, stateCompleted, stateAccepted, stateTerminated},
	nonInviteClient: {stateNone, stateTrying, stateProceeding, stateCompleted, stateTerminated},
	inviteServer:    {stateNone, stateProceeding, stateCompleted, stateConfirmed, stateAccepted, stateTerminated},
	nonInviteServer: {stateNone, stateTrying, stateProceeding, stateCompleted, stateTerminated},
}

// timers is a set of timers, and often a set of one. Those without a letter are not in the RFC's tables.
type timers uint16

const (
	timerA       timers = 1 << iota // INVITE again
	timerB                          // no response to the INVITE
	timerD                          // wait for repeated 300-699
	timerE                          // request again
	timerF                          // no final response to the request
	timerG                          // 300-699 again
	timerH                          // no ACK
	timerI                          // wait for repeated ACK
	timerJ                          // wait for repeated request
	timerK                          // wait for repeated response
	timerL                          // wait for repeated INVITE after 2xx
	timerM                          // wait for repeated and forked 2xx
	timerGuard                      // the user is silent: 200 ms for INVITE, else when the client's timer E reaches T2
	timerAbandon                    // 64*T1 after a request that the user did not answer
	timerSafety                     // the user left an INVITE alone
	timerRefresh                    // the binding of a NAT needs a packet (RFC 3581, Section 3)

	timerEvery = 1<<iota - 1
)

var timerNames = [...]string{"A", "B", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "guard", "abandon", "safety", "refresh"}

// repeating are the timers that send and do not end anything. A transaction has one of them and one of the others at a time.
const repeating = timerA | timerE | timerG | timerGuard | timerRefresh

// on is the part of t that runs on a transport: a reliable one needs no retransmission.
func (t timers) on(reliable bool) timers {
	if reliable {
		return t &^ (timerA | timerE | timerG | timerRefresh)
	}
	return t
}

// append appends the names of the timers in t, each between prefix and suffix.
func (t timers) append(list []string, prefix, suffix string) []string {
	for ; t != 0; t &= t - 1 {
		list = append(list, prefix+timerNames[bits.TrailingZeros16(uint16(t))]+suffix)
	}
	return list
}

// An event is what happens to a machine: one of the constants, or a timer's fired.
type event uint32

const (
	eventStart          event = iota + 1 // the first request: from the user at a client, from the network at a server
	event1xx                             // response received
	event2xx                             //
	event3xx                             // 300-699
	eventRequest                         // the request again
	eventACK                             //
	eventTU100                           // response from the user
	eventTU1xx                           // 101-199
	eventTU2xx                           //
	eventTU3xx                           // 300-699, at a non-INVITE server without 408
	eventTU408                           // at a non-INVITE server
	eventTransportError                  //

	eventCount
)

// fired is the event that the timer t fires.
func (t timers) fired() event { return event(t) << 8 }

// timer is the timer that fired, 0 for another event.
func (e event) timer() timers { return timers(e >> 8 & timerEvery) }

// String returns the event's name as it stands in the tables.
func (e event) String() string {
	if t := e.timer(); t != 0 {
		return strings.Join(t.append(nil, "timer ", ""), ", ")
	}
	return name(eventNames[:], int(e))
}

var eventNames = [eventCount]string{
	"", "start", "1xx", "2xx", "3xx-6xx", "request", "ACK", "TU 100", "TU 101-199", "TU 2xx", "TU 3xx-6xx", "TU 408", "transport error",
}

// effects is a set of what is done outside the lock, in the order of its bits.
type effects uint16

const (
	doSend      effects = 1 << iota // the request, or the response from the user
	doResend                        // what was sent last
	doSend100                       // a 100 (Trying) of our own
	doSend500                       // a 500 (Server Internal Error) of our own
	doSendACK                       //
	doTU                            // pass the message to the user
	doTUTimeout                     // tell the user
	doTUError                       //
	doRefuse                        // do not send the user's response, return an error

	doAnySend = doSend | doResend | doSend100 | doSend500 | doSendACK
)

var effectNames = [...]string{"send", "resend", "send 100", "send 500", "send ACK", "tu", "tu timeout", "tu error", "refuse"}

// append appends the names of the effects in d.
func (d effects) append(list []string) []string {
	for ; d != 0; d &= d - 1 {
		list = append(list, effectNames[bits.TrailingZeros16(uint16(d))])
	}
	return list
}

// actions is what a machine wants done: first the effects, then the timers. Entering Terminated stops all
// timers without saying so.
type actions struct {
	do    effects
	start timers
	stop  timers
	again timers // re-armed after it fired, for the next interval
}

// String returns the actions as they stand in the tables.
func (a actions) String() string {
	list := a.do.append(nil)
	list = a.start.append(list, "+", "")
	list = a.stop.append(list, "-", "")
	return strings.Join(a.again.append(list, "", " again"), ", ")
}

// name returns names[i], "?" when there is none.
func name(names []string, i int) string {
	if i < len(names) {
		return names[i]
	}
	return "?"
}
