package parser

import "math/bits"

// span is a part of a message or value of less than 65,536 octets: four octets that hold no pointer.
type span struct{ off, len uint16 }

// spanOf is only called with offsets into a header section or a value that was found to be shorter than
// maxHead, so that nothing is lost.
func spanOf(from, to int) span { return span{uint16(from), uint16(to - from)} }

func (s span) of(b []byte) []byte {
	end := int(s.off) + int(s.len)
	return b[s.off:end:end]
}

// in is of with room behind it, up to the end of b: for readers that look at many octets at a time.
func (s span) in(b []byte) []byte { return b[s.off : int(s.off)+int(s.len)] }

func (s span) end() int { return int(s.off) + int(s.len) }

// nextControl returns the offset of the first control octet of b at or after i, len(b) when there is none. It takes
// sixteen octets at a time.
func nextControl(b []byte, i int) int {
	for ; i+16 <= len(b); i += 16 {
		low, high := controls(load8(b, i)), controls(load8(b, i+8))
		if low|high != 0 {
			if low == 0 {
				return i + 8 + bits.TrailingZeros64(high)>>3
			}
			return i + bits.TrailingZeros64(low)>>3
		}
	}
	for ; i+8 <= len(b); i += 8 {
		if hit := controls(load8(b, i)); hit != 0 {
			return i + bits.TrailingZeros64(hit)>>3
		}
	}
	for ; i < len(b); i++ {
		if b[i] < ' ' || b[i] == 0x7f {
			return i
		}
	}
	return len(b)
}

// strayControl returns the offset of the first control octet of the value b that may not be there, -1 when there
// is none. Control octets may stand only behind a backslash in a quoted string or in a comment, blanks and folds
// anywhere (RFC 3261, Section 25.1).
func strayControl(b []byte) int {
	if nextControl(b, 0) == len(b) {
		return -1
	}
	inString, comments := false, 0
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && (inString || comments > 0) && i+1 < len(b) && b[i+1] != '\r' && b[i+1] != '\n':
			i++
		case c == '"' && comments == 0:
			inString = !inString
		case c == '(' && !inString:
			comments++
		case c == ')' && !inString && comments > 0:
			comments--
		case c >= ' ' && c != 0x7f:
		default:
			j := skipLWS(b, i)
			if j == i {
				return i
			}
			i = j - 1
		}
	}
	return -1
}

// digitsOf reads b as a number of digits only; one above limit is limit, and large.
func digitsOf(b []byte, limit uint64) (n uint64, large, ok bool) {
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0, false, false
		}
		if large {
			continue
		}
		n = n*10 + uint64(c-'0')
		if n > limit {
			n, large = limit, true
		}
	}
	return n, large, len(b) > 0
}
