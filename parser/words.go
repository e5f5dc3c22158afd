package parser

// Words are compared octet by octet without a branch for each.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// load8 returns the eight octets at b[i], the first in the lowest place. The compiler makes one load of it.
func load8(b []byte, i int) uint64 {
	w := b[i : i+8 : i+8]
	return uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
		uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
}

// zeros returns a word whose lowest set bit is the high bit of the lowest octet of x that is zero, 0 when none is. A
// borrow may set bits above that one only.
func zeros(x uint64) uint64 { return (x - ones) &^ x & highs }

// controls returns a word whose lowest set bit is the high bit of the lowest octet of x that is a control octet, 0 when
// none is: below 0x20, or 0x7F. Octets above 0x7F are none. A borrow may set bits above that one only.
func controls(x uint64) uint64 {
	return ((x - 0x20*ones) | (x&^highs + ones)) &^ x & highs
}

// word8 is load8 for a string, too.
func word8[T []byte | string](s T, i int) uint64 {
	w := s[i : i+8]
	return uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
		uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
}

// put8 writes the octets of x to b[i], the lowest first.
func put8(b []byte, i int, x uint64) {
	w := b[i : i+8 : i+8]
	w[0], w[1], w[2], w[3] = byte(x), byte(x>>8), byte(x>>16), byte(x>>24)
	w[4], w[5], w[6], w[7] = byte(x>>32), byte(x>>40), byte(x>>48), byte(x>>56)
}
