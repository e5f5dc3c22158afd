package parser

import "strconv"

// Refresher says which side refreshes a session (RFC 4028, Section 4).
type Refresher uint8

// RefresherNone: the other side is to choose.
const (
	RefresherNone Refresher = iota
	RefresherUAC
	RefresherUAS
)

var refresherNames = [...]string{"", "uac", "uas"}

// String returns the parameter's value, "" for RefresherNone.
func (r Refresher) String() string {
	if int(r) < len(refresherNames) {
		return refresherNames[r]
	}
	return ""
}

// SessionExpires is a parsed Session-Expires value (RFC 4028, Section 4).
type SessionExpires struct {
	Seconds   int // at most 2^32-1; that less than 90 is refused is not the parser's to say
	Refresher Refresher
}

// SessionExpires returns the Session-Expires value. A refresher that is neither uac nor uas is malformed. The error is
// an [Error].
func (m *Message) SessionExpires() (SessionExpires, error) {
	return one(m, HeaderSessionExpires, readSessionExpires)
}

func readSessionExpires(b []byte, h Header) (s SessionExpires, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return s, err
	}
	n, _, _ := digitsOf(t.Text(), maxSeconds)
	s.Seconds = int(n)
	v, ok := t.Param("refresher")
	switch {
	case !ok:
	case EqualFold(v, "uac"):
		s.Refresher = RefresherUAC
	case EqualFold(v, "uas"):
		s.Refresher = RefresherUAS
	default:
		return s, errRefresher
	}
	return s, 0
}

// AppendTo appends the value to dst.
func (s SessionExpires) AppendTo(dst []byte) []byte {
	dst = strconv.AppendInt(dst, int64(s.Seconds), 10)
	if s.Refresher != RefresherNone {
		dst = append(dst, ";refresher="...)
		dst = append(dst, s.Refresher.String()...)
	}
	return dst
}

// MinSE returns the Min-SE value in seconds; one above 2^32-1 is that (RFC 4028, Section 5). Without the header 90 is
// the least. The error is an [Error].
func (m *Message) MinSE() (int, error) { return one(m, HeaderMinSE, readMinSE) }

func readMinSE(b []byte, h Header) (int, Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return 0, err
	}
	n, _, _ := digitsOf(t.Text(), maxSeconds)
	return int(n), 0
}
