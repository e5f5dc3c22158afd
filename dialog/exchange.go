package dialog

import "github.com/ringback-sip/ringback/parser"

// Exchange is the offer/answer exchange of one dialog (RFC 3264; RFC 6337): who has an offer open, in which message it went, and so
// who may send which body where. It says what a session description in a message is, an offer or an answer, and what an offer is worth that
// may not be. It is beside the Session and the Changes of a call, and changes nothing of theirs.
//
// Every message of the dialog that can carry a description is told to Step in the order in which it is sent or received, with or without one; not
// the 1xx that are not reliable, whose description is a preview of the answer and never an offer (RFC 3261, Section 13.2.1).
//
// The zero Exchange is that of a dialog in which nothing was offered yet. It is a value: comparable, and what was before
// a Step is there to go back to. Not safe for concurrent use.
type Exchange struct {
	agreed bool    // a session stands: there was an answer
	invite Side    // whose INVITE is not over: no final response, or an offer in its 2xx that the ACK answers
	bare   bool    // that had no offer, and there was none yet: the other side owes it
	held   bool    // a reliable 1xx answered its offer, and the PRACK to it has not come
	by     Side    // whose offer is open
	in     Carrier // and where it went
}

// Side is one of the two ends of a dialog. The zero Side is neither.
type Side uint8

// The sides.
const (
	Local  Side = iota + 1 // ours
	Remote                 // the peer's
)

// String returns "local", "remote" or "none".
func (s Side) String() string { return name(sideNames[:], int(s)) }

var sideNames = [...]string{0: "none", Local: "local", Remote: "remote"}

// other returns the side that answers.
func (s Side) other() Side {
	switch s {
	case Local:
		return Remote
	case Remote:
		return Local
	}
	return 0
}

// Carrier is a message that may carry a session description, or that ends one that could (RFC 6337, Section 2.2).
type Carrier uint8

// The carriers. A refusal is whatever ends a request without a 2xx: a final response of 300 to 699, a timeout, a failure to send.
const (
	CarryInvite        Carrier = iota + 1 // the first or a re-INVITE
	CarryReliable                         // a reliable 1xx to it
	CarrySuccess                          // a 2xx to it
	CarryAck                              // the ACK to that
	CarryRefusal                          // a refusal of the INVITE
	CarryPrack                            // PRACK
	CarryPrackSuccess                     // a 2xx to it
	CarryPrackRefusal                     // a refusal of it
	CarryUpdate                           // UPDATE
	CarryUpdateSuccess                    // a 2xx to it
	CarryUpdateRefusal                    // a refusal of it

	carrierCount
)

// String returns the carrier's name as it stands in the tables.
func (c Carrier) String() string { return name(carrierNames[:], int(c)) }

var carrierNames = [carrierCount]string{
	CarryInvite: "INVITE", CarryReliable: "1xx", CarrySuccess: "2xx", CarryAck: "ACK", CarryRefusal: "no INVITE",
	CarryPrack: "PRACK", CarryPrackSuccess: "2xx PRACK", CarryPrackRefusal: "no PRACK",
	CarryUpdate: "UPDATE", CarryUpdateSuccess: "2xx UPDATE", CarryUpdateRefusal: "no UPDATE",
}

// Verdict is what an [Exchange] says about a message.
type Verdict uint8

// The verdicts. Those from VerdictRefuse on change nothing.
const (
	VerdictNone     Verdict = iota // nothing is offered or answered
	VerdictOffer                   // the description is an offer
	VerdictAnswer                  // it is the answer to the open offer
	VerdictRollBack                // the open offer is void: the session is what it was (RFC 6141, Section 3.1)
	VerdictIgnore                  // received: the description is neither, and of no use (RFC 3261, Section 13.2.1)
	VerdictRefuse                  // to be sent: it must not be
	VerdictPending                 // received: 491, we have an offer open ourselves, or an INVITE
	VerdictLater                   // received: 500 with a Retry-After of 0 to 10 s, the peer's is not answered yet
	VerdictIllegal                 // received: 488, nothing may be offered here

	verdictCount
)

// String returns the verdict as it stands in the tables.
func (v Verdict) String() string { return name(verdictNames[:], int(v)) }

var verdictNames = [verdictCount]string{
	VerdictNone: "-", VerdictOffer: "offer", VerdictAnswer: "answer", VerdictRollBack: "roll back", VerdictIgnore: "ignore",
	VerdictRefuse: "refuse", VerdictPending: "491", VerdictLater: "500", VerdictIllegal: "488",
}

// Status returns the status with which the request is answered, 0 when it is not refused (RFC 3261, Section 14.2; RFC 3311,
// Section 5.2).
func (v Verdict) Status() parser.Status {
	switch v {
	case VerdictPending:
		return parser.StatusRequestPending
	case VerdictLater:
		return parser.StatusServerInternalError
	case VerdictIllegal:
		return parser.StatusNotAcceptableHere
	}
	return 0
}

// Open returns the side whose offer has no answer yet.
func (x Exchange) Open() Side { return x.by }

// Inviting returns the side whose INVITE is not over as far as offers are concerned.
func (x Exchange) Inviting() Side { return x.invite }

// Owes reports whether side s owes an offer: the other's INVITE had none.
func (x Exchange) Owes(s Side) bool { return x.bare && x.invite == s.other() }

// String returns the state as it stands in the tables.
func (x Exchange) String() string {
	text := "none"
	if x.agreed {
		text = "stable"
	}
	if x.invite != 0 {
		text += ", " + x.invite.String() + " INVITE"
		if x.bare {
			text += " bare"
		}
		if x.held {
			text += " held"
		}
	}
	if x.by != 0 {
		text += ", " + x.by.String() + " offer in " + x.in.String()
	}
	return text
}
