package dialog

import "github.com/ringback-sip/ringback/parser"

// Via is what stands in the Via of a request: the transport's name, sent-by (host or host:port) and the branch.
// There is a new one for each try (RFC 3261, Section 8.1.2).
type Via struct{ Transport, SentBy, Branch string }

// NextSeq returns the CSeq number of the next request that we send in the dialog: each takes one, a retry with
// credentials too; ACK and CANCEL use the number of their INVITE (RFC 3261, Section 12.2.1.1). A callee's first is 1,
// far below the limit of 2^31 (Section 8.1.1.5) and independent of the peer's.
func (d *Dialog) NextSeq() uint32 {
	d.hasLocal = true
	d.localSeq++
	return d.localSeq
}

// LocalSeq returns the CSeq number of the last request that we sent in the dialog, 0 when there was none.
func (d *Dialog) LocalSeq() uint32 { return d.localSeq }

// NextHop returns the URI to which the procedures of RFC 3263 are applied to find where a request of the dialog goes: that of the
// first route, or the Request-URI when there is no route or when the first is a strict router; as a
// SIPS URI whenever the Request-URI is one (RFC 3261, Section 8.1.2). It is read only.
func (d *Dialog) NextHop() parser.URI {
	switch {
	case len(d.route.values) == 0:
		return d.target
	case !d.route.strict && d.target.IsSIPS():
		return secured(d.route.first)
	}
	return d.route.first
}

// Write writes a request of the dialog: request line, Via, Route, Max-Forwards, From, To, Call-ID and CSeq
// (RFC 3261, Section 12.2.1.1). What else it needs, Contact and body first of all, follows. seq is from NextSeq; an ACK has that of
// its INVITE. Errors stay in b. Write changes nothing in d and does not allocate.
func (d *Dialog) Write(b *parser.Builder, m parser.Method, seq uint32, via Via) {
	r := &d.route
	if r.strict {
		// A strict router replaces the Request-URI with the first Route, so the target travels as the last one. What of the
		// first route no Request-URI may have, the Builder leaves out.
		b.Request(m, r.first)
		b.Via(via.Transport, via.SentBy, via.Branch)
		if r.rest < len(r.values) {
			b.HeaderBytes(parser.HeaderRoute, r.values[r.rest:])
		}
		b.Address(parser.HeaderRoute, "", d.target, "")
	} else {
		b.Request(m, d.target)
		b.Via(via.Transport, via.SentBy, via.Branch)
		if len(r.values) > 0 {
			b.HeaderBytes(parser.HeaderRoute, r.values)
		}
	}
	b.Int(parser.HeaderMaxForwards, 70)
	// The URIs of From and To are those of the first request, for peers that compare them (RFC 2543); a null tag is omitted.
	b.Address(parser.HeaderFrom, "", d.local, d.localTag)
	b.Address(parser.HeaderTo, "", d.remote, d.remoteTag)
	b.Header(parser.HeaderCallID, d.id.CallID)
	b.CSeq(seq, m)
}
