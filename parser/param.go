package parser

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
	end := run(b, i, token)
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
	} else if end = run(b, i, value); end == i {
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

// paramSet notices a name that comes twice: it is malformed (RFC 3261, Section 7.3.1). It remembers one bit for each
// name and looks back only when that bit was set.
type paramSet struct {
	seen  uint64
	count int
}

// add adds name, a part of b, and reports whether it may have been there before, or that there are too many.
func (s *paramSet) add(name []byte) (again bool, err Error) {
	if s.count++; s.count > MaxParams {
		return false, errParamsMany
	}
	bit := uint64(1) << ((name[0] | 0x20 + byte(len(name))*11) & 63)
	again = s.seen&bit != 0
	s.seen |= bit
	return again, 0
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
