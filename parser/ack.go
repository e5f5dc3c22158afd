package parser

// Ack writes an ACK to a final response of 300-699 up to and including its last header (RFC 3261, Section 17.1.1.3).
// invite is the request as sent, resp the response: Request-URI, Call-ID, From, CSeq number, top Via, Route and
// credentials of the one, To of the other.
func (b *Builder) Ack(invite, resp *Message) { b.follow(MethodAck, invite, resp) }

// Cancel writes a CANCEL for invite, the request as sent, up to and including its last header (RFC 3261, Section 9.1).
func (b *Builder) Cancel(invite *Message) { b.follow(MethodCancel, invite, invite) }

// follow writes a request of method m that goes the way of invite, with the To of another message.
func (b *Builder) follow(m Method, invite, to *Message) {
	via, err := invite.Via()
	if err != nil {
		b.fail(errProtocol)
	}
	cseq, err := invite.CSeq()
	if err != nil {
		b.fail(errCSeqMethod)
	}
	uri, err := invite.RequestURI()
	if err != nil {
		b.fail(errAbsentURI)
	}
	b.Request(m, uri)
	b.copyField(HeaderVia, via.raw)
	b.copyAll(invite, HeaderRoute)
	b.Int(HeaderMaxForwards, 70)
	b.copyFirst(invite, HeaderFrom)
	b.copyFirst(to, HeaderTo)
	b.copyFirst(invite, HeaderCallID)
	b.CSeq(cseq.Number, m)
	if m == MethodAck {
		b.copyAll(invite, HeaderAuthorization)
		b.copyAll(invite, HeaderProxyAuthorization)
	}
}
