package parser

import "iter"

// Address returns the value of h, a header whose values have the form of Contact or Route; of a list header the first
// one. Single ones are From, To, Reply-To, Refer-To (RFC 3515) and Referred-By (RFC 3892), lists Contact, Route,
// Record-Route, Path (RFC 3327), Service-Route (RFC 3608), P-Asserted-Identity and P-Preferred-Identity (RFC 3325),
// History-Info (RFC 7044), and Alert-Info, Call-Info and Error-Info, which have no display name. The error is an
// [Error].
func (m *Message) Address(h Header) (NameAddr, error) { return m.address(h) }

// AppendTo appends the value to dst: the display name as received, the URI always in brackets (RFC 3261, Section
// 20.10), and the parameters; each fold as one space.
func (a NameAddr) AppendTo(dst []byte) []byte {
	if a.wildcard {
		return append(dst, '*')
	}
	if a.display.len > 0 {
		dst = append(appendUnfolded(dst, a.Display()), ' ')
	}
	dst = append(dst, '<')
	dst = a.uri.AppendTo(dst)
	dst = append(dst, '>')
	if a.params > 0 {
		dst = appendUnfolded(dst, a.raw[a.params:])
	}
	return dst
}

// Addresses walks all values of h; see [Message.Address]. After a malformed one it goes on with the next.
func (m *Message) Addresses(h Header) iter.Seq2[NameAddr, error] {
	return func(yield func(NameAddr, error) bool) { m.walkAddresses(h, yield) }
}
