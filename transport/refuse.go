package transport

import (
	"errors"
	"hash/maphash"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// refusal is what a request is answered with by the layer itself.
type refusal struct {
	status parser.Status
	reason string // names the element at fault (RFC 3261, Section 21.4.1), and is left out where there is no room
}

// refuse answers the request b statelessly if an answer is due: not to an ACK or a response, not without Via, over
// datagrams not more often than buckets allows, and not with more octets than one and a half times b's.
func (in *inbox) refuse(h *Hop, b []byte, r refusal) {
	l, m := in.l, in.m
	switch {
	case !m.IsRequest() || !m.Has(parser.HeaderVia) || !h.to.IsValid():
		return // nobody to answer; a response least of all (RFC 3261, Section 18.3)
	case m.Method() == parser.MethodAck:
		return // RFC 3261, Section 17: there is no response to ACK
	}
	limit := maxAnswer
	if !h.Reliable() {
		source := h.flow.remote.Addr()
		if !l.trusted(source) && !l.refusals.take(source, time.Now()) {
			return
		}
		limit = len(b) * 3 / 2
	}
	w, ok := in.answer(b, r, limit)
	if !ok {
		return
	}
	l.counts.refused.Add(1)
	if h.flow.stream != nil {
		_ = h.flow.Send(w) // an answer to nonsense is not worth a connection of its own
		return
	}
	_ = h.Send(w)
}

// maxAnswer bounds an answer on a stream, where its receiver asked for it.
const maxAnswer = 1 << 16

// answer returns the response to b that has at most limit octets.
func (in *inbox) answer(b []byte, r refusal, limit int) (parser.Wire, bool) {
	for _, reason := range [...]string{r.reason, ""} {
		var builder parser.Builder
		builder.Reset(nil)
		builder.Response(in.m, r.status, reason, in.l.tag(b))
		if w, err := builder.Wire(); err == nil && w.Len() <= limit {
			return w, true
		}
	}
	return parser.Wire{}, false
}

// answerStatus returns the status that answers err.
func answerStatus(err error) parser.Status {
	var e parser.Error
	if errors.As(err, &e) && e.Status() != 0 {
		return e.Status()
	}
	return parser.StatusBadRequest
}

// tag returns the To tag for answers to b: a stateless server gives the same one to a retransmission
// (RFC 3261, Section 8.2.7).
func (l *Layer) tag(b []byte) string {
	return strconv.FormatUint(maphash.Bytes(l.seed, b), 36)
}
