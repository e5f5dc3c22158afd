package parser

import "iter"

// Reason is a parsed Reason value (RFC 3326, Section 2).
type Reason struct {
	Protocol []byte // SIP, Q.850 ..., compared without case
	Cause    int    // 0 when absent; one above 2^31-1 is that
	Text     []byte // a quoted string as received, see [Unquote], nil when absent; AppendTo quotes any other text
}

// Reasons walks the Reason values. After a malformed one it goes on with the next.
func (m *Message) Reasons() iter.Seq2[Reason, error] {
	return func(yield func(Reason, error) bool) { each(m, HeaderReason, readReason, yield) }
}

// ReasonFor returns the Reason value of a protocol. A second one makes both of them malformed (RFC 3326, Section 2),
// malformed values of other protocols do not matter. The error is an [Error].
func (m *Message) ReasonFor(protocol string) (Reason, error) {
	var r Reason
	err := ErrAbsent
	m.walkValues(HeaderReason, func(b []byte) bool {
		switch {
		case !EqualFold(b[:run(b, 0, token)], protocol):
		case err != ErrAbsent:
			err = errProtocolTwice
			return false
		default:
			r, err = readReason(b, HeaderReason)
		}
		return true
	})
	if err != 0 {
		return Reason{}, err
	}
	return r, nil
}

func readReason(b []byte, h Header) (r Reason, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return r, err
	}
	r.Protocol = t.Text()
	if v, ok := t.Param("cause"); ok {
		n, _, ok := digitsOf(v, 1<<31-1)
		if !ok {
			return r, errNumber
		}
		r.Cause = int(n)
	}
	if v, ok := t.Param("text"); ok {
		if !isQuotedString(v) {
			return r, errParamValue
		}
		r.Text = v
	}
	return r, 0
}

// AppendTo appends the value to dst.
func (r Reason) AppendTo(dst []byte) []byte {
	dst = append(dst, r.Protocol...)
	if r.Cause > 0 {
		dst = appendNumber(dst, "cause", r.Cause)
	}
	if r.Text != nil {
		dst = append(dst, ";text="...)
		dst = appendString(dst, r.Text)
	}
	return dst
}
