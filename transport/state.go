package transport

import "time"

// state is what a stream is waiting for. A dialled one begins with Dialing, an accepted one ends its beginning with Opening, and
// between them is Shaking where TLS or WebSocket asks for it. Then the reading half goes between Idle and Reading, and
// ends in Closing. Writing is the state of the writing half while there is something to write.
type state uint8

const (
	stateDialing state = iota // for the connection
	stateShaking              // for the handshakes above it
	stateOpening              // for the whole first message on an accepted connection
	stateIdle                 // for the first octet of the next message
	stateReading              // for the rest of a message
	stateWriting              // for the peer to take what is written
	stateClosing              // for the peer to close too, so that it reads what was last written
	stateClosed               // for nothing: it is out of the table
	stateCount
)

// String returns the state's name.
func (s state) String() string {
	switch s {
	case stateDialing:
		return "dialing"
	case stateShaking:
		return "handshake"
	case stateOpening:
		return "waiting for the first message"
	case stateIdle:
		return "idle"
	case stateReading:
		return "reading a message"
	case stateWriting:
		return "writing"
	case stateClosing:
		return "closing"
	case stateClosed:
		return "closed"
	}
	return ""
}

// open reports whether a message can still be queued in s.
func (s state) open() bool { return s < stateClosing }

// bound returns how long a stream may stay in s. The time of a message is that of the whole message, never of one read:
// a peer that sends an octet now and then gains nothing.
func (l Limits) bound(s state) time.Duration {
	switch s {
	case stateDialing:
		return l.Dialing
	case stateShaking:
		return l.Handshake
	case stateOpening:
		return l.FirstMessage
	case stateIdle:
		return l.Idle
	case stateReading:
		return l.WholeMessage
	case stateWriting:
		return l.Writing
	case stateClosing:
		return l.Closing
	}
	return 0
}

// end says what happens when the bound of s has passed.
func (s state) end() string {
	switch s {
	case stateDialing, stateShaking:
		return "-> closed, Failed for each queued message"
	case stateOpening, stateReading:
		return "answer a request that can be read, -> closing"
	case stateIdle:
		return "-> closed"
	case stateWriting:
		return "-> closed, Failed for each message not written"
	case stateClosing:
		return "-> closed"
	}
	return ""
}

// Deadline says how long something may stay in one state when nobody says anything any more, and what happens then.
type Deadline struct {
	Machine string
	State   string
	Bound   time.Duration // with the default Limits
	End     string        // what happens at the bound
}

// Deadlines returns a Deadline for every state of every object of this package in which it is alive.
func Deadlines() []Deadline {
	limits := Limits{}.withDefaults(0)
	var all []Deadline
	for s := range stateClosed {
		all = append(all, Deadline{"stream", s.String(), limits.bound(s), s.end()})
	}
	return append(all,
		Deadline{"stream keep-alive", "resting", pingEvery, "ping, -> waiting"},
		Deadline{"stream keep-alive", "waiting", pongWithin, "-> closed"},
		Deadline{"datagram keep-alive", "resting", datagramPingEvery, "ping, -> waiting"},
		Deadline{"datagram keep-alive", "waiting", bindingWithin, "the flow has failed"},
		Deadline{"response without its way", "searching", searchWithin, "-> lost, Failed"},
		Deadline{"source of datagrams", "answered", 2 * time.Minute, "its budget is forgotten, and new"},
		Deadline{"source of datagrams", "refused", refusalBurst * refusalInterval, "forgotten"},
	)
}
