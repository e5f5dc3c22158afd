package registrar

import "github.com/ringback-sip/ringback/transport"

// Deadlines returns a transport.Deadline for every state of a registrar that a phone or a store can leave it in, with the zero Config.
func Deadlines() []transport.Deadline {
	cfg := (*Config)(nil).withDefaults()
	return []transport.Deadline{
		{Machine: "registrar", State: "binding", Bound: cfg.MaxExpires, End: "-> not there any more, and its connection may be closed for being idle"},
		{Machine: "registrar", State: "asking the store", Bound: storeTimeout, End: "-> 500"},
	}
}
