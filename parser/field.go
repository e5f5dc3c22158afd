package parser

import "iter"

// Field is one header field as received.
type Field struct {
	Header Header
	Name   []byte
	Value  []byte // raw: folds included, surrounding blanks not
}

// Has reports whether a field of h is there, malformed or not. HeaderUnknown stands for any unknown field.
func (m *Message) Has(h Header) bool {
	return h < headerCount && m.present[h>>6]&(1<<(h&63)) != 0
}

// Raw returns the value of the first field of h as received, folds included, nil when absent.
func (m *Message) Raw(h Header) []byte {
	i, ok := m.first(h)
	if !ok {
		return nil
	}
	return m.at(i).value.of(m.b)
}

// Fields walks all header fields in order.
func (m *Message) Fields() iter.Seq[Field] {
	return func(yield func(Field) bool) { m.walkFields(yield) }
}

func (m *Message) walkFields(yield func(Field) bool) {
	for i := range int(m.count) {
		f := m.at(uint8(i))
		if !yield(Field{Header: f.id, Name: f.name.of(m.b), Value: f.value.of(m.b)}) {
			return
		}
	}
}

// Values walks the values of h in order; those of list headers are split at commas, and empty ones are left out
// (RFC 3261, Section 7.3.1). Of any other header each field is one value, empty or not.
func (m *Message) Values(h Header) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { m.walkValues(h, yield) }
}

func (m *Message) walkValues(h Header, yield func([]byte) bool) {
	if h == HeaderUnknown || h >= headerCount || headers[h].kind != list {
		for i, ok := m.first(h); ok; i, ok = m.after(h, i) {
			if !yield(m.at(i).value.of(m.b)) {
				return
			}
		}
		return
	}
	c := m.cursor(h)
	for b, ok := c.next(); ok; b, ok = c.next() {
		n := valueEnd(b)
		c.used(n)
		_, n = trimLWS(b, 0, n)
		if n > 0 && !yield(b[:n:n]) {
			return
		}
	}
}

// Lookup walks the raw values of the fields called name, case-blind, known (long or compact) or not.
func (m *Message) Lookup(name string) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) { m.walkNamed(name, yield) }
}

func (m *Message) walkNamed(name string, yield func([]byte) bool) {
	h := ParseHeader(name)
	for i, ok := m.first(h); ok; i, ok = m.after(h, i) {
		f := m.at(i)
		if h == HeaderUnknown && !EqualFold(f.name.of(m.b), name) {
			continue
		}
		if !yield(f.value.of(m.b)) {
			return
		}
	}
}

// HasTag reports whether one of the option tags (or other case-blind tokens) that [Message.Tokens] walks is tag
// (RFC 3261, Section 19.2).
func (m *Message) HasTag(h Header, tag string) bool {
	found := false
	m.walkTokens(h, func(v []byte, _ error) bool {
		found = v != nil && EqualFold(v, tag)
		return !found
	})
	return found
}

// cursor walks the values of a list header across its fields. next lends the rest of the field from the next
// value on; used says how much of it the value took.
type cursor struct {
	m    *Message
	h    Header
	i    uint8 // the field
	p    int   // the next value's offset in it
	open bool  // there is one
}

func (m *Message) cursor(h Header) cursor {
	i, ok := m.first(h)
	return cursor{m: m, h: h, i: i, open: ok}
}

// next returns the octets of the field from the next value's first on, which may be none: an empty field, or a
// comma that nothing follows. Behind them is the rest of the message.
func (c *cursor) next() (b []byte, ok bool) {
	if !c.open {
		return nil, false
	}
	b = c.m.at(c.i).value.in(c.m.b)
	c.p = skipLWS(b, c.p)
	return b[c.p:], true
}

// used moves on behind the value that took n octets of what next returned: what follows is a comma, or the end.
func (c *cursor) used(n int) {
	c.p += n
	if c.p < int(c.m.at(c.i).value.len) {
		c.p++ // the comma
		return
	}
	c.i, c.open = c.m.after(c.h, c.i)
	c.p = 0
}

// valueEnd returns the offset of the comma that ends the first value of b, len(b) when none does. Commas in quoted
// strings, angle brackets and comments do not (RFC 3261, Section 7.3.1). What is never closed reaches to the end. A
// parenthesis opens a comment only after a blank: it may stand in a URI.
func valueEnd(b []byte) int {
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case ',':
			return i
		case '"':
			j, err := quoted(b, i)
			if err != 0 {
				return len(b)
			}
			i = j - 1
		case '<':
			for i < len(b) && b[i] != '>' {
				i++
			}
		case '(':
			if i == 0 || b[i-1] <= ' ' {
				j, err := comment(b, i)
				if err != 0 {
					return len(b)
				}
				i = j - 1
			}
		}
	}
	return len(b)
}

// comment returns the offset after the comment that starts at b[i]. Comments nest and hold quoted pairs
// (RFC 3261, Section 25.1).
func comment(b []byte, i int) (int, Error) {
	start, depth := i, 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1, 0
			}
		}
	}
	return start, errComment
}
