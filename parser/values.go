package parser

import "math"

// maxSeconds is the longest time that an accessor returns, 2^32-1 seconds where int can hold it: an Expires beyond it
// is that long (RFC 3261, Section 20.19).
const maxSeconds = min(math.MaxUint32, math.MaxInt)

// RequestURI returns the Request-URI of a request. One with header components is malformed (RFC 3261, Section
// 19.1.1, Table 1): they must never become header fields. The error is an [Error].
func (m *Message) RequestURI() (u URI, _ error) {
	if _, err := m.readRequestURI(&u); err != 0 {
		return URI{}, err
	}
	return u, nil
}

func (m *Message) readRequestURI(u *URI) (n int, err Error) {
	if m.seen.hasURI {
		*u = URI{m.uri.of(m.b), m.seen.uri}
		return 0, 0
	}
	b := m.uri.in(m.b)
	if len(b) == 0 {
		return 0, ErrAbsent
	}
	n, err = u.parse(b)
	switch {
	case err == errURILong:
		err = errRequestURILong
	case err == 0 && u.headers > 0:
		n, err = int(u.headers)-1, errRequestURIHeaders
	}
	return n, err
}

// CallID returns the Call-ID, nil when absent. Its octets are compared as they are (RFC 3261, Section 20.8).
func (m *Message) CallID() []byte { return m.Raw(HeaderCallID) }

// checkCallID checks word [ "@" word ] and returns where a fault is.
func checkCallID(b []byte) (n int, err Error) {
	if len(b) == 0 {
		return 0, errEmpty
	}
	if len(b) < quickMax {
		var k marks
		k.read(b)
		i, low, high := pop(k.odd[0], k.odd[1])
		at := i
		if i > 0 && i < len(b) && b[i] == '@' {
			i, _, _ = pop(low, high)
		}
		if i == len(b) && (i == at || i > at+1) {
			return 0, 0
		}
	}
	w := window{b: b}
	i := w.run(0, word)
	if i == 0 {
		return 0, errCallID
	}
	if i == len(b) {
		return 0, 0
	}
	if b[i] != '@' {
		return i, errCallID
	}
	if n = w.run(i+1, word); n == i+1 || n < len(b) {
		return n, errCallID
	}
	return 0, 0
}

// MaxForwards returns the Max-Forwards value; one above 255 is 255 (RFC 3261, Section 20.22). The error is an [Error].
func (m *Message) MaxForwards() (int, error) { return m.number(HeaderMaxForwards, math.MaxUint8) }

// ContentLength returns the Content-Length value; one above 2^31-1 is that. The error is an [Error].
func (m *Message) ContentLength() (int, error) { return m.number(HeaderContentLength, math.MaxInt32) }

// Expires returns the Expires value in seconds; one above 2^32-1 is that. The error is an [Error].
func (m *Message) Expires() (int, error) { return m.number(HeaderExpires, maxSeconds) }

// Number returns the value of a header that is a number of digits, as Min-Expires, RSeq or Flow-Timer; one above
// 2^32-1 is that. The error is an [Error].
func (m *Message) Number(h Header) (int, error) { return m.number(h, maxSeconds) }

func (m *Message) number(h Header, limit uint64) (int, error) {
	i, ok := m.first(h)
	if !ok {
		return 0, ErrAbsent
	}
	n, _, ok := digitsOf(m.at(i).value.of(m.b), limit)
	if !ok {
		return 0, errNumber
	}
	return int(n), nil
}
