package parser

import (
	"math"
	"strconv"
)

// MaxBreadth returns the Max-Breadth value, 1 or more; one above 2^32-1 is that (RFC 5393, Section 5.8). The error is
// an [Error].
func (m *Message) MaxBreadth() (int, error) {
	n, err := m.number(HeaderMaxBreadth, maxSeconds)
	if err == nil && n == 0 {
		return 0, errZero
	}
	return n, err
}

// RSeq returns the RSeq value, 1 to 2^32-1 (RFC 3262, Section 7.1). The error is an [Error].
func (m *Message) RSeq() (uint32, error) { return one(m, HeaderRSeq, readRSeq) }

func readRSeq(b []byte, _ Header) (uint32, Error) {
	n, large, ok := digitsOf(b, math.MaxUint32)
	switch {
	case !ok:
		return 0, errNumber
	case large:
		return 0, errNumberLarge
	case n == 0:
		return 0, errZero
	}
	return uint32(n), 0
}

// RAck is a parsed RAck value: the RSeq and CSeq of the response that a PRACK acknowledges (RFC 3262, Section 7.2).
type RAck struct {
	RSeq   uint32
	CSeq   uint32
	Method Method
	Name   []byte // the method's spelling; may be nil when Method is known
}

// RAck returns the RAck value. The error is an [Error].
func (m *Message) RAck() (RAck, error) { return one(m, HeaderRAck, readRAck) }

func readRAck(b []byte, h Header) (r RAck, err Error) {
	end := run(b, 0, digit)
	if r.RSeq, err = readRSeq(b[:end], h); err != 0 {
		return r, err
	}
	i := skipLWS(b, end)
	if i == end {
		return r, errNumber
	}
	c, _, err := parseCSeq(b[i:])
	r.CSeq, r.Method, r.Name = c.Number, c.Method, c.Name
	return r, err
}

// AppendTo appends the value to dst.
func (r RAck) AppendTo(dst []byte) []byte {
	dst = strconv.AppendUint(dst, uint64(r.RSeq), 10)
	dst = append(dst, ' ')
	dst = strconv.AppendUint(dst, uint64(r.CSeq), 10)
	dst = append(dst, ' ')
	if r.Name == nil {
		return append(dst, r.Method.String()...)
	}
	return append(dst, r.Name...)
}
