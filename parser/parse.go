package parser

import (
	"bytes"
	"math"
	"math/bits"
)

// Parse reads b, which it keeps, as one message in a datagram: it finds the header fields, checks that single ones
// are single, and cuts the body at Content-Length (RFC 3261, Section 18.3). What is in the fields is read when it is
// asked for, or by Check. A message cut from a stream by a [Framer] is read the same way.
//
// The error is an [Error]; [Message.Fault] says where it is. After an error, whatever could be read can be asked for,
// so that [Builder.Response] can answer. Parse takes time in proportion to len(b) and does not allocate, but for the
// 25th header field that a Message meets in its life.
func (m *Message) Parse(b []byte) error {
	b = b[:len(b):len(b)]
	m.reset(b)
	head := b[:min(len(b), MaxHead)]
	l := lines{b: head, base: -64}
	i := m.parseStartLine(&l)
	for i >= 0 && i < len(head) {
		if end, ok := blankLine(head, i); ok {
			m.body = end
			m.frame(b)
			return m.fault.Err.orNil()
		}
		i = m.parseField(&l, i)
	}
	m.body = len(b)
	switch {
	case len(b) == 0:
		m.fail(errEmptyMessage, HeaderUnknown, 0)
	case len(b) > len(head):
		m.fail(errHeadLarge, HeaderUnknown, len(head))
	default:
		m.fail(errNoBlankLine, HeaderUnknown, len(b))
	}
	return m.fault.Err.orNil()
}

func (m *Message) reset(b []byte) {
	m.b = b
	m.spill = m.spill[:0]
	m.count = 0
	m.present = [2]uint64{}
	m.line, m.method, m.uri, m.reason = span{}, span{}, span{}, span{}
	m.status, m.known = 0, MethodUnknown
	m.request, m.checked = true, false
	m.body = 0
	m.fault = Fault{}
	m.seen.forget()
	m.receivedLen, m.rport = 0, 0
}

// blankLine reports whether b[i] is at an empty line, and where what follows it starts.
func blankLine(b []byte, i int) (end int, ok bool) {
	switch {
	case b[i] == '\r' && i+1 < len(b) && b[i+1] == '\n':
		return i + 2, true
	case b[i] == '\n':
		return i + 1, true
	}
	return i, false
}

// parseStartLine reads the start line and returns where the header fields start, -1 when the line has no end.
func (m *Message) parseStartLine(l *lines) int {
	b := l.b
	end, next, control := l.lineEnd(0)
	m.line = spanOf(0, end)
	if control >= 0 {
		m.fail(errControl, HeaderUnknown, control)
	}
	if end > MaxLine {
		m.fail(errLineLong, HeaderUnknown, MaxLine)
	}
	// "SIP/" cannot start a method: '/' is no token character. The version is compared without case
	// (RFC 3261, Section 7.1).
	if end >= 4 && EqualFold(b[:4], "SIP/") {
		m.request = false
		m.parseStatusLine(b[:end])
	} else if end > 0 {
		m.parseRequestLine(b[:end])
	} else if next >= 0 {
		m.fail(errRequestLine, HeaderUnknown, 0)
	}
	return next
}

// parseRequestLine splits Method SP Request-URI SP SIP-Version, with exactly one SP at either place and none
// elsewhere (RFC 3261, Section 7.1). Of a line with more it reads what can only be meant, for the answer.
func (m *Message) parseRequestLine(b []byte) {
	i := run(b, 0, token)
	m.method = spanOf(0, i)
	m.known = ParseMethod(b[:i])
	if i == 0 || i == len(b) || b[i] != ' ' {
		m.fail(errMethod, HeaderUnknown, i)
		return
	}
	last := len(b) - len(" SIP/2.0")
	if last < i || string(b[last:]) != " SIP/2.0" {
		for last = len(b) - 1; b[last] != ' '; {
			last--
		}
	}
	if last == i {
		m.uri = spanOf(i+1, len(b))
		m.fail(errNoVersion, HeaderUnknown, len(b))
		return
	}
	m.uri = spanOf(i+1, last)
	if j := bytes.IndexByte(b[i+1:last], ' '); j >= 0 {
		m.fail(errRequestURIBlank, HeaderUnknown, i+1+j)
		return
	}
	if last == i+1 {
		m.fail(errRequestURIBlank, HeaderUnknown, last)
		return
	}
	if last-i-1 > MaxURI {
		m.fail(errRequestURILong, HeaderUnknown, i+1+MaxURI)
	}
	version := b[last+1:]
	switch {
	case EqualFold(version, "SIP/2.0"):
	case isVersion(version):
		m.fail(errVersion, HeaderUnknown, last+1)
	default:
		m.fail(errNoVersion, HeaderUnknown, last+1)
	}
}

// isVersion reports whether b has the form of a SIP-Version.
func isVersion(b []byte) bool {
	if len(b) < 4 || !EqualFold(b[:4], "SIP/") {
		return false
	}
	major := run(b, 4, digit)
	if major == 4 || major == len(b) || b[major] != '.' {
		return false
	}
	minor := run(b, major+1, digit)
	return minor > major+1 && minor == len(b)
}

