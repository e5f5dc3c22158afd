package parser

import (
	"bytes"
	"iter"
)

// Item is one value of a header field in the common form: what it says, and parameters behind semicolons
// (RFC 3261, Section 7.3.1). It refers to the bytes it was parsed from. The zero Item is empty.
//
// What stands before the parameters depends on the header:
//
//   - a token: Content-Disposition, Accept-Encoding, Reason, Subscription-State, Info-Package, Recv-Info, Refer-Sub and
//     any header not named here
//   - an event type: Event (RFC 6665, Section 8.4)
//   - a language range: Accept-Language
//   - "*": Accept-Contact, Reject-Contact (RFC 3841), Feature-Caps (RFC 6809)
//   - a Call-ID: Replaces (RFC 3891), Join (RFC 3911), Target-Dialog (RFC 4538)
//   - digits: Session-Expires, Min-SE (RFC 4028)
//   - a token or a quoted string: User-to-User (RFC 7433)
type Item struct {
	raw    []byte
	text   uint16 // its length
	params uint16 // offset of the first semicolon, 0: none
}

// Item returns the value of h, of a list header the first one. The error is an [Error].
func (m *Message) Item(h Header) (Item, error) { return one(m, h, readItem) }

// Items walks all values of h. Empty ones are left out as by [Message.Values]; after a malformed one it goes on with
// the next.
func (m *Message) Items(h Header) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) { each(m, h, readItem, yield) }
}

func readItem(b []byte, h Header) (t Item, err Error) {
	if len(b) > maxValue {
		return t, errValueLong
	}
	if len(b) == 0 {
		return t, errEmpty
	}
	end, err := itemText(b, h)
	if err != 0 {
		return t, err
	}
	w := window{b: b}
	ps := params{end: end}
	for ok := true; ok; {
		if _, ok, err = ps.next(&w); err != 0 {
			return t, err
		}
	}
	if ps.at < len(b) {
		return t, errTrailing
	}
	return Item{raw: b[:ps.end:ps.end], text: uint16(end), params: uint16(ps.first)}, 0 // both below maxValue
}

// itemText returns where the text of a value of h ends.
func itemText(b []byte, h Header) (end int, err Error) {
	switch h {
	case HeaderSessionExpires, HeaderMinSE:
		if end = run(b, 0, digit); end == 0 {
			return 0, errNumber
		}
		return end, 0
	case HeaderReplaces, HeaderJoin, HeaderTargetDialog:
		for end < len(b) && (is(b[end], word) || b[end] == '@') {
			end++
		}
		_, err = checkCallID(b[:end])
		return end, err
	case HeaderUsertoUser:
		if b[0] == '"' {
			return quoted(b, 0)
		}
	}
	end = run(b, 0, token)
	ok := end > 0
	switch h {
	case HeaderAcceptContact, HeaderRejectContact, HeaderFeatureCaps:
		ok = end == 1 && b[0] == '*'
	case HeaderAcceptLanguage:
		ok = end == 1 && b[0] == '*' || isLanguage(b[:end])
	case HeaderEvent:
		ok = isEventType(b[:end])
	}
	if !ok {
		return 0, errToken
	}
	return end, 0
}

// Raw returns the value as received, folds included.
func (t Item) Raw() []byte { return t.raw }

// Text returns what stands before the parameters, as received.
func (t Item) Text() []byte { return t.raw[:t.text:t.text] }

// Param returns the value of a parameter as received, quotes included, empty for one without a value.
func (t Item) Param(name string) ([]byte, bool) { return findParam(t.raw, int(t.params), name) }

// Params walks the parameters as received; the value of one without is nil.
func (t Item) Params() iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) { walkParams(t.raw, int(t.params), yield) }
}

// AppendTo appends the value to dst, each fold as one space.
func (t Item) AppendTo(dst []byte) []byte { return appendUnfolded(dst, t.raw) }

// seconds returns the value of a parameter that is a number of seconds; one above 2^32-1 is that.
func (t *Item) seconds(name string) (n int, present bool, err Error) {
	v, ok := t.Param(name)
	if !ok {
		return 0, false, 0
	}
	s, _, ok := digitsOf(v, maxSeconds)
	if !ok {
		return 0, false, errNumber
	}
	return int(s), true, 0
}

// token returns the value of a parameter that is a token, nil when it is absent.
func (t *Item) token(name string) ([]byte, Error) {
	v, ok := t.Param(name)
	switch {
	case !ok:
		return nil, 0
	case !isToken(v):
		return nil, errParamValue
	}
	return v, 0
}

// isEventType reports whether b is tokens without dots, joined by dots (RFC 6665, Section 8.4).
func isEventType(b []byte) bool {
	return isToken(b) && b[0] != '.' && b[len(b)-1] != '.' && !bytes.Contains(b, []byte(".."))
}

// isLanguage reports whether b is a language tag. Digits may stand behind the first hyphen: RFC 3261, Section 25.1
// knows letters only, but the tags of RFC 5646 have them.
func isLanguage(b []byte) bool {
	from := 0
	k := alpha
	for i := 0; i <= len(b); i++ {
		if i < len(b) && is(b[i], k) {
			continue
		}
		if i == from || i > from+8 || i < len(b) && b[i] != '-' {
			return false
		}
		from, k = i+1, alpha|digit
	}
	return true
}
