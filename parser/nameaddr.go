package parser

import (
	"bytes"
	"iter"
)

// NameAddr is a parsed From, To, Contact, Route, Record-Route ... value: a name-addr or addr-spec with parameters
// (RFC 3261, Section 20.10). It refers to the bytes it was parsed from.
type NameAddr struct {
	raw []byte
	uri URI
	nameAddrParts
}

// nameAddrParts is where the parts of a NameAddr are in it.
type nameAddrParts struct {
	uriAt    span
	display  span
	tag      span
	params   uint16 // offset of the first semicolon, 0: none
	wildcard bool
}

// ParseNameAddr parses one value, which it keeps. The error is an [Error].
func ParseNameAddr(b []byte) (NameAddr, error) {
	from, to := trimLWS(b, 0, len(b))
	var a NameAddr
	n, err := a.parse(b[from:to:len(b)], HeaderUnknown)
	if err == 0 && n < to-from {
		err = errTrailing
	}
	if err != 0 {
		return NameAddr{}, err
	}
	return a, nil
}

// parse reads the value of h at the start of b into a, which is zero, up to a comma or the end. It returns how much of
// b came before that, or where the fault is.
func (a *NameAddr) parse(b []byte, h Header) (n int, err Error) {
	if n, ok := a.quick(b, h); ok {
		return n, 0
	}
	*a = NameAddr{}
	return a.read(b, h)
}

// read is parse for a value in any form.
func (a *NameAddr) read(b []byte, h Header) (n int, err Error) {
	if len(b) > maxValue {
		return maxValue, errValueLong
	}
	i, bracketed, err := a.scanDisplay(b)
	if err != 0 {
		return i, err
	}
	if a.wildcard = isWildcard(b, i, h); a.wildcard {
		a.raw = b[:1:1]
		return len(b), 0
	}
	w := window{b: b}
	end := 0
	switch {
	case bracketed && i > 0 && isInfo(h):
		return 0, errDisplayName
	case bracketed:
		end, err = a.uri.read(&w, i+1)
		if err != 0 || end == len(b) || b[end] != '>' {
			return bracketFault(b, i)
		}
		a.uriAt = spanOf(i+1, end)
		a.uri.raw = a.uriAt.of(b)
		end++
	case needsBrackets(h):
		return i, errNoBracket
	default:
		if end, err = bareURI(b, i); err != 0 {
			return end, err
		}
		a.uriAt = spanOf(i, end)
		if n, err = a.uri.parse(a.uriAt.of(b)); err != 0 {
			return i + n, err
		}
	}
	ps := params{end: end}
	for {
		p, ok, err := ps.next(&w)
		if err != 0 {
			return ps.at, err
		}
		if !ok {
			break
		}
		if p.key == keyTag {
			if h != HeaderContact && (!p.valued || w.run(int(p.value.off), token) < p.value.end()) {
				return int(p.name.off), errTag
			}
			a.tag = p.value
		}
	}
	a.params = uint16(ps.first) // below maxValue
	a.raw = b[:ps.end:ps.end]
	return ps.at, 0
}

// bracketFault returns what is wrong with the URI behind the bracket b[i], and where.
func bracketFault(b []byte, i int) (int, Error) {
	k := bytes.IndexByte(b[i+1:], '>')
	if k < 0 {
		return i, errOpenBracket
	}
	var u URI
	n, err := u.parse(b[i+1 : i+1+k])
	return i + 1 + n, err
}

// scanDisplay reads the display name, if there is one, and returns where the URI starts: at its bracket, or, when
// there is none, at its first letter. A display name is a quoted string or tokens; no blank needs to stand before the
// bracket (RFC 4475, Section 3.1.1.6). Octets above 0x7F are tolerated in tokens: many a phone leaves the quotes out round a
// name in UTF-8.
func (a *NameAddr) scanDisplay(b []byte) (i int, bracketed bool, err Error) {
	if len(b) == 0 {
		return 0, false, errEmpty
	}
	switch b[0] {
	case '<':
		return 0, true, 0
	case ',', ';':
		return 0, false, errStray
	case '"':
		end, err := quoted(b, 0)
		if err != 0 {
			return end, false, err
		}
		a.display = spanOf(0, end)
		if i = skipLWS(b, end); i == len(b) || b[i] != '<' {
			return i, false, errNoBracket
		}
		return i, true, 0
	}
	end := nameRun(b, 0)
	if end > 0 && (end == len(b) || b[end] == ':') {
		return 0, false, 0
	}
	for {
		if i = skipLWS(b, end); i < len(b) && b[i] == '<' && end > 0 {
			a.display = spanOf(0, end)
			return i, true, 0
		}
		if end == 1 && b[0] == '*' && (i == len(b) || b[i] == ',' || b[i] == ';') {
			return 0, false, 0
		}
		if end = nameRun(b, i); end == i {
			return i, false, errDisplayName
		}
	}
}

