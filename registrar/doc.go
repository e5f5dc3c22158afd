// Package registrar answers REGISTER and knows where the users of its domains are (RFC 3261, Section 10).
//
// A [Registrar] is one of the Handlers of a ua.Agent:
//
//	reg := registrar.New(&registrar.Config{})
//	agent, err := ua.New(&ua.Config{Handlers: []ua.Handler{reg}})
//
// [Registrar.Lookup] returns where somebody is, the best place first, and [Binding.Reach] is what a call to that place needs:
//
//	for _, b := range bindings {
//		call, err := agent.Call(ctx, aor, offer, &ua.CallOptions{Reach: b.Reach()})
//		...
//	}
//
// # What is kept
//
// The bindings of one address of record are one record of a store.Store: changed as a whole or not at all, by compare-and-swap. Those that
// are over are never returned, and dropped by the store. Only the connections of phones are of this process: a binding that came over one is
// reached on it, and it is not closed for being idle while the binding lives. Whoever sent a REGISTER over UDP from another address than its
// contact names is behind a NAT, and is reached where it came from.
//
// # Who may
//
// Nobody is asked for a password here: a Handler in front of the Registrar does that. [Config].Authorize says whose bindings its users may change.
//
// # Extensions
//
// Path (RFC 3327), Service-Route (RFC 3608), flows and instances of phones (RFC 5626), and GRUUs, public and temporary (RFC 5627).
package registrar
