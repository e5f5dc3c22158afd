package parser

// quick reads the value of h at the start of b into a, which is zero, when it is written the usual way: a SIP URI,
// mostly in brackets. It returns how much of b came before the comma or the end.
func (a *NameAddr) quick(b []byte, h Header) (n int, ok bool) {
	if isInfo(h) {
		return 0, false
	}
	whole := len(b)
	b = b[:min(whole, quickMax-1)]
	var k marks
	k.read(b)
	i, low, high := pop(k.odd[0], k.odd[1])
	if i > 0 || len(b) == 0 || b[0] != '<' {
		i, low, high = a.quickDisplay(b, &k, i, low, high)
	}
	switch {
	case i+5 <= len(b) && string(b[i:i+5]) == "<sip:":
		start := i + 1
		_, low, high = pop(low, high) // the colon
		i, low, high = a.uri.quick(b, &k, start, low, high, false)
		if !has(b, i) || b[i] != '>' {
			return 0, false
		}
		a.uriAt = spanOf(start, i)
		a.uri.raw = a.uriAt.of(b)
		n = i + 1
		if i, low, high = pop(low, high); i != n {
			return 0, false
		}
	case i == 3 && len(b) > 4 && string(b[:4]) == "sip:" && !needsBrackets(h):
		i, low, high = a.uri.quick(b, &k, 0, low, high, true)
		if !has(b, i) || b[i] != ';' && b[i] > ' ' {
			return 0, false
		}
		a.uriAt = spanOf(0, i)
		a.uri.raw = a.uriAt.of(b)
		n = i
	default:
		return 0, false
	}
	var keys quickKeys
	for {
		if has(b, i) && b[i] <= ' ' {
			i, low, high = k.gap(b, i, 1)
		}
		if !has(b, i) || b[i] != ';' {
			break
		}
		if a.params == 0 {
			a.params = uint16(i)
		}
		var key uint64
		var from int
		key, from, n, low, high = k.param(b, i, low, high, token)
		if n == quickMax || !keys.add(key) {
			return 0, false
		}
		if key == keyTag {
			if h != HeaderContact && (from == 0 || b[from] == '"') {
				return 0, false
			}
			if from > 0 {
				a.tag = spanOf(from, n)
			}
		}
		i = n
	}
	if i == len(b) && i < whole || has(b, i) && b[i] != ',' {
		return 0, false
	}
	a.raw = b[:n:n]
	return i, true
}

// quickDisplay reads the display name, if there is one, and returns where the bracket of the URI is, without a bracket
// the first odd octet. That octet has been seen then.
func (a *NameAddr) quickDisplay(b []byte, k *marks, i int, low, high uint64) (bracket int, restLow, restHigh uint64) {
	if i == 0 && len(b) > 0 && b[0] == '"' {
		if i, low, high = k.quoted(b, low, high); i == quickMax {
			return quickMax, 0, 0
		}
		a.display = spanOf(0, i)
		if has(b, i) && b[i] <= ' ' {
			i, low, high = k.gap(b, i, 1)
		}
		return i, low, high
	}
	// Tokens, with a blank behind each.
	for end := i; i > 0 && has(b, i) && b[i] <= ' '; end = i {
		next, nextLow, nextHigh := k.gap(b, i, 1)
		if next < len(b) && b[next] == '<' {
			a.display = spanOf(0, end)
			return next, nextLow, nextHigh
		}
		if i, low, high = pop(k.from(next)); i == next {
			return quickMax, 0, 0
		}
	}
	if i > 0 && has(b, i) && b[i] == '<' {
		a.display = spanOf(0, i) // no blank is needed
	}
	return i, low, high
}

// quick reads the SIP URI at start, whose odd octets behind the scheme are those in low and high, into u, which is zero.
// It returns where the URI ends, which has been seen then, quickMax at a surprise. A bare one, without brackets, has no
// parameters: they are the header field's. Setting raw is left to the caller.
func (u *URI) quick(b []byte, k *marks, start int, low, high uint64, bare bool) (end int, restLow, restHigh uint64) {
	u.colon = 3
	u.kind = uriSIP
	from := start + 4
	i, low, high := pop(low, high)
	first := i
	for has(b, i) && classes[b[i]]&user != 0 && b[i] != ';' && b[i] != '?' {
		i, low, high = pop(low, high)
	}
	if i != first && (bare || !has(b, i) || b[i] != '@') {
		return quickMax, 0, 0
	}
	if has(b, i) && b[i] == '@' {
		if i == from {
			return quickMax, 0, 0
		}
		u.user = spanOf(from-start, i-start)
		from = i + 1
		i, low, high = pop(low, high)
	}
	if !k.isHost(b, from, i) {
		return quickMax, 0, 0
	}
	u.host = spanOf(from-start, i-start)
	if has(b, i) && b[i] == ':' {
		from = i + 1
		i, low, high = pop(low, high)
		var ok bool
		if u.port, ok = quickPort(b[from:i]); !ok {
			return quickMax, 0, 0
		}
	}
	if bare || !has(b, i) || b[i] != ';' {
		return i, low, high
	}
	u.params = uint16(i - start)
	var keys quickKeys
	for has(b, i) && b[i] == ';' {
		from = i + 1
		i, low, high = pop(low, high)
		if i == from || !keys.add(keyOf(b, from, i-from)) {
			return quickMax, 0, 0
		}
		if !has(b, i) || b[i] != '=' {
			continue
		}
		from = i + 1
		i, low, high = pop(low, high)
		for has(b, i) && classes[b[i]]&uparam != 0 {
			i, low, high = pop(low, high)
		}
		if i == from {
			return quickMax, 0, 0
		}
	}
	return i, low, high
}

// quickAll reads all of b into u, which is zero, when it is a SIP URI written the usual way.
func (u *URI) quickAll(b []byte) bool {
	if len(b) < 5 || len(b) >= quickMax || string(b[:4]) != "sip:" {
		return false
	}
	var k marks
	k.read(b)
	if end, _, _ := u.quick(b, &k, 0, k.odd[0]&^0xf, k.odd[1], false); end != len(b) {
		return false
	}
	u.raw = b[:len(b):len(b)]
	return true
}
