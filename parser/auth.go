package parser

import "iter"

// Auth is a parsed challenge (WWW-Authenticate, Proxy-Authenticate), credentials (Authorization, Proxy-Authorization)
// or Authentication-Info: a scheme, which the last has none of, and parameters with commas between them (RFC 3261,
// Section 25.1). It refers to the bytes it was parsed from.
//
// Of the Digest scheme every parameter was checked for its form. What belongs to any other scheme is kept as it is,
// and has parameters as far as it looks like them.
type Auth struct {
	raw    []byte
	header Header
	digest bool   // or Authentication-Info
	scheme uint16 // its length
	params uint16 // offset of the first
}

// Auths walks the challenges or credentials of h. Each field is one, never joined with another by a comma (RFC 3261,
// Section 7.3.1). After a malformed one it goes on with the next.
func (m *Message) Auths(h Header) iter.Seq2[Auth, error] {
	return func(yield func(Auth, error) bool) { each(m, h, readAuth, yield) }
}

// AuthenticationInfo returns the Authentication-Info value. The error is an [Error].
func (m *Message) AuthenticationInfo() (Auth, error) {
	return one(m, HeaderAuthenticationInfo, readAuth)
}

func readAuth(b []byte, h Header) (a Auth, err Error) {
	if len(b) > maxValue {
		return a, errValueLong
	}
	a.header = h
	a.digest = h == HeaderAuthenticationInfo
	end := 0
	if !a.digest {
		if end = run(b, 0, token); end == 0 {
			return a, errAuthScheme
		}
		a.digest = EqualFold(b[:end], "Digest")
	}
	i := skipLWS(b, end)
	if i == end && end > 0 && i < len(b) {
		return a, errAuthScheme
	}
	a.raw = b[:len(b):len(b)]
	a.scheme, a.params = uint16(end), uint16(i) // both below maxValue
	if !a.digest {
		return a, 0
	}
	w := window{b: b}
	var seen nameTable
	count := 0
	for more := true; more; {
		p, next, err := nextAuthParam(b, i)
		if err != 0 {
			return a, err
		}
		if count++; count > MaxParams {
			return a, errParamsMany
		}
		if seen.add(keyOf(b, int(p.name.off), int(p.name.len))) && w.repeated(int(a.params)-1, p) {
			return a, errParamTwice
		}
		more = next > 0
		i = next
	}
	return a, 0
}

// nextAuthParam reads the parameter at b[i], and returns the offset of what follows its comma, 0 when it is the last.
func nextAuthParam(b []byte, i int) (p param, next int, err Error) {
	p, end, err := nextParam(b, i-1) // a comma, or what is before the first, in place of a semicolon
	switch {
	case err != 0:
		return p, 0, err
	case !p.valued:
		return p, 0, errParamValue
	}
	end = skipLWS(b, end)
	switch {
	case end == len(b):
		return p, 0, 0
	case b[end] != ',':
		return p, 0, errTrailing
	}
	return p, end + 1, 0
}

// walk yields the parameters up to one that is none.
func (a *Auth) walk(yield func(name, value []byte) bool) {
	if len(a.raw) == int(a.params) {
		return
	}
	for i, more := int(a.params), true; more; {
		p, next, err := nextAuthParam(a.raw, i)
		if err != 0 || !yield(p.name.of(a.raw), p.value.of(a.raw)) {
			return
		}
		i, more = next, next > 0
	}
}

// Raw returns the value as received, folds included.
func (a Auth) Raw() []byte { return a.raw }

// Scheme returns the scheme as received, empty for Authentication-Info. It is compared without case.
func (a Auth) Scheme() []byte { return a.raw[:a.scheme:a.scheme] }

// IsDigest reports whether the scheme is Digest.
func (a Auth) IsDigest() bool { return a.digest && a.scheme > 0 }

// Param returns the value of a parameter as received, quotes included; see [Unquote]. Peers quote what needs no quotes
// and leave away those that belong there: both are taken.
func (a Auth) Param(name string) (value []byte, ok bool) {
	a.walk(func(n, v []byte) bool {
		if ok = EqualFold(n, name); ok {
			value = v
		}
		return !ok
	})
	return value, ok
}

// Params walks the parameters as received.
func (a Auth) Params() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) { a.walk(yield) }
}

// AppendTo appends the value to dst, parameters quoted as [AppendAuthParam] does.
func (a Auth) AppendTo(dst []byte) []byte {
	if !a.digest {
		return appendUnfolded(dst, a.raw)
	}
	dst = append(dst, a.Scheme()...)
	if a.scheme > 0 {
		dst = append(dst, ' ')
	}
	first := true
	a.walk(func(name, value []byte) bool {
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = appendAuthParam(dst, a.header, name, value)
		return true
	})
	return dst
}

// AppendAuthParam appends name=value to dst as h wants it: some parameters are always quoted and some never are,
// whatever their values look like (RFC 3261, Section 22.4; RFC 7616, Sections 3.3 and 3.4), and qop is quoted in a
// challenge only. A value that is one quoted string counts as quoted already, any other is quoted where it needs to be.
func AppendAuthParam(dst []byte, h Header, name string, value []byte) []byte {
	return appendAuthParam(dst, h, name, value)
}

func appendAuthParam[T []byte | string](dst []byte, h Header, name T, v []byte) []byte {
	dst = append(dst, name...)
	dst = append(dst, '=')
	if alwaysQuoted(h, name) {
		return appendString(dst, v)
	}
	bare := v
	if isQuotedString(v) && neverQuoted(h, name) {
		bare = v[1 : len(v)-1]
	}
	if isToken(bare) {
		return append(dst, bare...)
	}
	return appendString(dst, v)
}

func isChallenge(h Header) bool { return h == HeaderWWWAuthenticate || h == HeaderProxyAuthenticate }

func alwaysQuoted[T []byte | string](h Header, name T) bool {
	for _, s := range [...]string{"realm", "domain", "nonce", "opaque", "username", "uri", "response", "cnonce", "nextnonce", "rspauth"} {
		if sameFold(name, s) {
			return true
		}
	}
	return isChallenge(h) && sameFold(name, "qop")
}

func neverQuoted[T []byte | string](h Header, name T) bool {
	for _, s := range [...]string{"algorithm", "stale", "nc", "userhash", "charset"} {
		if sameFold(name, s) {
			return true
		}
	}
	return !isChallenge(h) && sameFold(name, "qop")
}
