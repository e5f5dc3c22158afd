package parser

import "math/bits"

// lines is a window on a header section: of each octet it knows whether it is a control octet, as line ends are, or a
// colon. A window on b starts as lines{b: b, base: -64}: with none of its octets.
type lines struct {
	b       []byte
	base    int    // the octet that the lowest bits stand for
	control uint64 // below 0x20, or 0x7F; also what is behind the end of b
	colon   uint64
}

// read sets the bits of the octets from i on.
func (l *lines) read(i int) {
	l.base = i
	b := l.b[i:]
	if len(b) >= 64 {
		l.control, l.colon = lines64((*[64]byte)(b))
		return
	}
	var p [64]byte
	copy(p[:], b)
	l.control, l.colon = lines64(&p)
	l.control |= ^uint64(0) << uint(len(b))
}

// otherName is fieldName for the field at i whose first colon is known. It is not ok where there may be something wrong.
func otherName(b []byte, i, colon int) (h Header, end int, ok bool) {
	name := b[i:colon]
	for len(name) > 0 && isBlank(name[len(name)-1]) {
		name = name[:len(name)-1]
	}
	end = i + len(name)
	if h = headerOf(name); h != HeaderUnknown {
		return h, end, true
	}
	all := token
	for _, c := range name {
		all &= classes[c]
	}
	return h, end, all != 0 && len(name) > 0
}

// nextControl returns the offset of the first control octet at or after i, len(b) when there is none.
func (l *lines) nextControl(i int) int {
	if controls := l.control >> uint(i-l.base); controls != 0 {
		return i + bits.TrailingZeros64(controls)
	}
	return l.nextRead(i)
}

// nextRead is nextControl where no octet at or after i that has been read is a control octet.
func (l *lines) nextRead(i int) int {
	next := l.base + 64
	if i < l.base || i > next {
		next = i
	}
	for {
		if l.read(next); l.control != 0 {
			return next + bits.TrailingZeros64(l.control)
		}
		next += 64
	}
}

// lineEnd returns where the line that holds the octet at i ends, where the next one starts (-1: there is no line end), and
// the first control octet before that end (-1: none). A tab is not counted. A lone LF ends a line too: it is
// tolerated in datagrams, where it cannot move the frame.
func (l *lines) lineEnd(i int) (end, next, control int) {
	b := l.b
	for control = -1; ; i++ {
		i = l.nextControl(i)
		if i == len(b) {
			return i, -1, control
		}
		switch c := b[i]; {
		case c == '\r' && i+1 < len(b) && b[i+1] == '\n':
			return i, i + 2, control
		case c == '\n':
			return i, i + 1, control
		case c != '\t' && control < 0:
			control = i
		}
	}
}
