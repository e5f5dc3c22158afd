package dialog

import "github.com/ringback-sip/ringback/parser"

// ownURI returns a copy of u that refers to no message.
func ownURI(u parser.URI) (parser.URI, error) {
	raw := u.Raw()
	own := make([]byte, len(raw))
	copy(own, raw)
	return parser.ParseURI(own)
}

// targetURI returns a copy of u without the parts that Table 1 of RFC 3261, Section 19.1.1, allows in no Contact of
// a dialog, in no Route and in no Request-URI: the method parameter and headers.
func targetURI(u parser.URI) (parser.URI, error) {
	_, method := u.Param("method")
	headers := len(u.Headers())
	if !u.IsSIP() || !method && headers == 0 {
		return ownURI(u)
	}
	tail := 0
	if headers > 0 {
		tail = len("?") + headers
	}
	for name, value := range u.Params() {
		tail += len(";") + len(name)
		if value != nil {
			tail += len("=") + len(value)
		}
	}
	raw := u.Raw()
	b := make([]byte, 0, len(raw))
	b = append(b, raw[:len(raw)-tail]...)
	for name, value := range u.Params() {
		if parser.EqualFold(name, "method") {
			continue
		}
		b = append(b, ';')
		b = append(b, name...)
		if value != nil {
			b = append(b, '=')
			b = append(b, value...)
		}
	}
	return parser.ParseURI(b)
}

// secured returns u as a SIPS URI.
func secured(u parser.URI) parser.URI {
	if !u.IsSIP() || u.IsSIPS() {
		return u
	}
	raw := u.Raw()
	b := make([]byte, 0, len(raw)+1)
	b = append(b, "sips"...)
	b = append(b, raw[len(u.Scheme()):]...)
	if s, err := parser.ParseURI(b); err == nil {
		return s
	}
	return u
}

// requestTarget returns the URI of req's Contact, of which a request that makes a dialog has exactly one
// (RFC 3261, Sections 8.1.1.8 and 12.1.1). A peer of RFC 2543, whose Via has no cookie, need not send one: then From says where
// it is reached (RFC 2543, Section 4.2.4).
func requestTarget(req *parser.Message) (parser.URI, error) {
	var target parser.URI
	n := 0
	for contact, err := range req.Contacts() {
		if err != nil {
			return parser.URI{}, err
		}
		n++
		target = contact.URI()
		if !target.IsSIP() { // a wildcard has no URI
			return parser.URI{}, ErrContact
		}
	}
	if n == 0 && fromRFC2543(req) {
		if from, err := req.From(); err == nil && from.URI().IsSIP() {
			return from.URI(), nil
		}
	}
	if n != 1 {
		return parser.URI{}, ErrContact
	}
	return target, nil
}

// fromRFC2543 reports whether the branch of the topmost Via lacks the magic cookie (RFC 3261, Section 8.1.1.7).
func fromRFC2543(req *parser.Message) bool {
	const cookie = "z9hG4bK"
	via, err := req.Via()
	branch := via.Branch()
	return err == nil && (len(branch) < len(cookie) || !parser.EqualFold(branch[:len(cookie)], cookie))
}

// responseTarget returns the first URI of resp's Contacts that a request can be sent to, if there is one.
func responseTarget(resp *parser.Message) (parser.URI, bool) {
	for contact, err := range resp.Contacts() {
		if err == nil && contact.URI().IsSIP() {
			return contact.URI(), true
		}
	}
	return parser.URI{}, false
}
