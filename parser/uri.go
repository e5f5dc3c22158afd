package parser

import (
	"bytes"
	"iter"
)

// URI is a parsed URI: a small value that refers to the bytes it was parsed from. The zero URI is absent.
// SIP and SIPS URIs are taken apart and checked (RFC 3261, Section 19.1), and tel URIs (RFC 3966); one of any other
// scheme is kept as it is.
type URI struct {
	raw []byte
	uriParts
}

// uriParts is where the parts of a URI are in it.
type uriParts struct {
	user     span
	password span
	host     span
	params   uint16 // offset of the first semicolon, 0: none
	headers  uint16 // offset behind the question mark, 0: none
	port     uint16
	colon    uint16 // offset of the one behind the scheme
	kind     uriKind
}

// uriKind is what the parser makes of a scheme.
type uriKind uint8

const (
	uriOther uriKind = iota
	uriSIP
	uriSIPS
	uriTel
)

// ParseURI parses all of b, which it keeps, as one URI. The error is an [Error].
func ParseURI(b []byte) (URI, error) {
	var u URI
	if _, err := u.parse(b[:len(b):len(b)]); err != 0 {
		return URI{}, err
	}
	return u, nil
}

// parse reads all of b into u, which is zero; n is where a fault is.
func (u *URI) parse(b []byte) (n int, err Error) {
	if u.quickAll(b) {
		return len(b), 0
	}
	*u = URI{}
	if len(b) > MaxURI {
		return MaxURI, errURILong
	}
	w := window{b: b}
	if n, err = u.read(&w, 0); err == 0 && n < len(b) {
		err = errURI
		if u.headers > 0 {
			err = errURIHeader
		}
	}
	if err != 0 && u.user.len == 0 && u.IsSIP() {
		n, err = userFault(b, int(u.colon)+1, n, err)
	}
	u.raw = b[:len(b):len(b)]
	return n, err
}

// userFault returns errUser, and where, when the fault err at n is one of the user: an '@' stands nowhere but behind it.
func userFault(b []byte, i, n int, err Error) (int, Error) {
	k := bytes.IndexByte(b[i:], '@')
	if k < 0 {
		return n, err
	}
	at := i + k
	j := runEscaped(b[:at], i, user)
	if j > i && b[j] == ':' {
		j = runEscaped(b[:at], j+1, password)
	}
	return j, errUser
}

// read reads the URI at i, as far as it goes, into u, which is zero, and returns where it ends, or where a fault is. The
// offsets in u are relative to i. Setting raw is left to the caller.
func (u *URI) read(w *window, i int) (end int, err Error) {
	b := w.b[i:]
	if len(b) >= 4 && string(b[:4]) == "sip:" {
		u.colon = 3
		u.kind = uriSIP
		return u.readSIP(w, i, i+4)
	}
	j := run(b, 0, scheme)
	if j == 0 || j == len(b) || b[j] != ':' || !is(b[0], alpha) || j > MaxURI {
		return i + j, errScheme
	}
	u.colon = uint16(j) // below MaxURI
	switch {
	case j == 3 && EqualFold(b[:3], "sip"):
		u.kind = uriSIP
		return u.readSIP(w, i, i+4)
	case j == 4 && EqualFold(b[:4], "sips"):
		u.kind = uriSIPS
		return u.readSIP(w, i, i+5)
	case j == 3 && EqualFold(b[:3], "tel"):
		u.kind = uriTel
		return u.readTel(w, i, i+4)
	}
	end = w.runEscaped(i+j+1, uric)
	switch {
	case end == i+j+1:
		return end, errURI
	case end-i > MaxURI:
		return end, errURILong
	}
	return end, 0
}

