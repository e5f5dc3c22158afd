package parser

import "bytes"

// scanHost reads the host at b[i]: a name, an IPv4 address or a bracketed IPv6 address, and returns the offset after
// it, or that of a fault (RFC 3261, Section 25.1; RFC 5954, Section 4.1). A percent sign is none of a host's octets. An underscore
// is tolerated where a letter may stand: people name their computers so, and phones write those names into Via and Contact.
func scanHost(b []byte, i int) (int, Error) {
	w := window{b: b}
	return w.host(i)
}

// scanIPv6 is scanHost where b[i] is an opening bracket.
func scanIPv6(b []byte, i int) (int, Error) {
	// The longest IPv6 address has 45 octets; the slip of RFC 5118, Section 4.10, adds one.
	n := bytes.IndexByte(b[i:min(len(b), i+48)], ']')
	if n < 0 {
		return i, errIPv6
	}
	if _, ok := parseIPv6(b[i+1 : i+n]); !ok {
		return i, errIPv6
	}
	return i + n + 1, 0
}

// scanName is scanHost for names and IPv4 addresses, octet by octet: it knows where a fault is.
func scanName(b []byte, i int) (int, Error) {
	start := i
	i, top := hostOctets(b, i)
	if i == start || b[i-1] == '-' {
		return i, errHost
	}
	// The last label of a name starts with a letter, so that no name looks like an address.
	if is(b[top], digit) {
		if _, ok := parseIPv4(b[start:i]); !ok {
			return start, errHost
		}
	}
	return i, 0
}

// hostOctets returns where the labels at b[i] end, and where the last of them starts that is not empty.
func hostOctets(b []byte, i int) (end, top int) {
	label := i
	top = i
	for ; i < len(b); i++ {
		c := b[i]
		if is(c, alpha|digit) || c == '_' {
			continue
		}
		if c == '-' && i > label {
			continue
		}
		if c == '.' && i > label && b[i-1] != '-' {
			top, label = label, i+1
			continue
		}
		break
	}
	if label < i {
		top = label
	}
	return i, top
}

// scanPort reads the digits at b[i] as a port, 1 to 65535, and returns the offset after them.
func scanPort(b []byte, i int) (port uint16, n int, err Error) {
	p := 0
	for n = i; n < len(b) && is(b[n], digit); n++ {
		if p = p*10 + int(b[n]-'0'); p > 65535 {
			return 0, i, errPort
		}
	}
	if p == 0 {
		return 0, i, errPort
	}
	return uint16(p), n, 0
}

// parseIPv4 reads all of b as four decimal octets of up to three digits. Leading zeros are decimal too: the grammar
// allows them.
func parseIPv4(b []byte) (a [4]byte, ok bool) {
	value, count, k := uint(0), 0, 0
	for _, c := range b {
		if digit := c - '0'; digit <= 9 {
			value = value*10 + uint(digit)
			if count++; count > 3 || value > 255 {
				return a, false
			}
			continue
		}
		if c != '.' || count == 0 || k == 3 {
			return a, false
		}
		a[k] = byte(value)
		value, count = 0, 0
		k++
	}
	a[3] = byte(value)
	return a, k == 3 && count > 0
}

// parseIPv6 reads all of b as an IPv6 address without brackets and zone. Three colons before an IPv4 tail are
// taken for two: a slip in the grammar of RFC 2373 made peers write them (RFC 5118, Section 4.10).
func parseIPv6(b []byte) (a [16]byte, ok bool) {
	n, gap := 0, -1
	for i := 0; ; {
		if i+1 < len(b) && b[i] == ':' && b[i+1] == ':' {
			if gap >= 0 {
				return a, false
			}
			gap = n
			if i += 2; i == len(b) {
				break
			}
			if b[i] == ':' && bytes.IndexByte(b[i:], '.') > 0 {
				i++
			}
		}
		j := run(b, i, hexdig)
		if j < len(b) && b[j] == '.' {
			v4, ok := parseIPv4(b[i:])
			if !ok || n > 12 {
				return a, false
			}
			n += copy(a[n:], v4[:])
			break
		}
		if j == i || j-i > 4 || n > 14 {
			return a, false
		}
		v := 0
		for _, c := range b[i:j] {
			v = v<<4 | int(unhex(c))
		}
		a[n], a[n+1] = byte(v>>8), byte(v)
		n += 2
		if i = j; i == len(b) {
			break
		}
		if b[i] != ':' || i+1 == len(b) {
			return a, false
		}
		if b[i+1] != ':' {
			i++
		}
	}
	if gap < 0 {
		return a, n == 16
	}
	if n > 14 {
		return a, false
	}
	copy(a[16-(n-gap):], a[gap:n])
	clear(a[gap : 16-(n-gap)])
	return a, true
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c <= 'F':
		return c - 'A' + 10
	}
	return c - 'a' + 10
}
