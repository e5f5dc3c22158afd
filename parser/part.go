package parser

import "iter"

// Part is one part of a multipart body: header fields and a body (RFC 2046, Section 5.1). It refers to the message's
// bytes.
type Part struct {
	head  []byte // the header fields with their line ends
	body  []byte
	depth uint8 // of how many multipart bodies it is part of
}

// split cuts b into header fields and body, and checks the header fields. A part without a body may end behind them: the
// line end of the blank line is the delimiter's then.
func (p *Part) split(b []byte) Error {
	head := b[:min(len(b), MaxHead)]
	i := 0
	for i < len(head) {
		if end, ok := blankLine(head, i); ok {
			p.head = b[:i:i]
			p.body = b[end:len(b):len(b)]
			return 0
		}
		_, next, err := partField(head, i)
		if err == errNoBlankLine && len(head) < len(b) {
			return errHeadLarge
		}
		if err != 0 {
			return err
		}
		i = next
	}
	if len(head) < len(b) {
		return errHeadLarge
	}
	p.head = b[:i:i]
	p.body = b[i:]
	return 0
}

// partField reads the header field at b[i], and returns where the next one starts.
func partField(b []byte, i int) (f Field, next int, err Error) {
	h, nameEnd, colon, ok := fieldName(b, i)
	if !ok {
		return f, i, errFieldName
	}
	l := lines{b: b, base: -64}
	end, next, control := l.lineEnd(colon)
	for next >= 0 && next < len(b) && isBlank(b[next]) {
		var c int
		end, next, c = l.lineEnd(next)
		if control < 0 {
			control = c
		}
	}
	switch {
	case next < 0:
		return f, i, errNoBlankLine
	case end-i > MaxLine:
		return f, i, errLineLong
	case control >= 0 && strayControl(b[colon+1:end]) >= 0:
		return f, i, errControl
	}
	from, to := trimLWS(b, colon+1, end)
	return Field{Header: h, Name: b[i:nameEnd:nameEnd], Value: b[from:to:to]}, next, 0
}

// Fields walks the header fields in order. Those whose names stand for no header of SIP, as Content-ID and
// Content-Transfer-Encoding, are [HeaderUnknown].
func (p Part) Fields() iter.Seq[Field] {
	return func(yield func(Field) bool) { p.walkFields(yield) }
}

func (p *Part) walkFields(yield func(Field) bool) {
	for i := 0; i < len(p.head); {
		f, next, err := partField(p.head, i)
		if err != 0 || !yield(f) {
			return
		}
		i = next
	}
}

// Lookup returns the value of the first field called name, case-blind, nil when there is none.
func (p Part) Lookup(name string) []byte {
	var value []byte
	h := ParseHeader(name)
	p.walkFields(func(f Field) bool {
		if f.Header == h && (h != HeaderUnknown || EqualFold(f.Name, name)) {
			value = f.Value
		}
		return value == nil
	})
	return value
}

// Body returns the octets of the part, of one that is a multipart body itself all of them.
func (p Part) Body() []byte { return p.body }

// ContentType returns the Content-Type value; a part without one is text/plain (RFC 2046, Section 5.1). The error is an
// [Error].
func (p Part) ContentType() (MediaType, error) {
	v := p.Lookup("Content-Type")
	if v == nil {
		return MediaType{}, ErrAbsent
	}
	return ParseMediaType(v)
}

// ContentDisposition returns the Content-Disposition value, without one what it is for the Content-Type; see
// [Message.ContentDisposition]. The error is an [Error].
func (p Part) ContentDisposition() (Disposition, error) {
	v := p.Lookup("Content-Disposition")
	if v == nil {
		t, _ := p.ContentType()
		return defaultDisposition(t), nil
	}
	d, err := readDisposition(v, HeaderContentDisposition)
	if err != 0 {
		return Disposition{}, err
	}
	return d, nil
}
