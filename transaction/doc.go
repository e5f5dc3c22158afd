// Package transaction matches requests with their responses and hides loss: it retransmits, absorbs what arrives
// twice, and gives up after a known time.
//
// # Terminology
//
// A client transaction ([Client]) sends a request and hands its responses to its user; a server transaction
// ([Server]) is opened by a request and sends the responses that its user gives it. The transaction user is whatever
// stands above: [Core] for what arrives, a [ClientUser] or [ServerUser] for one transaction. A [Conn] is a way there or
// back. An ACK to a 2xx belongs to no transaction: who sends it hands it to a Conn, who receives it gets it by Core.
//
// # Specifications
//
// RFC 3261, Sections 9 and 17, with Figures 5 and 7 as RFC 6026 replaced them, and RFC 4320. What deviates:
//
//   - Two deadlines are added where the RFC leaves the wait to the transaction user, so that no state is without
//     one: a client INVITE that rings and a server INVITE that is not answered end after [Config.MaxProceeding].
//   - The non-INVITE server ends 64*T1 after its request when no answer was given.
//   - A non-INVITE server stays in its state after a transport error (RFC 6026, Section 8.8, against Figure 8).
//
// [Deadlines] prints what ends every state of every machine.
//
// # Concurrency
//
// All methods may be called at any time from any goroutine, from inside a callback too. Machines step in the order
// in which messages are given to [Layer.Receive]. Callbacks are made outside all locks and one at a time for each
// transaction, on the goroutine that brought the event: they must not block, and they must not panic.
//
// # Security considerations
//
// Whoever can send a datagram can open a transaction, so one costs little (a handful of allocations) and their number is
// bounded: in all, for each source, and in octets (see [Config]). What comes beyond is answered without one, never with much more than
// what came, and requests that end work are taken longer than those that begin it. Keys are hashes with a secret: nobody can
// aim a request at the transaction of another. Stray responses are dropped (RFC 6026, Section 7.3).
package transaction
