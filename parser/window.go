package parser

import "math/bits"

// window reads a value 64 octets at a time: of each octet it has a bit that says whether a part may end there. So an
// octet is looked at once, however many parts the value has, and the end of a part is found without a loop over its
// octets. A window on b starts as window{b: b}; up to its capacity b is read, and no more than its length looked at.
type window struct {
	b    []byte
	base int    // the octet that the lowest bits stand for
	odd  uint64 // neither letter, digit, '-' nor '.'; also what is behind the end of b
	dot  uint64 // '.'
	dash uint64 // '-'
}

// next returns the offset of the first octet at or after i that is odd, len(b) when there is none.
func (w *window) next(i int) int {
	if odd := w.odd >> uint(i-w.base); odd != 0 {
		return i + bits.TrailingZeros64(odd)
	}
	return w.slide(i)
}

// slide is next where the window does not reach: it moves.
//
//go:noinline
func (w *window) slide(i int) int {
	for {
		w.read(i)
		if w.odd != 0 {
			return i + bits.TrailingZeros64(w.odd)
		}
		i += 64
	}
}

// read sets the bits of the octets from i on.
func (w *window) read(i int) {
	var k marks
	b := w.b[i:]
	if cap(b) >= 64 {
		readMarks(&k, b[:64])
	} else {
		var p [64]byte
		copy(p[:], b)
		readMarks(&k, p[:])
	}
	w.base = i
	w.odd, w.dot, w.dash = k.odd[0]|^uint64(0)<<uint(len(b)), k.dot[0], k.dash[0]
}

// run returns the offset of the first octet at or after i that is not in k, a class that holds all letters, digits, '-'
// and '.'.
func (w *window) run(i int, k class) int {
	for i = w.next(i); i < len(w.b) && classes[w.b[i]]&k != 0; i = w.next(i + 1) {
	}
	return i
}

// runEscaped is run for classes that also hold %HH escapes.
func (w *window) runEscaped(i int, k class) int {
	for i = w.next(i); i < len(w.b); {
		switch c := w.b[i]; {
		case classes[c]&k != 0:
			i = w.next(i + 1)
		case c == '%' && i+2 < len(w.b) && is(w.b[i+1], hexdig) && is(w.b[i+2], hexdig):
			i = w.next(i + 3)
		default:
			return i
		}
	}
	return i
}

// host is scanHost in a window.
func (w *window) host(i int) (int, Error) {
	b := w.b
	if i < len(b) && b[i] == '[' {
		return scanIPv6(b, i)
	}
	end := w.next(i)
	if i < w.base || end > w.base+64 || end == i || end < len(b) && b[end] == '_' {
		return scanName(b, i) // longer than a window, or with an underscore
	}
	from, n := uint(i-w.base), uint(end-i)
	in := ^uint64(0) >> (64 - n)
	dot, dash := w.dot>>from&in, w.dash>>from&in
	// No label is empty, and none starts or ends with a dash.
	if (dot|dash)&(dot<<1|1)|dash&(dot>>1|1<<(n-1)) != 0 {
		return scanName(b, i)
	}
	// The last label of a name starts with a letter, so that no name looks like an address.
	top := bits.Len64(dot &^ (1 << (n - 1)))
	if is(b[i+top], digit) {
		if _, ok := parseIPv4(b[i:end]); !ok {
			return i, errHost
		}
	}
	return end, 0
}
