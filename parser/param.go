package parser

import (
	"bytes"
	"math/bits"
)

// param is one parameter: ";name" or ";name=value". Spans refer to the value that holds it.
type param struct {
	name, value span
	valued      bool
}

// nextParam reads the generic-param whose semicolon is b[i], and returns the offset after it, or that of a fault.
// Blanks may stand round '=' and ';'. An unquoted value may hold colons and brackets as well: hosts are such values,
// and peers write IPv6 addresses either way (RFC 3261, Section 25.1; RFC 5118, Section 4.5).
func nextParam(b []byte, i int) (p param, n int, err Error) {
	i = skipLWS(b, i+1)
	end := runWord(b, i, token)
	if end == i {
		if i == len(b) || b[i] == ';' || b[i] == ',' {
			return p, i, errStray
		}
		return p, i, errParamName
	}
	p.name = spanOf(i, end)
	i = skipLWS(b, end)
	if i == len(b) || b[i] != '=' {
		return p, end, 0
	}
	i = skipLWS(b, i+1)
	if i < len(b) && b[i] == '"' {
		end, err = quoted(b, i)
		if err != 0 {
			return p, end, err
		}
	} else if end = runWord(b, i, value); end == i {
		return p, i, errParamValue
	}
	p.value, p.valued = spanOf(i, end), true
	return p, end, 0
}

// findParam returns the value of the parameter called name among those that start at the semicolon b[i]: as
// written, quotes included, and empty but not nil for one without a value.
func findParam(b []byte, i int, name string) ([]byte, bool) {
	for i < len(b) && b[i] == ';' {
		p, n, err := nextParam(b, i)
		if err != 0 {
			break
		}
		if EqualFold(p.name.of(b), name) {
			return p.value.of(b), true
		}
		i = skipLWS(b, n)
	}
	return nil, false
}

// walkParams yields all parameters that start at the semicolon b[i]; the value of one without is nil.
func walkParams(b []byte, i int, yield func(name, value []byte) bool) {
	for i < len(b) && b[i] == ';' {
		p, n, err := nextParam(b, i)
		if err != 0 {
			return
		}
		var v []byte
		if p.valued {
			v = p.value.of(b)
		}
		if !yield(p.name.of(b), v) {
			return
		}
		i = skipLWS(b, n)
	}
}

// paramSet notices a name that comes twice: it is malformed (RFC 3261, Section 7.3.1). It remembers two bits of 512 for
// each name and asks for a look back only when both were set: those of other names rarely are.
type paramSet struct {
	seen  [8]uint64
	first []byte // a name that has no bit yet: most values have no second one
	count int
}

// add adds name, which is not empty, and reports whether it may have been there before, in any case of its letters, or
// that there are too many.
func (s *paramSet) add(name []byte) (again bool, err Error) {
	if s.count == 0 {
		s.count, s.first = 1, name
		return false, 0
	}
	return s.note(hashName(name))
}

// addEscaped is add for a name that may hold escapes: the octets that they stand for are taken.
func (s *paramSet) addEscaped(name []byte) (again bool, err Error) {
	if bytes.IndexByte(name, '%') < 0 {
		return s.add(name)
	}
	var plain [MaxURI]byte
	return s.note(hashName(Unescape(plain[:0], name)))
}

func (s *paramSet) note(h uint32) (again bool, err Error) {
	if s.count++; s.count > MaxParams {
		return false, errParamsMany
	}
	if s.first != nil {
		s.mark(hashName(s.first))
		s.first = nil
	}
	return s.mark(h), 0
}

// mark sets the two bits that h stands for, and reports whether they were set.
func (s *paramSet) mark(h uint32) (again bool) {
	one, two := &s.seen[h>>29], &s.seen[h>>20&7]
	again = *one>>(h>>23&63)&1 != 0 && *two>>(h>>14&63)&1 != 0
	*one |= 1 << (h >> 23 & 63)
	*two |= 1 << (h >> 14 & 63)
	return again
}

// hashName is the same for names that differ in the case of letters only. It sees up to sixteen octets: the first and the
// last eight.
func hashName(name []byte) uint32 {
	n := len(name)
	x := uint64(n) << 56
	switch {
	case n >= 8:
		x ^= (load8(name, 0) | 0x20*ones) + bits.RotateLeft64(load8(name, n-8)|0x20*ones, 27)
	case n >= 4:
		x ^= uint64(load4(name, 0)|0x20202020) | uint64(load4(name, n-4)|0x20202020)<<32
	default:
		x ^= uint64(name[0]|0x20) | uint64(name[n/2]|0x20)<<8 | uint64(name[n-1]|0x20)<<16
	}
	high, low := bits.Mul64(x, 0x9e3779b97f4a7c15)
	return uint32((high ^ low) >> 16)
}

// repeated reports whether the parameter p is among those from the semicolon b[first] up to it.
func repeated(b []byte, first int, p param) bool {
	for i := first; i < int(p.name.off); {
		q, n, err := nextParam(b, i)
		if err != 0 || q.name.off >= p.name.off {
			return false
		}
		if sameFold(q.name.of(b), p.name.of(b)) {
			return true
		}
		i = skipLWS(b, n)
	}
	return false
}

// params reads the parameters of b from the octet i on, which is a semicolon, a comma or the end, blanks before it
// aside. each is told of every one. It returns where the last one ends and where what follows starts (a comma or the
// end), or the offset of a fault.
type params struct {
	first int // the first semicolon, 0: none
	at    int // the next one
	end   int // of the last one
	set   paramSet
}

// next reads one parameter; ok is false behind the last one, and at the fault.
func (s *params) next(b []byte) (p param, ok bool, err Error) {
	s.at = skipLWS(b, s.end)
	if s.at == len(b) || b[s.at] == ',' {
		return p, false, 0
	}
	if b[s.at] != ';' {
		return p, false, errTrailing
	}
	if s.first == 0 {
		s.first = s.at
	}
	p, n, err := nextParam(b, s.at)
	if err != 0 {
		s.at = n
		return p, false, err
	}
	again, err := s.set.add(p.name.of(b))
	if err == 0 && again && repeated(b, s.first, p) {
		err = errParamTwice
	}
	if err != 0 {
		s.at = int(p.name.off)
		return p, false, err
	}
	s.end = n
	return p, true, 0
}