// parseStatusLine splits SIP-Version SP Status-Code SP Reason-Phrase. The SP before an empty reason phrase is
// often missing and is not missed here (RFC 3261, Section 7.2).
func (m *Message) parseStatusLine(b []byte) {
	i := 0
	for i < len(b) && b[i] != ' ' {
		i++
	}
	switch {
	case EqualFold(b[:i], "SIP/2.0"):
	case isVersion(b[:i]):
		m.fail(errVersion, HeaderUnknown, 0)
	default:
		m.fail(errStatusLine, HeaderUnknown, 0)
	}
	if i == len(b) {
		m.fail(errStatusLine, HeaderUnknown, i)
		return
	}
	i++
	end := run(b, i, digit)
	if end-i != 3 || b[i] < '1' || b[i] > '6' || (end < len(b) && b[end] != ' ') {
		m.fail(errStatusCode, HeaderUnknown, i)
		return
	}
	m.status = Status(b[i]-'0')*100 + Status(b[i+1]-'0')*10 + Status(b[i+2]-'0')
	if end < len(b) {
		m.reason = spanOf(end+1, len(b))
	}
}

// parseField reads the header field at b[i], its folds included, and returns where the next one starts, -1 when it
// has no end: such a field was cut and is not kept.
func (m *Message) parseField(l *lines, i int) int {
	b := l.b
	// A name that most messages have, right before its colon, needs no closer look.
	colons := l.colon >> uint(i-l.base)
	if colons == 0 {
		l.read(i)
		colons = l.colon
	}
	colon := i + bits.TrailingZeros64(colons)
	nameEnd, id, ok := colon, HeaderUnknown, colons != 0 && colon < len(b)
	if ok {
		if id = commonHeader(b[i:colon]); id == HeaderUnknown {
			id, nameEnd, ok = otherName(b, i, colon)
		}
	}
	if !ok {
		id, nameEnd, colon, ok = fieldName(b, i)
	}
	end := 0
	if controls := l.control >> uint(colon-l.base); controls != 0 {
		end = colon + bits.TrailingZeros64(controls)
	} else {
		end = l.nextRead(colon)
	}
	next := end + 2
	for next < len(b) && isBlank(b[next]) && b[end] == '\r' && b[end+1] == '\n' { // a fold
		if controls := l.control >> uint(next+1-l.base); controls != 0 {
			end = next + 1 + bits.TrailingZeros64(controls)
		} else {
			end = l.nextRead(next + 1)
		}
		next = end + 2
	}
	if next >= len(b) || b[end] != '\r' || b[end+1] != '\n' || !ok {
		if next = m.parseLines(l, i, id, colon, ok); next < 0 || !ok {
			return next
		}
		end = next - 1 // behind the last line is its LF, and a CR that may be missing
		if b[end-1] == '\r' {
			end--
		}
	}
	if end-i > MaxLine {
		m.fail(errLineLong, id, i+MaxLine)
	}
	if m.count == MaxFields {
		m.fail(errFieldsMany, HeaderUnknown, i)
		return next
	}
	if id != HeaderUnknown && headers[id].kind == single && m.Has(id) {
		m.fail(errTwice, id, i)
	}
	from, to := colon+1, end
	for has(b, from) && b[from] == ' ' { // up to the line's end at most
		from++
	}
	if from == to || b[from] < ' ' || b[to-1] <= ' ' {
		from, to = trimLWS(b, from, to)
	}
	// A field that is not the first of its header is chained to it.
	n := uint8(m.count) // below MaxFields
	word, bit := &m.present[id>>6], uint64(1)<<(id&63)
	if int(n) >= inlineFields || *word&bit != 0 {
		m.add(spanOf(i, nameEnd), spanOf(from, to), id)
		return next
	}
	*word |= bit
	m.last[id] = n
	m.count++
	f := &m.inline[n]
	f.name, f.value, f.id, f.next = spanOf(i, nameEnd), spanOf(from, to), id, n
	return next
}

// parseLines finds the end of a field that is not one line without control octets, and returns where the next one
// starts, -1 when it has no end.
func (m *Message) parseLines(l *lines, i int, id Header, colon int, ok bool) (next int) {
	b := l.b
	end, next, control := l.lineEnd(colon)
	for next >= 0 && next < len(b) && isBlank(b[next]) {
		var c int
		end, next, c = l.lineEnd(next)
		if control < 0 {
			control = c
		}
	}
	switch {
	case next < 0:
	case ok:
		if control >= 0 {
			if c := strayControl(b[colon+1 : end]); c >= 0 {
				m.fail(errControl, id, colon+1+c)
			}
		}
	case isBlank(b[i]):
		m.fail(errLeadingFold, HeaderUnknown, i)
	default:
		m.fail(errFieldName, HeaderUnknown, colon)
	}
	return next
}

// frame cuts the body at Content-Length. Octets behind it do not belong to the message; one that promises more than
// there is, or that is not a number, is malformed (RFC 3261, Section 18.3).
func (m *Message) frame(b []byte) {
	i, ok := m.first(HeaderContentLength)
	if !ok {
		return
	}
	v := m.at(i).value
	n, large, ok := digitsOf(v.of(b), math.MaxInt32)
	switch {
	case !ok:
		m.fail(errLength, HeaderContentLength, int(v.off))
	case large || int(n) > len(b)-m.body:
		m.fail(errLengthBeyond, HeaderContentLength, int(v.off))
	default:
		m.b = b[:m.body+int(n)]
	}
}
