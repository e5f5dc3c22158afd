package dialog

import (
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// maxReliable bounds the reliable provisional responses that wait for the PRACK of another.
const maxReliable = 16

// maxFirstRSeq is the highest RSeq that a first reliable provisional response may have (RFC 3262, Section 3).
const maxFirstRSeq = 1<<31 - 1

// ReliableServer sends the provisional responses to one INVITE reliably (RFC 3262, Section 3): one at a time, repeated until its
// PRACK comes. It is a pure machine: the caller of Step writes and keeps the responses, and does what the actions say, in their
// order. It stands beside the [Session], which it tells when to ring, to answer and to reject.
//
// Use [NewReliableServer]. Not safe for concurrent use.
type ReliableServer struct {
	patience time.Duration
	t1       time.Duration
	deadline time.Time     // when the INVITE is rejected; zero: never
	repeat   time.Time     // when the response is sent again; zero: never
	interval time.Duration // between its last two
	state    ReliableState
	cseq     uint32 // of the INVITE
	rseq     uint32 // of the last response sent, or the one before the first
	pending  bool   // it has no PRACK yet
	count    uint8  // of responses without a PRACK: the one sent last and those that wait behind it
	carries  uint32 // which of these carry a session description: the lowest bit is the one sent last
}

// NewReliableServer returns the machine for an INVITE with the CSeq number cseq. first is the RSeq of the first response, 1 to 2^31-1,
// chosen at random (RFC 3262, Section 3); another number is brought into that range.
func NewReliableServer(cseq, first uint32, t Timing) *ReliableServer {
	t = t.withDefaults()
	if first &= maxFirstRSeq; first == 0 {
		first = 1
	}
	return &ReliableServer{patience: t.patience(), t1: t.T1, cseq: cseq, rseq: first - 1}
}

// State returns the present state.
func (r *ReliableServer) State() ReliableState { return r.state }

// RSeq returns the number that the next response given to Step must bear: one more than the one before, those that wait
// included. What waits is either sent or forgotten together with all behind it, so that no number is left out.
func (r *ReliableServer) RSeq() uint32 {
	next := r.rseq + 1 + uint32(r.count)
	if r.pending {
		next-- // it is counted in both
	}
	return next
}

// Matches reports whether a PRACK with rack acknowledges the response that has none yet (RFC 3262, Section 3).
func (r *ReliableServer) Matches(rack parser.RAck) bool {
	return r.pending && rack.RSeq == r.rseq && rack.CSeq == r.cseq && rack.Method == parser.MethodInvite
}

// Next returns the time at which Step wants a ReliableTimer, the zero time when there is none.
func (r *ReliableServer) Next() time.Time {
	if r.repeat.IsZero() || r.deadline.Before(r.repeat) {
		return r.deadline
	}
	return r.repeat
}

// Step tells r what happened and appends what is to be done to dst. A ReliableTimer that comes early does nothing.
func (r *ReliableServer) Step(dst []ReliableAction, e ReliableEvent, now time.Time) []ReliableAction {
	kind := r.read(e, now)
	if kind == ReliableTimer {
		return dst
	}
	next, todo := stepReliable(r.state, kind)
	r.state = next
	for _, a := range todo {
		if a == reliableNone {
			break
		}
		r.account(a, e, now)
		dst = append(dst, a)
	}
	if next == Finished {
		r.deadline, r.repeat = time.Time{}, time.Time{}
	}
	return dst
}

// read returns what e is in the present state; ReliableTimer is a timer that came early.
func (r *ReliableServer) read(e ReliableEvent, now time.Time) ReliableEventKind {
	switch e.Kind {
	case ReliableProvisional:
		if r.count >= maxReliable {
			return queueFull
		}
	case ReliableSuccess:
		// No 2xx while a session description has no PRACK (RFC 3262, Section 3).
		if r.carries != 0 {
			return successWaits
		}
	case ReliablePrack:
		switch {
		case !r.Matches(e.RAck):
			return prackOther
		case r.state == AnswerWaits && r.carries>>1 != 0, r.state == Unacknowledged && r.count > 1:
			return prackMore
		}
	case ReliableTimer:
		switch {
		case due(r.deadline, now):
			return reliableDeadline
		case due(r.repeat, now):
			return reliableRepeat
		}
	}
	return e.Kind
}

// account keeps the numbers and times that a asks for.
func (r *ReliableServer) account(a ReliableAction, e ReliableEvent, now time.Time) {
	switch a {
	case ReliableSend:
		r.queue(e.Description)
		r.start(now)
	case ReliableQueue:
		r.queue(e.Description)
	case ReliableNext:
		r.start(now)
	case ReliableAgain:
		// The interval starts at T1 and doubles without a limit: a PRACK is repeated by itself, unlike an ACK (RFC 3262, Section 3).
		r.interval *= 2
		r.repeat = now.Add(r.interval)
	case ReliableOK:
		r.count--
		r.carries >>= 1
		r.pending = false
		r.deadline, r.repeat = time.Time{}, time.Time{}
	case ReliableDrop:
		r.count, r.carries = 0, 0
		if r.pending { // its PRACK may still come
			r.count = 1
		}
	}
}

// queue counts one more response that waits for its PRACK.
func (r *ReliableServer) queue(description bool) {
	if description {
		r.carries |= 1 << r.count
	}
	r.count++
}

// start begins the repeats of the response with the next number.
func (r *ReliableServer) start(now time.Time) {
	r.rseq++
	r.pending = true
	r.interval = r.t1
	r.repeat = now.Add(r.interval)
	r.deadline = now.Add(r.patience)
}

// stepReliable is the callee's table: RFC 3262, Section 3. A second response is not sent before the first has its PRACK, nor any other
// before the one before it has, as the RFC recommends.
func stepReliable(s ReliableState, e ReliableEventKind) (ReliableState, reliableActions) {
	switch s {
	case Acknowledged:
		switch e {
		case ReliableProvisional:
			return Unacknowledged, reliableActions{ReliableSend}
		case ReliableSuccess:
			return Finished, reliableActions{ReliableAnswer}
		case ReliableFinal:
			return Finished, reliableActions{}
		}
	case Unacknowledged:
		switch e {
		case ReliableProvisional:
			return s, reliableActions{ReliableQueue}
		case ReliableSuccess:
			return Finished, reliableActions{ReliableDrop, ReliableAnswer}
		case successWaits:
			return AnswerWaits, reliableActions{ReliableHold}
		case ReliablePrack:
			return Acknowledged, reliableActions{ReliableOK}
		}
		return stepPending(s, e)
	case AnswerWaits:
		switch e {
		case ReliableProvisional, ReliableSuccess, successWaits:
			return s, reliableActions{ReliableRefuse}
		case ReliablePrack:
			return Finished, reliableActions{ReliableOK, ReliableDrop, ReliableAnswer}
		}
		return stepPending(s, e)
	case Finished:
		switch e {
		case ReliableProvisional, ReliableSuccess, successWaits:
			return s, reliableActions{ReliableRefuse}
		case ReliablePrack:
			// The final response went ahead of the PRACK, which is answered all the same.
			return s, reliableActions{ReliableOK}
		}
	}
	switch e {
	case prackOther:
		return s, reliableActions{ReliableUnknown}
	case queueFull:
		return s, reliableActions{ReliableRefuse}
	}
	return s, reliableActions{}
}

// stepPending is what Unacknowledged and AnswerWaits have in common.
func stepPending(s ReliableState, e ReliableEventKind) (ReliableState, reliableActions) {
	switch e {
	case ReliableFinal:
		return Finished, reliableActions{ReliableDrop}
	case prackMore:
		return s, reliableActions{ReliableOK, ReliableNext}
	case prackOther:
		return s, reliableActions{ReliableUnknown}
	case queueFull:
		return s, reliableActions{ReliableRefuse}
	case reliableRepeat:
		return s, reliableActions{ReliableAgain}
	case reliableDeadline:
		return Finished, reliableActions{ReliableDrop, ReliableReject}
	}
	return s, reliableActions{}
}
