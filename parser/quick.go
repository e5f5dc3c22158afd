package parser

import "math/bits"

// Nearly all values are short, and written without escapes or more than a few parameters. For those there is a quick
// reader beside the thorough one, for Via, for name-addr and for SIP URIs. It goes from one odd octet to the next, and
// gives up at the first surprise: then the thorough reader starts anew, and says what is wrong, if something is. So the
// quick readers need not know all that is right, but must not take what is not.
//
// They pass on the odd octets that they have not come to in two words, low and high, and say quickMax where a value would
// end that they do not understand.

// quickMax bounds the values that are read quickly: there is a bit for the end, too.
const quickMax = 128

// read sets the marks of b, which is shorter than quickMax. What is behind its end is odd.
func (k *marks) read(b []byte) {
	n := len(b)
	if n <= 64 && cap(b) >= 64 {
		readMarks(k, b[:64])
	} else if cap(b) >= 128 {
		readMarks(k, b[:128])
	} else {
		var p [128]byte
		copy(p[:], b)
		readMarks(k, p[:])
	}
	if n < 64 {
		k.odd[0] |= ^uint64(0) << uint(n)
		k.odd[1] = ^uint64(0)
		return
	}
	k.odd[1] |= ^uint64(0) << uint(n-64)
}

// pop returns the lowest of 128 bits that is set, and the others.
func pop(low, high uint64) (i int, restLow, restHigh uint64) {
	if low != 0 {
		return bits.TrailingZeros64(low), low & (low - 1), high
	}
	return 64 + bits.TrailingZeros64(high), 0, high & (high - 1)
}

// from returns the odd octets at i, less than quickMax, and behind.
func (k *marks) from(i int) (low, high uint64) {
	if i >= 64 {
		return 0, k.odd[1] & (^uint64(0) << (uint(i) & 63))
	}
	return k.odd[0] & (^uint64(0) << (uint(i) & 63)), k.odd[1]
}

// gap returns the offset of what stands behind the blanks at b[i], and the odd octets from there on, but for the first seen.
func (k *marks) gap(b []byte, i, seen int) (end int, low, high uint64) {
	for ; has(b, i) && b[i] <= ' '; i++ {
		if b[i] == ' ' || b[i] == '\t' {
			continue
		}
		if b[i] != '\r' || !has(b, i+2) || b[i+1] != '\n' || !isBlank(b[i+2]) {
			break
		}
		i += 2 // a fold
	}
	low, high = k.from(i + seen)
	return i, low, high
}

// part returns n of 128 bits from bit i on, 1 to 64 of them.
func part(m *[2]uint64, i, n uint) uint64 {
	x := m[1] >> (i & 63)
	if i < 64 {
		x = m[0]>>(i&63) | m[1]<<1<<(^i&63)
	}
	return x << (-n & 63) >> (-n & 63)
}

// isHost reports whether b[i:end], which has no odd octet, is a host in the usual form: a name or an IPv4 address.
func (k *marks) isHost(b []byte, i, end int) bool {
	n := uint(end - i)
	if n-1 > 63 {
		return false
	}
	dot, dash := part(&k.dot, uint(i), n), part(&k.dash, uint(i), n)
	last := uint64(1) << ((n - 1) & 63)
	// No label is empty, and none starts or ends with a dash.
	if (dot|dash)&(dot<<1|1)|dash&(dot>>1|last) != 0 {
		return false
	}
	// The last label of a name starts with a letter, so that no name looks like an address.
	if top := i + bits.Len64(dot&^last); b[top]-'0' <= 9 {
		return isIPv4(b[i:end], dot)
	}
	return true
}

// isIPv4 reports whether all of b is four decimal octets of up to three digits, where dot has the bits of its dots.
func isIPv4(b []byte, dot uint64) bool {
	for range 3 {
		i := bits.TrailingZeros64(dot)
		if i >= len(b) || !isOctet(b[:i]) {
			return false
		}
		b = b[i+1:]
		dot >>= uint(i+1) & 63
	}
	return dot == 0 && isOctet(b)
}

