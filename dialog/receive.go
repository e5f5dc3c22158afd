package dialog

import "github.com/ringback-sip/ringback/parser"

// Receive judges the order of req, a request that belongs to d, and returns 0 when it may be handled or the status to answer it
// with: 500 for a CSeq number that is not higher than the last (RFC 3261, Section 12.2.2). Gaps are no error. The number counts
// whatever becomes of req. ACK and CANCEL, whose numbers are those of their INVITE, are exempt.
//
// Section 12.2.2 is silent on an equal number that is no retransmission; it is out of order like a lower one.
func (d *Dialog) Receive(req *parser.Message) parser.Status {
	switch req.Method() {
	case parser.MethodAck, parser.MethodCancel:
		return 0
	}
	seq, err := req.CSeq()
	if err != nil {
		return parser.StatusBadRequest
	}
	if d.hasRemote && seq.Number <= d.remoteSeq {
		return parser.StatusServerInternalError
	}
	d.hasRemote = true
	d.remoteSeq = seq.Number
	return 0
}

// Acknowledges reports whether ack is the ACK to a 2xx to the INVITE that made d: only that one
// stops the repeats of the 2xx (RFC 3261, Section 13.3.1.4).
func (d *Dialog) Acknowledges(ack *parser.Message) bool {
	seq, err := ack.CSeq()
	return err == nil && ack.Method() == parser.MethodAck && seq.Number == d.invite
}