// readSIP reads what follows the scheme of the URI at start: [user[:password]@]host[:port] parameters [?headers].
func (u *URI) readSIP(w *window, start, i int) (end int, err Error) {
	b := w.b
	// What reads like a user is one when an '@' is behind it.
	j := w.runEscaped(i, user)
	switch {
	case j == len(b):
	case b[j] == '@':
		if j == i {
			return i, errUser
		}
		u.user = spanOf(i-start, j-start)
		i = j + 1
	case b[j] == ':' && j > i:
		if k := w.runEscaped(j+1, password); k < len(b) && b[k] == '@' {
			u.user = spanOf(i-start, j-start)
			u.password = spanOf(j+1-start, k-start)
			i = k + 1
		}
	}
	if j, err = w.host(i); err != 0 {
		return j, err
	}
	u.host = spanOf(i-start, j-start)
	if i = j; i < len(b) && b[i] == ':' {
		if u.port, i, err = scanPort(b, i+1); err != 0 {
			return i, err
		}
	}
	if i < len(b) && b[i] == ';' {
		if i, err = u.readParams(w, start, i); err != 0 {
			return i, err
		}
	}
	if i < len(b) && b[i] == '?' {
		u.headers = uint16(i + 1 - start) // below maxValue
		if i, err = checkURIHeaders(w, i+1); err != 0 {
			return i, err
		}
	}
	if i-start > MaxURI {
		return i, errURILong
	}
	return i, 0
}

// readTel reads what follows the scheme of the URI at start: a subscriber, visual separators included, and parameters.
// A local number without the phone-context that RFC 3966, Section 5.1.5, asks for is common and accepted.
func (u *URI) readTel(w *window, start, i int) (end int, err Error) {
	b := w.b
	from := i
	k := phone
	if i < len(b) && b[i] == '+' {
		i++
		k = digit // a global number has no other
	}
	count := 0
	for ; i < len(b) && (isSeparator(b[i]) || is(b[i], k)); i++ {
		if !isSeparator(b[i]) {
			count++
		}
	}
	if count == 0 {
		return i, errUser
	}
	u.user = spanOf(from-start, i-start)
	if i, err = u.readParams(w, start, i); err == 0 && i-start > MaxURI {
		err = errURILong
	}
	return i, err
}

// readParams checks the parameters at i and returns the offset after them, or that of a fault.
func (u *URI) readParams(w *window, start, i int) (int, Error) {
	b := w.b
	var names nameSet
	first := i
	for i < len(b) && b[i] == ';' {
		p, n, err := w.uriParam(i)
		if err != 0 {
			return n, err
		}
		u.params = uint16(first - start) // below maxValue
		again, err := names.add(w.uriKey(p))
		if err != 0 {
			return i, err
		}
		if again && w.repeatedURIParam(first, p) {
			return i + 1, errParamTwice
		}
		i = n
	}
	if names.full() {
		return w.twiceURIParam(first, i)
	}
	return i, 0
}

// uriParam reads the parameter whose semicolon is at i, and returns the offset after it, or that of a fault.
func (w *window) uriParam(i int) (p param, n int, err Error) {
	b := w.b
	i++
	end := w.runEscaped(i, uparam)
	if end == i {
		if i == len(b) || b[i] == ';' || b[i] == '?' {
			return p, i, errStray
		}
		return p, i, errParamName
	}
	p.name = spanOf(i, end)
	if end == len(b) || b[end] != '=' {
		return p, end, 0
	}
	i = end + 1
	if end = w.runEscaped(i, uparam); end == i {
		return p, i, errParamValue
	}
	p.value, p.valued = spanOf(i, end), true
	return p, end, 0
}

// uriKey returns the key of a parameter's name: for one with escapes that of the octets that they stand for.
func (w *window) uriKey(p param) uint64 {
	name := p.name.of(w.b)
	if bytes.IndexByte(name, '%') < 0 {
		return keyOf(w.b, int(p.name.off), int(p.name.len))
	}
	if len(name) > 64 {
		var plain [maxValue]byte
		name = Unescape(plain[:0], name)
		return keyOf(name, 0, len(name))
	}
	var plain [64]byte
	name = Unescape(plain[:0], name)
	return keyOf(name, 0, len(name))
}

// twiceURIParam is twice for the parameters of a URI.
func (w *window) twiceURIParam(first, end int) (int, Error) {
	var seen nameTable
	for i := first; i < end; {
		p, n, err := w.uriParam(i)
		if err != 0 {
			return n, err
		}
		if seen.add(w.uriKey(p)) && w.repeatedURIParam(first, p) {
			return i + 1, errParamTwice
		}
		i = n
	}
	return end, 0
}

