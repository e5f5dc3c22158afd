package parser

// Message is a parsed request or response. It is read only: a [Builder] writes messages.
//
// A Message refers to the bytes given to Parse. It, and every slice it returns, is valid until those bytes change
// or Parse is called again; use Clone to keep it. The zero Message is ready for Parse, and reusing one saves the
// allocation that a message of more than 24 header fields costs. A Message may be read by several goroutines at
// once: Parse, Check and SetReceived change it, everything else only reads. It must not be copied by assignment when it has more than 24 fields.
type Message struct {
	b []byte // up to the end of the body

	spill   []field // fields beyond the inline ones
	inline  [inlineFields]field
	count   uint16             // of fields
	present [2]uint64          // a bit for each Header
	last    [headerCount]uint8 // the last field of each Header that is present; its next is the first

	line    span // the start line without its line end
	method  span // request: the method
	uri     span // request: the Request-URI
	reason  span // response: the reason phrase
	status  Status
	known   Method
	request bool
	checked bool

	body  int // offset of the body
	fault Fault
	seen  seen

	received    [45]byte // the longest textual IP address
	receivedLen uint8    // 0: SetReceived was not called
	rport       uint16
}

// field is one header field: what a name and a value span, and the next field of the same Header.
type field struct {
	name, value span
	id          Header
	next        uint8
}

// at returns field i.
func (m *Message) at(i uint8) *field {
	if int(i) < inlineFields {
		return &m.inline[i]
	}
	return &m.spill[int(i)-inlineFields]
}

// add appends a field and chains it to those of the same Header.
func (m *Message) add(name, value span, id Header) {
	i := uint8(m.count) // count < MaxFields: the caller has looked
	next := i
	if m.Has(id) {
		tail := m.at(m.last[id])
		next, tail.next = tail.next, i
	} else {
		m.present[id>>6] |= 1 << (id & 63)
	}
	m.last[id] = i
	m.count++
	if int(i) < inlineFields {
		f := &m.inline[i]
		f.name, f.value, f.id, f.next = name, value, id, next
		return
	}
	if m.spill == nil {
		m.spill = make([]field, 0, MaxFields-inlineFields)
	}
	m.spill = append(m.spill, field{name, value, id, next})
}

// first returns the first field of h.
func (m *Message) first(h Header) (i uint8, ok bool) {
	if !m.Has(h) {
		return 0, false
	}
	return m.at(m.last[h]).next, true
}

// after returns the field of h that follows field i.
func (m *Message) after(h Header, i uint8) (next uint8, ok bool) {
	if i == m.last[h] {
		return 0, false
	}
	return m.at(i).next, true
}

// fail records the first fault. Parse goes on after it, so that an answer finds what it has to copy.
func (m *Message) fail(e Error, h Header, offset int) {
	if m.fault.Err == 0 {
		m.fault = Fault{Err: e, Header: h, Offset: offset}
	}
}

// Fault returns what the last failed Parse or Check found, the zero Fault when there is none.
func (m *Message) Fault() Fault { return m.fault }

// FaultStatus returns the status to answer m with when Parse or Check refused it: that of its Fault, or 0 when m is
// to be dropped: a response, an ACK, which is never answered (RFC 3261, Section 17), and a request without any Via,
// which names no way back. It is 0 as well when there is no fault.
func (m *Message) FaultStatus() Status {
	if m.fault.Err == 0 || !m.request || m.known == MethodAck || !m.Has(HeaderVia) {
		return 0
	}
	return m.fault.Err.Status()
}

// Bytes returns the message as received, cut at Content-Length.
func (m *Message) Bytes() []byte { return m.b[:len(m.b):len(m.b)] }

// Body returns the octets after the header section, cut at Content-Length. It is empty when Parse failed before it.
func (m *Message) Body() []byte { return m.b[m.body:len(m.b):len(m.b)] }

// IsRequest reports whether m is a request. What starts with anything but "SIP/" counts as one.
func (m *Message) IsRequest() bool { return m.request }

// Method returns the method, in a response that of CSeq; MethodUnknown when it has no constant.
func (m *Message) Method() Method {
	if m.request {
		return m.known
	}
	c, err := m.CSeq()
	if err != nil {
		return MethodUnknown
	}
	return c.Method
}

// MethodName returns the method's spelling, in a response that of CSeq; nil when there is none.
func (m *Message) MethodName() []byte {
	if m.request {
		return m.method.of(m.b)
	}
	c, err := m.CSeq()
	if err != nil {
		return nil
	}
	return c.Name
}

// Status returns the status code of a response, 0 in a request.
func (m *Message) Status() Status { return m.status }

// Reason returns the reason phrase of a response, which may be empty.
func (m *Message) Reason() []byte { return m.reason.of(m.b) }

// StartLine returns the start line without its line end.
func (m *Message) StartLine() []byte { return m.line.of(m.b) }

// SetReceived records where the request came from. Via().Received and .RPort, and the top Via of every response
// built from m, say so from now on: `received` is addr (no brackets; what follows a '%' is a zone and left out), and
// a `rport` that was there is port (RFC 3261, Section 18.2.1; RFC 3581, Section 4). What the sender wrote there is
// overwritten. m is the only thing that changes; the bytes given to Parse do not. Clone keeps it.
func (m *Message) SetReceived(addr []byte, port uint16) {
	n := 0
	for n < len(addr) && addr[n] != '%' {
		n++
	}
	if n > len(m.received) {
		panic("parser: SetReceived: address of more than 45 octets")
	}
	m.receivedLen = uint8(copy(m.received[:], addr[:n]))
	m.rport = port
}
