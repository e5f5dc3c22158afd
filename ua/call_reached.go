package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/transport"
)

// What a call may send because of an INVITE over UDP is bounded until its caller is known to be there: see transaction.Server.Left. Most of it is for
// the copies of the 2xx (RFC 3261, Section 13.3.1.4), on which the call depends where datagrams are lost.

// room returns how much of that a response to the INVITE has to leave, when others are to follow. The caller holds c.mu.
func (c *Call) room(then following) int {
	m := c.in.invite
	if m == nil { // acknowledged: nothing is bounded any more
		return 0
	}
	switch then {
	case thenBye:
		// A BYE tells who is who as the INVITE did, but for our tag, and has no body; nor has a refusal. One that is lost leaves the caller in a
		// call that is over, so that there is room for three.
		return 3 * (len(m.Bytes()) - len(m.Body()) + 64)
	case thenAnswer:
		return 5 * len(m.Bytes())
	}
	return 0
}

// following is what follows a response, and must find room.
type following uint8

const (
	thenNothing following = iota
	thenBye               // or the refusal of a call whose PRACK never comes
	thenAnswer            // and some copies of it
)

// reached notes that the caller is where the INVITE came from: it knows our tag, or answered a request of ours. The caller holds c.mu.
func (c *Call) reached() {
	if c.role != dialog.Callee || c.in.tx == nil {
		return
	}
	c.in.tx.Reached()
	if c.in.bye != nil {
		c.in.bye.Bound(-1)
	}
}

// boundBye makes h, which a BYE of n octets is about to take, send no more of its copies than may yet be sent because of an INVITE that nobody
// acknowledged; once it goes in any case.
func (c *Call) boundBye(h *transport.Hop, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in.tx == nil {
		return
	}
	if left, limited := c.in.tx.Left(); limited {
		h.Bound(max(left, n))
		c.in.bye = h
	}
}
