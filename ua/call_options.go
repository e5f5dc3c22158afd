package ua

import (
	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// CallOptions says how to place a call. Nil is all defaults. Its functions run one at a time and in the order of what
// they tell, on a goroutine of their own: but for Answer, whose result the ACK carries, and Retry, no message waits for them. They may
// still be called after Agent.Call returned an error.
type CallOptions struct {
	// From replaces Config.From for this call.
	From string
	// Identity is who calls, beside From.
	Identity Identity
	// Contact replaces Config.Contact for this call.
	Contact Contact
	// Route is the URIs of the servers on the way of the INVITE, the first to be passed first. Nil means Config.OutboundProxy. The dialog's own
	// route set is another matter (RFC 3261, Section 12.1.2).
	Route []string
	// Header is added to the INVITE. An Expires in it, in seconds, bounds the wait for an answer (RFC 3261, Section 13.2.1).
	Header []Field
	// OnProgress hears of every provisional response; m is the application's own.
	OnProgress func(m *parser.Message)
	// OnEarly hears of those that belong to an early dialog, and of which one: each phone that rings has its own. m is the application's own.
	OnEarly func(e *Early, m *parser.Message)
	// OnAnswer hears of the 2xx that answered the call, before Agent.Call returns; m is the application's own.
	OnAnswer func(m *parser.Message)
	// Replaces and Join name a dialog of the callee's that the call is to take the place of, or to join (RFC 3891, RFC 3911), as we know it: Call.Dialog of a call
	// of ours, or the two tags of another's the other way round. The callee answers 420 when it cannot, 481 when there is no such dialog. EarlyOnly replaces
	// only what nobody has answered yet.
	Replaces, Join dialog.ID
	EarlyOnly      bool
	// TargetDialog names, in the same way, a dialog of the callee's whose knowledge is to prove that it may trust us (RFC 4538).
	TargetDialog dialog.ID
	// ReferredBy is the URI of who asked for the call (RFC 3892).
	ReferredBy string
	// Reliable says whether this call's provisional responses are to be reliable (RFC 3262). The zero value is Config.Reliable.
	Reliable Reliability
	// OnState hears of every state that the session enters.
	OnState func(dialog.State)
	// Answer makes the answer to an offer that came in the 2xx, or in a reliable provisional response, because the call was placed without one: the ACK or
	// PRACK carries it. Each phone that makes an offer is answered. Nil: the ACK has no body (RFC 3261, Section 13.2.2.4, wants one), as has
	// that to another phone, which is hung up on at once.
	Answer func(offer Body) Body
	// Retry is asked when the call was refused, on the goroutine of Agent.Call: the header fields it returns are added to a new
	// INVITE with the same Call-ID and From, and the next CSeq number (RFC 3261, Section 8.1.3.5). Nil fields give up; it
	// is asked three times at most.
	Retry func(*ResponseError) []Field
	// Reach says where the INVITE goes, other than to the URI that is called. Nil means there.
	Reach *Reach
	// Credentials replaces Config.Credentials for the INVITE and all that follows it.
	Credentials func(realm string) (auth.Credentials, bool)
	// OnOffer replaces Config.OnOffer for this call.
	OnOffer func(c *Call, offer Body) (answer Body, err error)
}
