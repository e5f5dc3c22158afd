package parser

// param is one parameter: ";name" or ";name=value". Spans refer to the value that holds it.
type param struct {
	name, value span
	valued      bool
	key         uint64 // of the name, when params or uriParams read it
}

// param reads the generic-param whose semicolon is at i, and returns the offset after it, or that of a fault.
// Blanks may stand round '=' and ';'. An unquoted value may hold colons and brackets as well: hosts are such values,
// and peers write IPv6 addresses either way (RFC 3261, Section 25.1; RFC 5118, Section 4.5).
func (w *window) param(i int) (p param, n int, err Error) {
	b := w.b
	i = skipLWS(b, i+1)
	end := w.run(i, token)
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
	} else if end = w.run(i, value); end == i {
		return p, i, errParamValue
	}
	p.value, p.valued = spanOf(i, end), true
	return p, end, 0
}

// nextParam is param in a window of its own.
func nextParam(b []byte, i int) (p param, n int, err Error) {
	w := window{b: b}
	return w.param(i)
}

// findParam returns the value of the parameter called name among those that start at the semicolon b[i]: as
// written, quotes included, and empty but not nil for one without a value.
func findParam(b []byte, i int, name string) ([]byte, bool) {
	w := window{b: b}
	for i < len(b) && b[i] == ';' {
		p, n, err := w.param(i)
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
	w := window{b: b}
	for i < len(b) && b[i] == ';' {
		p, n, err := w.param(i)
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

// params reads the parameters of a value from the octet end on, which is a semicolon, a comma or the end, blanks before
// it aside.
type params struct {
	first int // the first semicolon, 0: none
	at    int // the next one
	end   int // of the last one
	names nameSet
}

// next reads one parameter; ok is false behind the last one, where a comma or the end is at at, and at the fault, whose
// offset is there then.
func (s *params) next(w *window) (p param, ok bool, err Error) {
	b := w.b
	s.at = skipLWS(b, s.end)
	if s.at == len(b) || b[s.at] == ',' {
		if s.names.full() {
			s.at, err = w.twice(s.first, s.at)
		}
		return p, false, err
	}
	if b[s.at] != ';' {
		return p, false, errTrailing
	}
	if s.first == 0 {
		s.first = s.at
	}
	p, n, err := w.param(s.at)
	if err != 0 {
		s.at = n
		return p, false, err
	}
	p.key = keyOf(b, int(p.name.off), int(p.name.len))
	again, err := s.names.add(p.key)
	if again && w.repeated(s.first, p) {
		err = errParamTwice
	}
	if err != 0 {
		s.at = int(p.name.off)
		return p, false, err
	}
	s.end = n
	return p, true, 0
}

// twice looks for a name that comes twice among the parameters from the semicolon at first up to end, many of them. It
// returns its offset and that fault, or end.
func (w *window) twice(first, end int) (int, Error) {
	var seen nameTable
	for i := first; i < end; {
		p, n, err := w.param(i)
		if err != 0 {
			return n, err
		}
		if seen.add(keyOf(w.b, int(p.name.off), int(p.name.len))) && w.repeated(first, p) {
			return int(p.name.off), errParamTwice
		}
		i = skipLWS(w.b, n)
	}
	return end, 0
}

// repeated reports whether the parameter p is among those from the semicolon at first up to it.
func (w *window) repeated(first int, p param) bool {
	for i := first; i < int(p.name.off); {
		q, n, err := w.param(i)
		if err != 0 || q.name.off >= p.name.off {
			return false
		}
		if sameFold(q.name.of(w.b), p.name.of(w.b)) {
			return true
		}
		i = skipLWS(w.b, n)
	}
	return false
}
