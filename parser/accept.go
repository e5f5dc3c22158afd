package parser

import "iter"

// AcceptRanges walks the values of Accept: media types, "*" for any subtype or any type, with parameters. A message
// without Accept takes application/sdp, one with an empty Accept takes nothing (RFC 3261, Section 20.1). After a
// malformed value it goes on with the next.
func (m *Message) AcceptRanges() iter.Seq2[MediaType, error] {
	return func(yield func(MediaType, error) bool) { each(m, HeaderAccept, parseMediaType, yield) }
}

// Accepts reports whether Accept takes bodies of mediaType, "application/sdp" for instance: whether the range that
// names it most closely has a q other than 0. Malformed values count for nothing. The error is [ErrAbsent] or nil; what
// is taken without Accept depends on the method (RFC 3261, Section 20.1) or on the event package (RFC 6665, Section
// 3.1.3).
func (m *Message) Accepts(mediaType string) (bool, error) {
	if !m.Has(HeaderAccept) {
		return false, ErrAbsent
	}
	closest, taken := 0, false
	m.walkValues(HeaderAccept, func(b []byte) bool {
		t, err := parseMediaType(b, HeaderAccept)
		if err != 0 {
			return true
		}
		if n := t.closeness(mediaType); n > closest {
			q, err := t.Q()
			if err == nil {
				closest, taken = n, q > 0
			}
		}
		return true
	})
	return taken, nil
}

// closeness returns how closely the range t names mediaType: 3 itself, 2 its type, 1 everything, 0 not at all.
func (t *MediaType) closeness(mediaType string) int {
	switch {
	case t.Is(mediaType):
		return 3
	case string(t.Subtype()) != "*":
		return 0
	case string(t.Type()) == "*":
		return 1
	}
	n := int(t.kind.len)
	if n < len(mediaType) && mediaType[n] == '/' && EqualFold(t.Type(), mediaType[:n]) {
		return 2
	}
	return 0
}
