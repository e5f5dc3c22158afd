package transaction

import (
	"math"

	"github.com/ringback-sip/ringback/parser"
)

// An INVITE over datagrams costs its sender one. A final response to it is repeated for 64*T1, eleven times (RFC 3261, Sections 13.3.1.4 and
// 17.2.1), and no ACK ever comes from an address that somebody forged. So what an INVITE draws is bounded by its octets, until somebody proves to
// be there. A 2xx is seldom larger than an INVITE with an offer, and then all of its copies go.
const inviteFactor = 12

// unlimited is the allowance of a request that is not bounded.
const unlimited = math.MaxInt32

// allow sets what may be sent because of a request of n octets.
func (t *Server) allow(n int) {
	t.left = unlimited
	if t.machine == inviteServer && !t.reliable && t.layer.source(t.conn).IsValid() {
		t.left = int32(inviteFactor * n)
	}
}

// earn adds what may be sent because a request of n octets came again. The caller holds the lock.
func (t *Server) earn(n int) {
	if t.left < unlimited/2 { // of which nobody gets near, whose source has a limit
		t.left += int32(inviteFactor * n)
	}
}

// spend takes what a step sends from what may be sent, and returns what is left to do when there is not so much: it is as lost as any
// datagram. The 100 and the first final response go in any case. The caller holds the lock.
func (t *Server) spend(do effects, e event, j *job) effects {
	if do&doAnySend == 0 || t.left == unlimited {
		return do
	}
	n := int32(j.wire.Len())
	must := do&(doSend100|doSend500) != 0 || t.open && (e == eventTU2xx || e == eventTU3xx)
	if !must && n > t.left-j.room {
		t.layer.counts.withheld.Add(1)
		return do &^ doAnySend
	}
	t.left -= n
	return do
}

// RespondLeaving is Respond, but sends nothing, which is no error, where fewer than room octets would be left of those that Left returns: for
// what may be missing, such as another copy of a 2xx, when more is to follow. The first final response is sent in any case.
func (t *Server) RespondLeaving(w parser.Wire, room int) error {
	return t.respond(w, int32(min(max(room, 0), unlimited/2)))
}

// Left returns how many octets may yet be sent because of an INVITE, and false when that has no limit. It has one when it came over an unreliable
// transport from a Config.Source: twelve times its octets each time it comes. Beyond it copies of final responses and provisional
// responses are withheld, but for the 100, which Stats counts.
func (t *Server) Left() (octets int, limited bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return int(max(t.left, 0)), t.left != unlimited
}

// Reached says that the peer is where its INVITE came from: it sent what only somebody can who got a response, or whom we know. From now on nothing
// is withheld.
func (t *Server) Reached() {
	t.mu.Lock()
	t.left = unlimited
	t.mu.Unlock()
}
