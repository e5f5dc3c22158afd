package transport

import (
	"hash/maphash"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// refusal is what a request is answered with by the layer itself.
type refusal struct {
	status parser.Status
	reason string // "": the message's Fault, which names the element (RFC 3261, Section 21.4.1)
}

// refuse answers the request b statelessly if an answer is due: not to an ACK or a response, not without Via, over
// datagrams not more often than buckets allows, and not with more octets than one and a half times b's.
func (in *inbox) refuse(h *Hop, b []byte, r refusal) {
	l, m := in.l, in.m
	switch {
	case !m.IsRequest() || m.Method() == parser.MethodAck:
		return // RFC 3261, Sections 18.3 and 17
	case !m.Has(parser.HeaderVia) || !h.to.IsValid():
		return // no way back
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

// answer returns the response to b that has at most limit octets: with r's reason, with that of the status, with none
// and compact names.
func (in *inbox) answer(b []byte, r refusal, limit int) (parser.Wire, bool) {
	tag := in.l.tag(b)
	if r.reason == "" {
		r.reason = in.m.Fault().String()
	}
	for _, write := range [...]func(*parser.Builder){
		func(builder *parser.Builder) { builder.Response(in.m, r.status, r.reason, tag) },
		func(builder *parser.Builder) { builder.Response(in.m, r.status, "", tag) },
		func(builder *parser.Builder) { builder.MinimalResponse(in.m, r.status, tag) },
	} {
		var builder parser.Builder
		builder.Reset(make([]byte, 0, len(b)))
		write(&builder)
		if w, err := builder.Wire(); err == nil && w.Len() <= limit {
			return w, true
		}
	}
	return parser.Wire{}, false
}

// tag returns the To tag for answers to b: a stateless server gives the same one to a retransmission
// (RFC 3261, Section 8.2.7).
func (l *Layer) tag(b []byte) string {
	return strconv.FormatUint(maphash.Bytes(l.seed, b), 36)
}