// nameRun returns where the octets end that a display name may have without quotes.
func nameRun(b []byte, i int) int {
	for i < len(b) && (b[i] >= 0x80 || classes[b[i]]&token != 0) {
		i++
	}
	return i
}

// isWildcard reports whether all of b is the "*" that only Contact may be, alone (RFC 3261, Section 20.10).
func isWildcard(b []byte, i int, h Header) bool {
	return i == 0 && len(b) == 1 && b[0] == '*' && (h == HeaderContact || h == HeaderUnknown)
}

// needsBrackets reports whether the grammar of h knows no addr-spec (RFC 3261, Section 25.1; RFC 3327; RFC 3608).
func needsBrackets(h Header) bool {
	switch h {
	case HeaderRoute, HeaderRecordRoute, HeaderPath, HeaderServiceRoute, HeaderHistoryInfo:
		return true
	}
	return isInfo(h)
}

// isInfo reports whether a value of h is no more than a URI in brackets with parameters (RFC 3261, Section 25.1).
func isInfo(h Header) bool {
	return h == HeaderAlertInfo || h == HeaderCallInfo || h == HeaderErrorInfo
}

// bareURI returns where the URI ends that starts at b[i] without brackets. What follows a semicolon belongs to the
// header field then, and a URI that holds a question mark needs brackets (RFC 3261, Section 20).
func bareURI(b []byte, i int) (int, Error) {
	for ; i < len(b); i++ {
		switch b[i] {
		case ' ', '\t', '\r', '\n', ';', ',':
			return i, 0
		case '?':
			return i, errQuestion
		}
	}
	return i, 0
}

// Raw returns the value as received, folds included.
func (a NameAddr) Raw() []byte { return a.raw }

// URI returns the URI, the zero URI for a wildcard.
func (a NameAddr) URI() URI { return a.uri }

// Display returns the display name as written, quotes and folds included, empty when there is none. See [Unquote].
func (a NameAddr) Display() []byte { return a.display.of(a.raw) }

// Tag returns the tag, nil when there is none.
func (a NameAddr) Tag() []byte {
	if a.tag.len == 0 {
		return nil
	}
	return a.tag.of(a.raw)
}

// IsWildcard reports whether the value is the "*" of Contact.
func (a NameAddr) IsWildcard() bool { return a.wildcard }

// Param returns the value of a parameter of the header field (those of the URI are its own), as received, quotes
// included, empty for one without a value.
func (a NameAddr) Param(name string) ([]byte, bool) { return findParam(a.raw, int(a.params), name) }

// Params walks the parameters as received; the value of one without is nil.
func (a NameAddr) Params() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) { walkParams(a.raw, int(a.params), yield) }
}

// From returns the From value.
func (m *Message) From() (NameAddr, error) { return m.address(HeaderFrom) }

// To returns the To value.
func (m *Message) To() (NameAddr, error) { return m.address(HeaderTo) }

// Contact returns the first Contact value.
func (m *Message) Contact() (NameAddr, error) { return m.address(HeaderContact) }

// address returns the first value of h. A header with a single value has nothing behind it.
func (m *Message) address(h Header) (a NameAddr, _ error) {
	if s := m.seen.address(h); s != nil && s.at.len > 0 {
		return s.value(m.b), nil
	}
	i, ok := m.first(h)
	if !ok {
		return a, ErrAbsent
	}
	b := m.at(i).value.in(m.b)
	n, err := a.parse(b, h)
	if err == 0 && n < len(b) && headers[h].kind == single {
		err = errTrailing
	}
	if err != 0 {
		return NameAddr{}, err
	}
	return a, nil
}

// Contacts walks all Contact values. After a malformed one it goes on with the next.
func (m *Message) Contacts() iter.Seq2[NameAddr, error] { return m.Addresses(HeaderContact) }

// Routes walks all Route values from the topmost on.
func (m *Message) Routes() iter.Seq2[NameAddr, error] { return m.Addresses(HeaderRoute) }

// RecordRoutes walks all Record-Route values from the topmost on.
func (m *Message) RecordRoutes() iter.Seq2[NameAddr, error] { return m.Addresses(HeaderRecordRoute) }

func (m *Message) walkAddresses(h Header, yield func(NameAddr, error) bool) {
	for i, ok := m.first(h); ok; i, ok = m.after(h, i) {
		b := m.at(i).value.in(m.b)
		for p, more := 0, true; more; p++ { // the comma
			p = skipLWS(b, p)
			var a NameAddr
			n, err := a.parse(b[p:], h)
			if err != 0 {
				a, n = NameAddr{}, valueEnd(b[p:])
			}
			p += n
			more = p < len(b)
			if !yield(a, err.orNil()) {
				return
			}
		}
	}
}
