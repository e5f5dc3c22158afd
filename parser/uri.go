package parser

import (
	"bytes"
	"iter"
)

// URI is a parsed URI: a small value that refers to the bytes it was parsed from. The zero URI is absent.
// SIP and SIPS URIs are taken apart and checked (RFC 3261, Section 19.1), and tel URIs (RFC 3966); one of any other
// scheme is kept as it is.
type URI struct {
	raw      []byte
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
	if _, err := u.parse(b); err != 0 {
		return URI{}, err
	}
	return u, nil
}

// parse reads all of b into u, which is zero; n is where a fault is.
func (u *URI) parse(b []byte) (n int, err Error) {
	if len(b) > MaxURI {
		return MaxURI, errURILong
	}
	u.raw = b[:len(b):len(b)]
	if len(b) >= 4 && string(b[:4]) == "sip:" {
		u.colon = 3
		u.kind = uriSIP
		return u.parseSIP(4)
	}
	i := run(b, 0, scheme)
	if i == 0 || i == len(b) || b[i] != ':' || !is(b[0], alpha) {
		return i, errScheme
	}
	u.colon = uint16(i) // below MaxURI
	switch {
	case i == 3 && EqualFold(b[:3], "sip"):
		u.kind = uriSIP
		return u.parseSIP(4)
	case i == 4 && EqualFold(b[:4], "sips"):
		u.kind = uriSIPS
		return u.parseSIP(5)
	case i == 3 && EqualFold(b[:3], "tel"):
		u.kind = uriTel
		return u.parseTel(4)
	}
	if n = runEscaped(b, i+1, uric); n < len(b) || n == i+1 {
		return n, errURI
	}
	return n, 0
}

// parseSIP reads what follows the scheme: [user[:password]@]host[:port] parameters [?headers].
func (u *URI) parseSIP(i int) (n int, err Error) {
	b := u.raw
	// An '@' stands nowhere but behind the user.
	if k := bytes.IndexByte(b[i:], '@'); k >= 0 {
		at := i + k
		j := runEscaped(b[:at], i, user)
		if j == i {
			return i, errUser
		}
		u.user = spanOf(i, j)
		if b[j] == ':' {
			i = j + 1
			j = runEscaped(b[:at], i, password)
			u.password = spanOf(i, j)
		}
		if j < at {
			return j, errUser
		}
		i = at + 1
	}
	j, err := scanHost(b, i)
	if err != 0 {
		return j, err
	}
	u.host = spanOf(i, j)
	if i = j; i < len(b) && b[i] == ':' {
		if u.port, i, err = scanPort(b, i+1); err != 0 {
			return i, err
		}
	}
	if i, err = u.parseParams(i); err != 0 {
		return i, err
	}
	if i < len(b) && b[i] == '?' {
		u.headers = uint16(i + 1) // below MaxURI
		if i, err = checkURIHeaders(b, i+1); err != 0 {
			return i, err
		}
	}
	if i < len(b) {
		return i, errURI
	}
	return i, 0
}

// parseTel reads what follows the scheme: a subscriber, visual separators included, and parameters. A local number
// without the phone-context that RFC 3966, Section 5.1.5, asks for is common and accepted.
func (u *URI) parseTel(i int) (n int, err Error) {
	b := u.raw
	start := i
	k := phone
	if i < len(b) && b[i] == '+' {
		i++
		k = digit // a global number has no other
	}
	count := 0
	for n = i; n < len(b) && (isSeparator(b[n]) || is(b[n], k)); n++ {
		if !isSeparator(b[n]) {
			count++
		}
	}
	if count == 0 {
		return n, errUser
	}
	u.user = spanOf(start, n)
	if n, err = u.parseParams(n); err == 0 && n < len(b) {
		err = errURI
	}
	return n, err
}

// parseParams checks the parameters at i and returns the offset after them, or that of a fault.
func (u *URI) parseParams(i int) (int, Error) {
	b := u.raw
	var set paramSet
	for i < len(b) && b[i] == ';' {
		p, n, err := nextURIParam(b, i)
		if err != 0 {
			return n, err
		}
		if u.params == 0 {
			u.params = uint16(i) // below MaxURI
		}
		name := p.name.of(b)
		again, err := set.addEscaped(name)
		if err != 0 {
			return i, err
		}
		if again {
			if _, _, found := u.find(name, i); found {
				return i + 1, errParamTwice
			}
		}
		i = n
	}
	return i, 0
}

// nextURIParam reads the parameter whose semicolon is b[i], and returns the offset after it, or that of a fault.
func nextURIParam(b []byte, i int) (p param, n int, err Error) {
	i++
	end := runEscaped(b, i, uparam)
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
	if end = runEscaped(b, i, uparam); end == i {
		return p, i, errParamValue
	}
	p.value, p.valued = spanOf(i, end), true
	return p, end, 0
}

// checkURIHeaders checks the header components at i: hname=hvalue, joined by '&'.
func checkURIHeaders(b []byte, i int) (int, Error) {
	for count := 1; ; count++ {
		if count > MaxParams {
			return i, errParamsMany
		}
		end := runEscaped(b, i, uheader)
		if end == i || end == len(b) || b[end] != '=' {
			return end, errURIHeader
		}
		i = runEscaped(b, end+1, uheader)
		if i == len(b) {
			return i, 0
		}
		if b[i] != '&' {
			return i, errURIHeader
		}
		i++
	}
}

// find returns the parameter called name among those before the offset end.
func (u *URI) find(name []byte, end int) (value []byte, valued, ok bool) {
	for i := int(u.params); i > 0 && i < end; {
		p, n, err := nextURIParam(u.raw, i)
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
	for i := int(u.params); i > 0 && i < len(u.raw) && u.raw[i] == ';'; {
		p, n, err := nextURIParam(u.raw, i)
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
	for i := int(u.params); i > 0 && i < len(u.raw) && u.raw[i] == ';'; {
		p, n, err := nextURIParam(u.raw, i)
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