// isOctet reports whether b is one to three digits, and at most 255.
func isOctet(b []byte) bool {
	switch len(b) {
	case 1:
		return b[0]-'0' <= 9
	case 2:
		return b[0]-'0' <= 9 && b[1]-'0' <= 9
	case 3:
		x, y, z := b[0]-'0', b[1]-'0', b[2]-'0'
		return x <= 2 && y <= 9 && z <= 9 && 100*uint(x)+10*uint(y)+uint(z) <= 255
	}
	return false
}

// quickKeys notices names that come twice, among so few that comparing each with each costs nothing.
type quickKeys struct {
	k [4]uint64
	n uint
}

// add reports whether key is new and there is room for it.
func (q *quickKeys) add(key uint64) bool {
	n := q.n
	if n >= 4 || key == q.k[0] || key == q.k[1] || key == q.k[2] {
		return false
	}
	q.k[n] = key
	q.n = n + 1
	return true
}

// param reads the generic-param whose semicolon is b[i]. It returns the key of its name, where its value starts, 0 when
// it has none, and where it ends, quickMax at a surprise. What of the value is odd is in c.
func (k *marks) param(b []byte, i int, low, high uint64, c class) (key uint64, from, end int, restLow, restHigh uint64) {
	name := i + 1
	if i, restLow, restHigh = pop(low, high); i > name && has(b, i) && b[i] == '=' {
		from = i + 1
		if end, restLow, restHigh = pop(restLow, restHigh); end > from && (end == len(b) || b[end] == ';' || b[end] == ',') {
			return keyOf(b, name, i-name), from, end, restLow, restHigh
		}
	}
	return k.anyParam(b, name, low, high, c)
}

// anyParam is param for the parameter behind the semicolon at name-1, in any form.
func (k *marks) anyParam(b []byte, name int, low, high uint64, c class) (key uint64, from, end int, restLow, restHigh uint64) {
	if name < len(b) && b[name] <= ' ' {
		name, low, high = k.gap(b, name, 0)
	}
	i, low, high := pop(low, high)
	for has(b, i) && classes[b[i]]&token != 0 {
		i, low, high = pop(low, high)
	}
	if i == name {
		return 0, 0, quickMax, 0, 0
	}
	key = keyOf(b, name, i-name)
	end = i
	if has(b, i) && b[i] <= ' ' {
		if i, low, high = k.gap(b, i, 1); !has(b, i) || b[i] != '=' {
			low, high = k.from(end + 1)
			return key, 0, end, low, high
		}
	}
	if !has(b, i) || b[i] != '=' {
		return key, 0, end, low, high
	}
	from = i + 1
	if from < len(b) && b[from] <= ' ' {
		from, low, high = k.gap(b, from, 0)
	}
	i, low, high = pop(low, high)
	if i == from && has(b, i) && b[i] == '"' {
		i, low, high = k.quoted(b, low, high)
		return key, from, i, low, high
	}
	for has(b, i) && classes[b[i]]&c != 0 {
		i, low, high = pop(low, high)
	}
	if i == from {
		return 0, 0, quickMax, 0, 0
	}
	return key, from, i, low, high
}

// quoted reads the quoted string whose first quote was the last odd octet, and returns the offset behind it, quickMax at
// a surprise. That octet has been seen then.
func (k *marks) quoted(b []byte, low, high uint64) (end int, restLow, restHigh uint64) {
	for {
		var i int
		i, low, high = pop(low, high)
		if i >= len(b) {
			return quickMax, 0, 0
		}
		switch c := b[i]; {
		case c == '"':
			low, high = k.from(i + 2)
			return i + 1, low, high
		case c == '\\' && i+1 < len(b) && b[i+1] != '\r' && b[i+1] != '\n':
			low, high = k.from(i + 2)
		case c < ' ' || c == 0x7f || c == '\\':
			return quickMax, 0, 0
		}
	}
}

// has reports whether there is a b[i]. With it the compiler needs no look of its own.
func has(b []byte, i int) bool { return uint(i) < uint(len(b)) }
