package parser

// Timestamp is a parsed Timestamp value (RFC 3261, Section 20.38). Both are decimal numbers of seconds as received:
// the one who wrote the first knows what it counts, and a response repeats it.
type Timestamp struct {
	Time  []byte
	Delay []byte // how long the server took, nil when absent
}

// Timestamp returns the Timestamp value. The error is an [Error].
func (m *Message) Timestamp() (Timestamp, error) { return one(m, HeaderTimestamp, readTimestamp) }

func readTimestamp(b []byte, _ Header) (t Timestamp, err Error) {
	end := decimal(b, 0)
	if end == 0 || b[0] == '.' {
		return t, errNumber
	}
	t.Time = b[:end:end]
	i := skipLWS(b, end)
	if i == len(b) {
		return t, 0
	}
	if n := decimal(b, i); i == end || n < len(b) {
		return t, errNumber
	}
	t.Delay = b[i:len(b):len(b)]
	return t, 0
}

// decimal returns the offset after the digits at b[i] and, behind a dot, more of them.
func decimal(b []byte, i int) int {
	i = run(b, i, digit)
	if i < len(b) && b[i] == '.' {
		i = run(b, i+1, digit)
	}
	return i
}

// AppendTo appends the value to dst.
func (t Timestamp) AppendTo(dst []byte) []byte {
	dst = append(dst, t.Time...)
	if t.Delay != nil {
		dst = append(dst, ' ')
		dst = append(dst, t.Delay...)
	}
	return dst
}
