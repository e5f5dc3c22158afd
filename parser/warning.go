package parser

import (
	"iter"
	"strconv"
)

// Warning is a parsed Warning value (RFC 3261, Section 20.43). Code 399 is for people: nothing is to be done by
// program upon it.
type Warning struct {
	Code  int    // three digits
	Agent []byte // host with or without port, or a pseudonym
	Text  []byte // a quoted string as received, see [Unquote]; AppendTo quotes any other text
}

// Warnings walks the Warning values. After a malformed one it goes on with the next.
func (m *Message) Warnings() iter.Seq2[Warning, error] {
	return func(yield func(Warning, error) bool) { each(m, HeaderWarning, readWarning, yield) }
}

func readWarning(b []byte, _ Header) (w Warning, err Error) {
	end := run(b, 0, digit)
	if end != 3 || b[0] == '0' {
		return w, errWarning
	}
	n, _, _ := digitsOf(b[:end], 999)
	w.Code = int(n)
	i := skipLWS(b, end)
	if i == end {
		return w, errWarning
	}
	end = run(b, i, value)
	w.Agent = b[i:end:end]
	if i = skipLWS(b, end); i == end || len(w.Agent) == 0 {
		return w, errWarning
	}
	w.Text = b[i:len(b):len(b)]
	if !isQuotedString(w.Text) {
		return w, errWarning
	}
	return w, 0
}

// AppendTo appends the value to dst.
func (w Warning) AppendTo(dst []byte) []byte {
	dst = strconv.AppendInt(dst, int64(w.Code), 10)
	dst = append(dst, ' ')
	dst = append(dst, w.Agent...)
	dst = append(dst, ' ')
	return appendString(dst, w.Text)
}
