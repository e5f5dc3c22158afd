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

// load4 is load8 for four octets.
func load4(b []byte, i int) uint32 {
	w := b[i : i+4 : i+4]
	return uint32(w[0]) | uint32(w[1])<<8 | uint32(w[2])<<16 | uint32(w[3])<<24
}

// zeros returns a word whose lowest set bit is the high bit of the lowest octet of x that is zero, 0 when none is. A
// borrow may set bits above that one only.
func zeros(x uint64) uint64 { return (x - ones) &^ x & highs }

// controls returns a word whose lowest set bit is the high bit of the lowest octet of x that is a control octet, 0 when
// none is: below 0x20, or 0x7F. Octets above 0x7F are none. A borrow may set bits above that one only.
func controls(x uint64) uint64 {
	return ((x - 0x20*ones) | (x&^highs + ones)) &^ x & highs
}

// odds returns a word with the high bit of each octet of x that is neither a letter, a digit, '-' nor '.'. Nearly all
// of what a message says is made of those.
func odds(x uint64) uint64 {
	// No sum of two octets below 0x80 is carried: each is compared for itself.
	y := x &^ highs
	fold := y | 0x20*ones
	letter := (fold + (0x80-'a')*ones) &^ (fold + (0x80-'z'-1)*ones)
	number := (y + (0x80-'0')*ones) &^ (y + (0x80-'9'-1)*ones)
	return (letter|number|marksOf(y))&^x&highs ^ highs
}

// marksOf returns a word with the high bit of each octet of y, all below 0x80, that is '-' or '.'. Its other bits mean
// nothing.
func marksOf(y uint64) uint64 { return (y + (0x80-'-')*ones) &^ (y + (0x80-'.'-1)*ones) }

// last8 returns the last octets of b from i on, one to seven, and zeros behind them. b has eight or more.
func last8(b []byte, i int) uint64 { return load8(b, len(b)-8) >> (uint(64-8*(len(b)-i)) & 63) }
