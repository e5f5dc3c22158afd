// Package ringback is the map of a SIP stack; it holds no code. Most programs need one package of the
// module, ua, and the body of their calls from somewhere else: SDP, RTP and codecs are outside.
//
// The layers, from the top. Imports point down only, and a test over go list holds them to it.
//
//	cmd/sip      one program: a server that answers calls, and the commands to try a server by hand
//	registrar    answers REGISTER and knows where users are (RFC 3261, Section 10; RFC 3327, RFC 5626, RFC 5627)
//	ua           what an application holds: Agent, Call
//	store        what outlives a request: an interface, memory, files
//	dialog       dialogs and INVITE sessions (RFC 3261, Sections 12 to 15): pure, no I/O, no clock
//	registration when a client registers, refreshes and tries again (RFC 3261, Section 10.2; RFC 5626): pure as well
//	auth         Digest of both sides (RFC 3261, Section 22; RFC 7616, RFC 8760): no I/O, no clock
//	transaction  the four state machines (RFC 3261, Section 17; RFC 6026; RFC 4320) and what runs them
//	transport    sockets, framing, flows, the way back (RFC 3261, Section 18; RFC 3581), and below it
//	             resolver, which finds the servers of a domain (RFC 3263)
//	parser       bytes to Message and Builder to bytes: no I/O, no clock, no goroutine, no lock
//
// A message comes in through transport, is parsed once, meets its transaction, and reaches the dialog
// or the application; on its way out it is appended into one buffer, whose bytes the transaction keeps for
// retransmission.
//
// Nothing here keeps state in a package: there is no init, no flag, no variable that changes, and no goroutine before
// New or Listen is called. Two agents in one process share nothing.
package ringback
