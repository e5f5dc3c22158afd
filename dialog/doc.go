// Package dialog holds what two user agents know about their relationship: the dialog of RFC 3261, Section 12, the
// set of dialogs that one INVITE may make, and the life of the session that an INVITE starts and a BYE ends.
// All of it is pure: no I/O, no clock, no lock, no goroutine. Messages and the present time are arguments, what
// is to be done comes back as values, and the caller does it.
//
// # Terminology
//
// A [Dialog] is one relationship with one peer: identifiers, sequence numbers, remote target, route set. It is
// early until a 2xx confirms it. A [Set] is what a caller holds for one INVITE, which may reach several phones
// and so make several dialogs, of which one wins. A [Session] is the state machine of the call itself: ringing,
// answered, hanging up. It says when to send what; a Dialog says how it is written and where it goes.
//
// A call is the product of small machines. The Session is one; offer/answer ([Exchange]), the requests that change the session
// ([Change]), reliable provisional responses ([ReliableServer], [ReliableClient]) and session timers ([SessionTimer]) are others beside it, and none of
// them changes the meaning of its states.
//
// # Who does what
//
// The application's side of a response that makes a dialog: [WriteServerHeaders] copies Record-Route, [SecureContact]
// tells the scheme of Contact, [NewServer] keeps the state. For each request received in a dialog: [Dialog.Receive] judges its
// order; when a target refresh request is accepted, [Dialog.Refresh] follows the peer to its new address. For each request
// sent: [Dialog.NextSeq], [Dialog.Write], and [Dialog.NextHop] for where to.
//
// # Handing over
//
// A confirmed dialog and its session can be written as bytes, a [Snapshot], and gone on with in another process: [ReadSnapshot],
// [Dialog.Jump], [ResumeSession]. Transactions end with their process, so nothing that waits for a response can be kept.
//
// # Specifications
//
// RFC 3261, Sections 9, 12, 13, 14 and 15; RFC 3262; RFC 3264, RFC 6337 and RFC 3311 (offer and answer); RFC 6026 (2xx responses to
// INVITE); RFC 6141 (re-INVITE, target refresh); RFC 5057 (what a failure response ends); RFC 4028 (session timers).
//
// # Concurrency
//
// Nothing here is safe for concurrent use; the lock of the call that holds these values guards them.
//
// # Security considerations
//
// A peer chooses most of what a dialog remembers, so what is remembered is bounded: [ErrTooLarge] for the octets of one
// dialog, [ErrTooMany] for the dialogs of one INVITE. No slice of a message is kept, so a dialog
// never holds the message it was made from. A snapshot may have been damaged or made up: what is read from one is held to the same bounds, and
// to what messages could have made. Whoever can read one can end the call, and who can write one can call anybody: keep it as you keep keys.
package dialog
