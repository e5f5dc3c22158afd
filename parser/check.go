package parser

// Check reports whether m may be handed to a transaction. Start line, Via, From, To, Call-ID, CSeq, Max-Forwards,
// Contact and Expires are well formed, every value of them, the mandatory ones are there, and the method of CSeq is
// the request's (RFC 3261, Sections 8.1.1 and 8.2; RFC 4475). The tag of From and Max-Forwards may be missing: RFC
// 2543 knew neither. An unknown method, URI scheme, header or body type is no fault, nor a number too large in Expires
// or Max-Forwards; any other header is read when it is asked for. After Check returned nil, the accessors of what it
// checked do not fail, and Request-URI, topmost Via, From, To and CSeq are not read again.
//
// The error is an [Error], that of Parse when Parse failed; [Message.Fault] says where it is. Check takes time in
// proportion to the message and does not allocate.
func (m *Message) Check() error {
	if m.fault.Err == 0 && !m.checked {
		m.check()
		m.checked = true
	}
	return m.fault.Err.orNil()
}

// check looks for the first fault, in the order in which a reader of the message would want to know.
func (m *Message) check() {
	if m.request {
		var u URI
		if n, err := m.readRequestURI(&u); err != 0 {
			m.fail(err, HeaderUnknown, int(m.uri.off)+n)
			return
		}
		m.seen.uri, m.seen.hasURI = u.uriParts, true
	}
	switch {
	case !m.checkVias(),
		!m.checkAddress(HeaderFrom),
		!m.checkAddress(HeaderTo),
		!m.checkCallID(),
		!m.checkCSeq(),
		!m.checkNumber(HeaderMaxForwards),
		!m.checkNumber(HeaderExpires):
	default:
		m.checkContacts()
	}
}

// absent records that a mandatory field is missing: where the header section ends without it.
func (m *Message) absent(h Header) bool {
	m.fail(ErrAbsent, h, m.blank())
	return false
}

// blank returns the offset of the blank line.
func (m *Message) blank() int {
	i := m.body - 1
	if i > 0 && m.b[i-1] == '\r' {
		i--
	}
	return i
}

func (m *Message) checkVias() bool {
	i, ok := m.first(HeaderVia)
	if !ok {
		return m.absent(HeaderVia)
	}
	for count := 0; ok; i, ok = m.after(HeaderVia, i) {
		field := m.at(i).value
		b := field.in(m.b)
		for p, more := 0, true; more; p++ { // the comma
			p = skipLWS(b, p)
			if count++; count > MaxVias {
				m.fail(errViasMany, HeaderVia, int(field.off)+p)
				return false
			}
			var v Via
			n, err := v.parse(b[p:])
			p += n
			if err != 0 {
				m.fail(err, HeaderVia, int(field.off)+p)
				return false
			}
			if count == 1 {
				m.seen.noteVia(&v, int(field.off)+p-n)
			}
			more = p < len(b)
		}
	}
	return true
}

func (m *Message) checkAddress(h Header) bool {
	i, ok := m.first(h)
	if !ok {
		return m.absent(h)
	}
	field := m.at(i).value
	b := field.in(m.b)
	var a NameAddr
	n, err := a.parse(b, h)
	if err == 0 && n < len(b) {
		err = errTrailing
	}
	if err != 0 {
		m.fail(err, h, int(field.off)+n)
		return false
	}
	m.seen.address(h).note(&a, int(field.off))
	return true
}

func (m *Message) checkContacts() {
	count, wildcard := 0, false
	for i, ok := m.first(HeaderContact); ok; i, ok = m.after(HeaderContact, i) {
		field := m.at(i).value
		b := field.in(m.b)
		for p, more := 0, true; more; p++ { // the comma
			p = skipLWS(b, p)
			var a NameAddr
			n, err := a.parse(b[p:], HeaderContact)
			count++
			wildcard = wildcard || a.wildcard
			if err == 0 && wildcard && count > 1 {
				n, err = 0, errWildcard
			}
			p += n
			if err != 0 {
				m.fail(err, HeaderContact, int(field.off)+p)
				return
			}
			more = p < len(b)
		}
	}
}

func (m *Message) checkCallID() bool {
	i, ok := m.first(HeaderCallID)
	if !ok {
		return m.absent(HeaderCallID)
	}
	v := m.at(i).value
	if n, err := checkCallID(v.in(m.b)); err != 0 {
		m.fail(err, HeaderCallID, int(v.off)+n)
		return false
	}
	return true
}

// checkCSeq also compares the method. For a method that nobody here knows 501 says more than 400
// (RFC 4475, Section 3.1.2.18).
func (m *Message) checkCSeq() bool {
	i, ok := m.first(HeaderCSeq)
	if !ok {
		return m.absent(HeaderCSeq)
	}
	v := m.at(i).value
	c, n, err := parseCSeq(v.of(m.b))
	if err == 0 && m.request && string(c.Name) != string(m.method.of(m.b)) {
		n, err = int(v.len)-len(c.Name), errCSeqOther
		if m.known == MethodUnknown {
			err = errCSeqUnknown
		}
	}
	if err != 0 {
		m.fail(err, HeaderCSeq, int(v.off)+n)
		return false
	}
	m.seen.cseq = seenCSeq{spanOf(v.end()-len(c.Name), v.end()), c.Number, c.Method}
	return true
}

func (m *Message) checkNumber(h Header) bool {
	i, ok := m.first(h)
	if !ok {
		return true
	}
	v := m.at(i).value
	if _, _, ok := digitsOf(v.of(m.b), 1); !ok {
		m.fail(errNumber, h, int(v.off))
		return false
	}
	return true
}
