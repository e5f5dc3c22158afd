package parser

import "strconv"

// RetryAfter is a parsed Retry-After value (RFC 3261, Section 20.33).
type RetryAfter struct {
	Seconds  int // at most 2^32-1
	Duration int // of the duration parameter, 0 when absent
}

// RetryAfter returns the Retry-After value. A comment in it is for people and left out. The error is an [Error].
func (m *Message) RetryAfter() (RetryAfter, error) {
	i, ok := m.first(HeaderRetryAfter)
	if !ok {
		return RetryAfter{}, ErrAbsent
	}
	r, err := parseRetryAfter(m.at(i).value.of(m.b))
	if err != 0 {
		return RetryAfter{}, err
	}
	return r, nil
}

func parseRetryAfter(b []byte) (r RetryAfter, err Error) {
	if len(b) > maxValue {
		return r, errValueLong
	}
	end := run(b, 0, digit)
	n, _, ok := digitsOf(b[:end], maxSeconds)
	if !ok {
		return r, errNumber
	}
	r.Seconds = int(n)
	if i := skipLWS(b, end); i < len(b) && b[i] == '(' {
		if end, err = comment(b, i); err != 0 {
			return r, err
		}
	}
	w := window{b: b}
	ps := params{end: end}
	for {
		p, ok, err := ps.next(&w)
		switch {
		case err != 0:
			return r, err
		case !ok && ps.at < len(b):
			return r, errTrailing
		case !ok:
			return r, 0
		}
		if EqualFold(p.name.of(b), "duration") {
			n, _, ok := digitsOf(p.value.of(b), maxSeconds)
			if !ok {
				return r, errNumber
			}
			r.Duration = int(n)
		}
	}
}

// AppendTo appends the value to dst.
func (r RetryAfter) AppendTo(dst []byte) []byte {
	dst = strconv.AppendInt(dst, int64(r.Seconds), 10)
	if r.Duration > 0 {
		dst = appendNumber(dst, "duration", r.Duration)
	}
	return dst
}
