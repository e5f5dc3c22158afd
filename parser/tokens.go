package parser

import (
	"bytes"
	"iter"
)

// Token returns the value of a header that is one token, as received: Priority, SIP-ETag and SIP-If-Match (RFC 3903),
// MIME-Version (two numbers with a dot between them). Without a Priority a request is "normal" (RFC 3261, Section
// 20.26). The error is an [Error].
func (m *Message) Token(h Header) ([]byte, error) { return one(m, h, readToken) }

// Tokens walks the values of a header that is a list of tokens, as received and in order:
//
//   - option tags, compared without case, see [Message.HasTag]: Supported, Require, Proxy-Require, Unsupported
//   - methods, compared with case: Allow, see [Message.Allows]
//   - event types: Allow-Events
//   - codings in the order in which they were applied: Content-Encoding (RFC 3261, Section 20.12)
//   - language tags: Content-Language
//   - Call-IDs: In-Reply-To
//   - directives: Request-Disposition (RFC 3841, Section 9.1)
//   - what semicolons part instead of commas: Privacy (RFC 3323, Section 4.2)
//
// Empty ones are left out as by [Message.Values], and a name that comes twice comes twice. After a malformed one it
// goes on with the next.
func (m *Message) Tokens(h Header) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) { m.walkTokens(h, yield) }
}

func (m *Message) walkTokens(h Header, yield func([]byte, error) bool) {
	if h == HeaderPrivacy {
		walkPrivacy(m.Raw(h), yield)
		return
	}
	each(m, h, readToken, yield)
}

// walkPrivacy walks the tokens of b, which semicolons part.
func walkPrivacy(b []byte, yield func([]byte, error) bool) {
	for from := 0; from < len(b); {
		end := len(b)
		if k := bytes.IndexByte(b[from:], ';'); k >= 0 {
			end = from + k
		}
		i, j := trimLWS(b, from, end)
		from = end + 1
		if i == j {
			continue
		}
		v, err := readToken(b[i:j:j], HeaderPrivacy)
		if !yield(v, err.orNil()) {
			return
		}
	}
}

// readToken checks that all of b is what a value of h has to be.
func readToken(b []byte, h Header) ([]byte, Error) {
	ok := isToken(b)
	switch h {
	case HeaderInReplyTo:
		if _, err := checkCallID(b); err != 0 {
			return nil, err
		}
		ok = true
	case HeaderAllowEvents:
		ok = isEventType(b)
	case HeaderContentLanguage:
		ok = isLanguage(b)
	case HeaderMIMEVersion:
		major := run(b, 0, digit)
		ok = major > 0 && major+1 < len(b) && b[major] == '.' && run(b, major+1, digit) == len(b)
	}
	switch {
	case ok:
		return b[:len(b):len(b)], 0
	case len(b) == 0:
		return nil, errEmpty
	}
	return nil, errToken
}

// Allows reports whether Allow lists the method, with regard to case. A message without Allow says nothing about
// what its sender allows: see [Message.Has] (RFC 3261, Section 20.5).
func (m *Message) Allows(method Method) bool {
	name := method.String()
	found := false
	m.walkValues(HeaderAllow, func(v []byte) bool {
		found = name != "" && string(v) == name
		return !found
	})
	return found
}
