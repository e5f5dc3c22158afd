package parser

// Equal reports whether u and v are the same URI (RFC 3261, Section 19.1.4; RFC 5954, Section 4.2; for tel
// RFC 3966, Section 4). It is not an equivalence: two URIs may both equal a third and not each other. It does not
// allocate. The zero URI equals nothing.
func (u URI) Equal(v URI) bool {
	if u.raw == nil || v.raw == nil || u.kind != v.kind {
		return false
	}
	switch u.kind {
	case uriOther:
		return sameFold(u.Scheme(), v.Scheme()) && string(u.raw[u.colon:]) == string(v.raw[v.colon:])
	case uriTel:
		return equalPhone(u.User(), v.User()) && u.paramsWithin(&v, true) && v.paramsWithin(&u, true)
	}
	// An absent user or password matches no present one, an absent port not even the default.
	return u.port == v.port &&
		(u.user.len == 0) == (v.user.len == 0) && equalEscaped(u.User(), v.User(), false) &&
		(u.password.off == 0) == (v.password.off == 0) && equalEscaped(u.Password(), v.Password(), false) &&
		equalHost(u.Host(), v.Host()) &&
		u.paramsWithin(&v, false) && v.paramsWithin(&u, false) &&
		u.headersWithin(&v) && v.headersWithin(&u)
}

// paramsWithin reports whether v has each parameter of u with the same value. One that v has not is ignored unless
// all count, or it is one of those that never match by default.
func (u *URI) paramsWithin(v *URI, all bool) bool {
	for name, value := range u.walkParams {
		other, valued, found := v.find(name, len(v.raw))
		if found && (valued != (value != nil) || !equalEscaped(value, other, true) && !(u.kind == uriTel && samePhone(value, other))) {
			return false
		}
		if !found && (all || matters(name)) {
			return false
		}
	}
	return true
}

// matters reports whether a URI parameter in one URI only makes it different. Section 19.1.4 lists transport in its
// prose and examples only; it is meant.
func matters(name []byte) bool {
	for _, s := range [...]string{"transport", "user", "ttl", "method", "maddr"} {
		if equalEscaped(name, s, true) {
			return true
		}
	}
	return false
}

// headersWithin reports whether each header component of u stands in v as often as in u.
func (u *URI) headersWithin(v *URI) bool {
	for b := u.Headers(); len(b) > 0; {
		var name, value []byte
		name, value, b = cutURIHeader(b)
		if u.countHeader(name, value) != v.countHeader(name, value) {
			return false
		}
	}
	return true
}

func (u *URI) countHeader(name, value []byte) int {
	count := 0
	for b := u.Headers(); len(b) > 0; {
		var n, v []byte
		n, v, b = cutURIHeader(b)
		if equalEscaped(n, name, true) && equalEscaped(v, value, false) {
			count++
		}
	}
	return count
}

// cutURIHeader cuts the first hname=hvalue off b.
func cutURIHeader(b []byte) (name, value, rest []byte) {
	end := 0
	for end < len(b) && b[end] != '&' {
		end++
	}
	if end < len(b) {
		rest = b[end+1:]
	}
	for i, c := range b[:end] {
		if c == '=' {
			return b[:i], b[i+1 : end], rest
		}
	}
	return b[:end], nil, rest
}

// equalHost compares names without case and addresses by their value: a name never equals its address
// (RFC 5954, Section 4.2).
func equalHost(a, b []byte) bool {
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	if a[0] == '[' && b[0] == '[' {
		x, _ := parseIPv6(a[1 : len(a)-1])
		y, _ := parseIPv6(b[1 : len(b)-1])
		return x == y
	}
	x, xok := parseIPv4(a)
	y, yok := parseIPv4(b)
	if xok && yok {
		return x == y
	}
	return sameFold(a, b)
}

// samePhone reports whether two parameter values are the same global number, as phone-context may be.
func samePhone(a, b []byte) bool {
	return len(a) > 0 && len(b) > 0 && a[0] == '+' && b[0] == '+' && equalPhone(a, b)
}

// equalPhone compares subscribers without their visual separators.
func equalPhone(a, b []byte) bool {
	i, j := 0, 0
	for {
		for i < len(a) && isSeparator(a[i]) {
			i++
		}
		for j < len(b) && isSeparator(b[j]) {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		if !sameFold(a[i:i+1], b[j:j+1]) {
			return false
		}
		i++
		j++
	}
}

func isSeparator(c byte) bool { return c == '-' || c == '.' || c == '(' || c == ')' }

// equalEscaped compares two URI components. An escape is the same as the octet it stands for unless that one is
// reserved: escaped, it has lost its meaning (RFC 3261, Section 19.1.4).
func equalEscaped[A, B []byte | string](a A, b B, fold bool) bool {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] && a[i] != '%' {
		i++
	}
	j := i
	for i < len(a) && j < len(b) {
		x, n := octetAt(a, i)
		y, k := octetAt(b, j)
		if x != y && !(fold && x^y == 0x20 && x < 0x80 && is(byte(x), alpha)) {
			return false
		}
		i += n
		j += k
	}
	return i == len(a) && j == len(b)
}

// octetAt returns the octet at b[i], decoded, and the length of its spelling. A reserved one that was escaped has
// 0x100 added.
func octetAt[T []byte | string](b T, i int) (c uint16, n int) {
	if b[i] != '%' || i+2 >= len(b) || !is(b[i+1], hexdig) || !is(b[i+2], hexdig) {
		return uint16(b[i]), 1
	}
	o := unhex(b[i+1])<<4 | unhex(b[i+2])
	if is(o, reserved) {
		return uint16(o) | 0x100, 3
	}
	return uint16(o), 3
}

// Unescape appends b to dst with its %HH escapes decoded, once (RFC 3261, Section 19.1.2).
func Unescape(dst, b []byte) []byte {
	for i := 0; i < len(b); {
		c, n := octetAt(b, i)
		dst = append(dst, byte(c))
		i += n
	}
	return dst
}

// AppendUser appends user to dst with every octet escaped that may not stand in a SIP URI's user part.
func AppendUser(dst, name []byte) []byte {
	const hex = "0123456789ABCDEF"
	for _, c := range name {
		if is(c, user) {
			dst = append(dst, c)
		} else {
			dst = append(dst, '%', hex[c>>4], hex[c&15])
		}
	}
	return dst
}
