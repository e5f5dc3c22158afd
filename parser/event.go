package parser

import "bytes"

// Event is a parsed Event value (RFC 6665, Section 8.2.1). Parameters that an event package adds are those of
// Item(HeaderEvent).
type Event struct {
	Type []byte // the package, and templates behind dots
	ID   []byte // nil when absent
}

// Event returns the Event value. The error is an [Error].
func (m *Message) Event() (Event, error) { return one(m, HeaderEvent, readEvent) }

func readEvent(b []byte, h Header) (e Event, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return e, err
	}
	e.Type = t.Text()
	e.ID, err = t.token("id")
	return e, err
}

// Equal reports whether e and f are the same event for matching: octet by octet, and an ID equals no absent one
// (RFC 6665, Section 8.2.1).
func (e Event) Equal(f Event) bool {
	return bytes.Equal(e.Type, f.Type) && bytes.Equal(e.ID, f.ID) && (e.ID == nil) == (f.ID == nil)
}

// AppendTo appends the value to dst.
func (e Event) AppendTo(dst []byte) []byte {
	dst = append(dst, e.Type...)
	return appendParam(dst, "id", e.ID)
}

// SubscriptionState is a parsed Subscription-State value (RFC 6665, Section 8.2.3). State and reason are compared
// without case; one that is not known is as good as none (Section 4.1.3).
type SubscriptionState struct {
	State      []byte // active, pending, terminated
	Reason     []byte // nil when absent
	Expires    int    // seconds, with HasExpires
	RetryAfter int    // seconds, with HasRetryAfter

	HasExpires    bool
	HasRetryAfter bool
}

// SubscriptionState returns the Subscription-State value. The error is an [Error].
func (m *Message) SubscriptionState() (SubscriptionState, error) {
	return one(m, HeaderSubscriptionState, readSubscriptionState)
}

func readSubscriptionState(b []byte, h Header) (s SubscriptionState, err Error) {
	t, err := readItem(b, h)
	if err != 0 {
		return s, err
	}
	s.State = t.Text()
	if s.Reason, err = t.token("reason"); err != 0 {
		return s, err
	}
	if s.Expires, s.HasExpires, err = t.seconds("expires"); err != 0 {
		return s, err
	}
	s.RetryAfter, s.HasRetryAfter, err = t.seconds("retry-after")
	return s, err
}

// AppendTo appends the value to dst.
func (s SubscriptionState) AppendTo(dst []byte) []byte {
	dst = append(dst, s.State...)
	dst = appendParam(dst, "reason", s.Reason)
	if s.HasExpires {
		dst = appendNumber(dst, "expires", s.Expires)
	}
	if s.HasRetryAfter {
		dst = appendNumber(dst, "retry-after", s.RetryAfter)
	}
	return dst
}
