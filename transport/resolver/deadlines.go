package resolver

import "github.com/ringback-sip/ringback/transport"

// Deadlines returns a transport.Deadline for every state in which something waits for somebody here, with the zero Config.
func Deadlines() []transport.Deadline {
	return []transport.Deadline{
		{Machine: "look-up", State: "locating", Bound: defaultTimeout, End: "-> the targets that were found, else an error"},
		{Machine: "look-up", State: "asking", Bound: defaultTimeout, End: "-> an error for each who waits, nothing cached"},
		{Machine: "look-up", State: "waiting for one server", Bound: newConf().timeout, End: "-> the next server, three times each"},
	}
}
