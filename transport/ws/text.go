package ws

import "encoding/binary"

// text checks UTF-8 that comes in parts, cut anywhere (RFC 3629; RFC 6455, Section 8.1). It refuses at the first octet after which nothing could
// make it right, wherever the parts were cut. The zero text is at the start.
type text struct {
	more      uint8 // octets that the character begun still needs
	low, high byte  // between which the next of them lies
}

// take takes the next part. It reports false when what was taken is not UTF-8.
func (t *text) take(b []byte) bool {
	for len(b) > 0 {
		if t.more == 0 {
			if b = b[ascii(b):]; len(b) == 0 {
				return true
			}
			if !t.begin(b[0]) {
				return false
			}
		} else {
			if b[0] < t.low || b[0] > t.high {
				return false
			}
			t.more--
			t.low, t.high = 0x80, 0xBF
		}
		b = b[1:]
	}
	return true
}

// whole reports whether what was taken ends with a character, not inside one.
func (t *text) whole() bool { return t.more == 0 }

// begin takes the first octet of a character of more than one. What may come second is narrower where a longer form than needed, a
// surrogate or a value beyond U+10FFFF would begin (RFC 3629, Section 4).
func (t *text) begin(c byte) bool {
	t.low, t.high = 0x80, 0xBF
	switch {
	case 0xC2 <= c && c <= 0xDF:
		t.more = 1
	case c == 0xE0:
		t.more, t.low = 2, 0xA0
	case c == 0xED:
		t.more, t.high = 2, 0x9F
	case 0xE1 <= c && c <= 0xEF:
		t.more = 2
	case c == 0xF0:
		t.more, t.low = 3, 0x90
	case 0xF1 <= c && c <= 0xF3:
		t.more = 3
	case c == 0xF4:
		t.more, t.high = 3, 0x8F
	default:
		return false
	}
	return true
}

// ascii returns how many octets of b come before the first that is not ASCII.
func ascii(b []byte) int {
	n := 0
	for ; len(b)-n >= 8; n += 8 {
		if binary.LittleEndian.Uint64(b[n:])&0x8080808080808080 != 0 {
			break
		}
	}
	for n < len(b) && b[n] < 0x80 {
		n++
	}
	return n
}
