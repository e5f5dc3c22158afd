package parser

import (
	"bytes"
	"iter"
)

const (
	// maxParts bounds the parts of one multipart body, at 256: a body for each of the users of a large list stays
	// below, and whoever keeps something for each part needs a bound.
	maxParts = 256

	// maxNesting bounds how deep multipart bodies stand in each other: each level is looked through again.
	maxNesting = 8

	// maxBoundary is the longest boundary (RFC 2046, Section 5.1.1).
	maxBoundary = 70
)

// Parts walks the parts of a multipart body, whatever its subtype: one that is not known is as good as mixed (RFC 5621,
// Section 4; RFC 2046, Section 5.1.7). A body of any other type is one part, with the header fields of m, and no body is
// none. Preamble and epilogue are left out. Nothing is copied, and the time is in proportion to the body.
//
// After a malformed part or a missing delimiter the error, an [Error], is the last that comes.
func (m *Message) Parts() iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) { m.walkParts(yield) }
}

func (m *Message) walkParts(yield func(Part, error) bool) {
	if len(m.Body()) == 0 {
		return
	}
	from := m.line.end()
	for from < m.body && (m.b[from] == '\r' || m.b[from] == '\n') {
		from++
	}
	whole := Part{head: m.b[from:m.body:m.body], body: m.Body()}
	t, err := m.ContentType()
	switch {
	case err == nil && isMultipart(t):
		walkMultipart(whole, t, yield)
	case err == nil || err == ErrAbsent:
		yield(whole, nil)
	default:
		yield(Part{}, err)
	}
}

// Parts walks the parts of p, none when p is no multipart body itself; see [Message.Parts].
func (p Part) Parts() iter.Seq2[Part, error] {
	return func(yield func(Part, error) bool) { p.walkParts(yield) }
}

func (p *Part) walkParts(yield func(Part, error) bool) {
	t, err := p.ContentType()
	switch {
	case err == nil && isMultipart(t):
		walkMultipart(*p, t, yield)
	case err == nil || err == ErrAbsent:
	default:
		yield(Part{}, err)
	}
}

func isMultipart(t MediaType) bool { return EqualFold(t.Type(), "multipart") }

// walkMultipart walks the parts of whole, which is of the multipart type t.
func walkMultipart(whole Part, t MediaType, yield func(Part, error) bool) {
	var d delimiter
	err := d.set(t)
	if err == 0 && whole.depth == maxNesting {
		err = errNesting
	}
	if err != 0 {
		yield(Part{}, err)
		return
	}
	b := whole.body
	_, i, last := d.next(b, 0)
	if i < 0 || last { // there is one part at least (RFC 2046, Section 5.1)
		yield(Part{}, errNoDelimiter)
		return
	}
	for count := 1; !last; count++ {
		var end, next int
		end, next, last = d.next(b, i)
		p := Part{depth: whole.depth + 1}
		switch {
		case next < 0:
			err = errPartOpen
		case count > maxParts:
			err = errBodyParts
		default:
			err = p.split(b[i:end])
		}
		if err != 0 {
			yield(Part{}, err)
			return
		}
		if !yield(p, nil) {
			return
		}
		i = next
	}
}

// delimiter is what stands before each part: CRLF, two hyphens, and the boundary. The CRLF belongs to it
// (RFC 2046, Section 5.1.1).
type delimiter struct {
	b [4 + maxBoundary]byte
	n int
}

// set takes the boundary from the media type.
func (d *delimiter) set(t MediaType) Error {
	v, _ := t.Param("boundary")
	var room [2*maxBoundary + 2]byte // every octet between the quotes may be escaped
	if len(v) > len(room) {
		return errBoundary
	}
	v = Unquote(room[:0], v)
	if len(v) == 0 || len(v) > maxBoundary || v[len(v)-1] == ' ' || nextControl(v, 0) < len(v) {
		return errBoundary
	}
	d.n = copy(d.b[:], "\r\n--")
	d.n += copy(d.b[d.n:], v)
	return 0
}

// next finds the first delimiter of b at or after i. The part before it ends at end and what follows starts at next; last
// is true for the one that closes the body. next is -1 when there is none. Where the body starts it needs no CRLF. A line
// with more behind the boundary than blanks is none.
func (d *delimiter) next(b []byte, i int) (end, next int, last bool) {
	text := d.b[:d.n]
	if i == 0 && bytes.HasPrefix(b, text[2:]) {
		if next, last = delimiterEnd(b, len(text)-2); next > 0 {
			return 0, next, last
		}
	}
	for {
		k := bytes.Index(b[i:], text)
		if k < 0 {
			return 0, -1, false
		}
		end = i + k
		i = end + len(text)
		if next, last = delimiterEnd(b, i); next > 0 {
			return end, next, last
		}
	}
}

// delimiterEnd returns where the line after a delimiter starts whose boundary ends at b[i], 0 when the line has more.
func delimiterEnd(b []byte, i int) (next int, last bool) {
	if last = bytes.HasPrefix(b[i:], []byte("--")); last {
		i += 2
	}
	for i < len(b) && isBlank(b[i]) {
		i++
	}
	switch {
	case i == len(b) && last:
		return i, true
	case i+1 < len(b) && b[i] == '\r' && b[i+1] == '\n':
		return i + 2, last
	}
	return 0, false
}