// repeatedURIParam is repeated for the parameters of a URI.
func (w *window) repeatedURIParam(first int, p param) bool {
	for i := first; i < int(p.name.off)-1; {
		q, n, err := w.uriParam(i)
		if err != 0 {
			return false
		}
		if equalEscaped(q.name.of(w.b), p.name.of(w.b), true) {
			return true
		}
		i = n
	}
	return false
}

// checkURIHeaders checks the header components at i: hname=hvalue, joined by '&'. It returns where they end.
func checkURIHeaders(w *window, i int) (int, Error) {
	b := w.b
	for count := 1; ; count++ {
		if count > MaxParams {
			return i, errParamsMany
		}
		end := w.runEscaped(i, uheader)
		if end == i || end == len(b) || b[end] != '=' {
			return end, errURIHeader
		}
		i = w.runEscaped(end+1, uheader)
		if i == len(b) || b[i] != '&' {
			return i, 0
		}
		i++
	}
}

// find returns the parameter called name among those before the offset end.
func (u *URI) find(name []byte, end int) (value []byte, valued, ok bool) {
	w := window{b: u.raw}
	for i := int(u.params); i > 0 && i < end; {
		p, n, err := w.uriParam(i)
		if err != 0 {
			break
		}
		if equalEscaped(p.name.of(u.raw), name, true) {
			return p.value.of(u.raw), p.valued, true
		}
		i = n
		if i < end && u.raw[i] != ';' {
			break
		}
	}
	return nil, false, false
}

// Raw returns the URI as it was given, nil for the zero URI.
func (u URI) Raw() []byte { return u.raw }

// IsZero reports whether u is the zero URI.
func (u URI) IsZero() bool { return u.raw == nil }

// Scheme returns the scheme as written.
func (u URI) Scheme() []byte { return u.raw[:u.colon:u.colon] }

// IsSIP reports whether the scheme is sip or sips.
func (u URI) IsSIP() bool { return u.kind == uriSIP || u.kind == uriSIPS }

// IsSIPS reports whether the scheme is sips.
func (u URI) IsSIPS() bool { return u.kind == uriSIPS }

// User returns the user as written, escapes included; of a tel URI the subscriber. It is empty when there is none.
func (u URI) User() []byte { return u.user.of(u.raw) }

// Password returns the password as written, empty when there is none.
func (u URI) Password() []byte { return u.password.of(u.raw) }

// Host returns the host, an IPv6 address with its brackets; empty when the scheme is neither sip nor sips.
func (u URI) Host() []byte { return u.host.of(u.raw) }

// Port returns the port, 0 when there is none.
func (u URI) Port() int { return int(u.port) }

// Param returns the value of a URI parameter as written, escapes included, empty for one without a value.
func (u URI) Param(name string) ([]byte, bool) {
	w := window{b: u.raw}
	for i := int(u.params); i > 0 && i < len(u.raw) && u.raw[i] == ';'; {
		p, n, err := w.uriParam(i)
		if err != 0 {
			break
		}
		if equalEscaped(p.name.of(u.raw), name, true) {
			return p.value.of(u.raw), true
		}
		i = n
	}
	return nil, false
}

// Params walks the URI parameters as written; the value of one without is nil.
func (u URI) Params() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) { u.walkParams(yield) }
}

func (u *URI) walkParams(yield func(name, value []byte) bool) {
	w := window{b: u.raw}
	for i := int(u.params); i > 0 && i < len(u.raw) && u.raw[i] == ';'; {
		p, n, err := w.uriParam(i)
		if err != 0 {
			return
		}
		var v []byte
		if p.valued {
			v = p.value.of(u.raw)
		}
		if !yield(p.name.of(u.raw), v) {
			return
		}
		i = n
	}
}

// Headers returns what follows the question mark, as written, empty when there is none.
func (u URI) Headers() []byte {
	if u.headers == 0 {
		return nil
	}
	return u.raw[u.headers:len(u.raw):len(u.raw)]
}

// AppendTo appends the URI as it was given to dst.
func (u URI) AppendTo(dst []byte) []byte { return append(dst, u.raw...) }
