package parser

import "math"

// CSeq is a parsed CSeq value (RFC 3261, Section 20.16).
type CSeq struct {
	Number uint32
	Method Method
	Name   []byte // the method's spelling
}

// CSeq returns the CSeq value. The error is an [Error].
func (m *Message) CSeq() (CSeq, error) {
	if s := &m.seen.cseq; s.name.len > 0 {
		return CSeq{s.number, s.method, s.name.of(m.b)}, nil
	}
	i, ok := m.first(HeaderCSeq)
	if !ok {
		return CSeq{}, ErrAbsent
	}
	c, _, err := parseCSeq(m.at(i).value.of(m.b))
	if err != 0 {
		return CSeq{}, err
	}
	return c, nil
}

// parseCSeq parses all of b; n is where a fault is. The number has to fit in 32 bits, leading zeros aside.
func parseCSeq(b []byte) (c CSeq, n int, err Error) {
	end := run(b, 0, digit)
	number, large, ok := digitsOf(b[:end], math.MaxUint32)
	switch {
	case len(b) == 0:
		return c, 0, errEmpty
	case !ok:
		return c, 0, errNumber
	case large:
		return c, 0, errNumberLarge
	}
	i := skipLWS(b, end)
	if i == end || i == len(b) || run(b, i, token) < len(b) {
		return c, i, errCSeqMethod
	}
	name := b[i:len(b):len(b)]
	return CSeq{Number: uint32(number), Method: ParseMethod(name), Name: name}, 0, 0
}
