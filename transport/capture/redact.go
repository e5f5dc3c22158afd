package capture

import (
	"bytes"

	"github.com/ringback-sip/ringback/parser"
)

// AppendRedacted appends msg to dst with an asterisk in the place of each octet of a secret, so that lengths and
// Content-Length stay true. dst and msg may not overlap. Any octets will do: what is malformed is where a peer's secrets are most
// likely to be looked at. Secrets are
//
//   - the response of Digest credentials in Authorization and Proxy-Authorization, rspauth in Authentication-Info, and
//     credentials of any other scheme, or that cannot be read, as a whole,
//   - the password in a SIP URI, and an Authorization or Proxy-Authorization among its headers,
//   - the keys in SDP: of a=crypto (RFC 4568), a=key-mgmt (RFC 4567) and k= (RFC 4566, Section 5.12).
func AppendRedacted(dst, msg []byte) []byte {
	at := len(dst)
	dst = append(dst, msg...)
	for rest := dst[at:]; len(rest) > 0; {
		n := fieldLen(rest)
		redactField(rest[:n])
		rest = rest[n:]
	}
	return dst
}

// fieldLen returns the length of the first line of b with the lines that continue it (RFC 3261, Section 7.3.1).
func fieldLen(b []byte) int {
	n := 0
	for {
		i := bytes.IndexByte(b[n:], '\n')
		if i < 0 {
			return len(b)
		}
		n += i + 1
		if n == len(b) || !blank(b[n]) {
			return n
		}
	}
}

// redactField redacts one line. That a body holds header fields (message/sipfrag) and lines of SDP is nothing special: no
// line of one can be taken for one of the other.
func redactField(line []byte) {
	switch {
	case hasPrefixFold(line, "a=crypto"):
		hide(afterWords(line, 2)) // tag and suite stay
	case hasPrefixFold(line, "a=key-mgmt"):
		hide(afterWords(line, 1)) // the protocol stays
	case hasPrefixFold(line, "k="):
		hide(line[len("k="):])
	default:
		redactHeader(line)
	}
}

// redactHeader redacts a header field or a start line.
func redactHeader(line []byte) {
	redactURIs(line)
	name, value, ok := bytes.Cut(line, []byte(":"))
	if !ok {
		return
	}
	name = bytes.TrimRight(name, " \t")
	switch {
	case parser.EqualFold(name, "Authorization"), parser.EqualFold(name, "Proxy-Authorization"):
		value = skipBlanks(value)
		n := tokenLen(value)
		if scheme, params := value[:n], value[n:]; parser.EqualFold(scheme, "Digest") {
			redactParams(params)
		} else {
			hide(params)
		}
	case parser.EqualFold(name, "Authentication-Info"), parser.EqualFold(name, "Proxy-Authentication-Info"):
		redactParams(value)
	}
}

// redactParams hides the proofs among the parameters in b, and everything from where they cannot be read.
func redactParams(b []byte) {
	for b = skipSeparators(b); len(b) > 0; b = skipSeparators(b) {
		n := tokenLen(b)
		name, rest := b[:n], skipBlanks(b[n:])
		if n == 0 || len(rest) == 0 || rest[0] != '=' {
			hide(b)
			return
		}
		rest = skipBlanks(rest[1:])
		value, after, ok := cutValue(rest)
		if !ok {
			hide(rest)
			return
		}
		if parser.EqualFold(name, "response") || parser.EqualFold(name, "rspauth") {
			hide(value)
		}
		b = after
	}
}

// cutValue returns what b begins with, a token or the inside of a quoted string, and what stands behind it. ok is false
// when it is neither.
func cutValue(b []byte) (value, after []byte, ok bool) {
	if len(b) > 0 && b[0] == '"' {
		for i := 1; i < len(b); i++ {
			switch b[i] {
			case '\\':
				i++
			case '"':
				return b[1:i], b[i+1:], true
			}
		}
		return nil, nil, false
	}
	n := tokenLen(b)
	after = skipBlanks(b[n:])
	return b[:n], after, n > 0 && (len(after) == 0 || after[0] == ',')
}

// redactURIs hides passwords, and Authorization among the headers, of the URIs in line.
func redactURIs(line []byte) {
	for rest := line; ; {
		i := indexFold(rest, "authorization=")
		if i < 0 {
			break
		}
		rest = rest[i+len("authorization="):]
		hide(rest[:span(rest, func(c byte) bool { return c > ' ' && c != '&' && c != '>' && c != '"' })])
	}
	for at, c := range line {
		if c != '@' {
			continue
		}
		password := before(line[:at], inPassword)
		if password == 0 || line[password-1] != ':' {
			continue
		}
		user := before(line[:password-1], inUser)
		if user > 0 && line[user-1] == ':' && endsInScheme(line[:user-1]) {
			hide(line[password:at])
		}
	}
}

// before returns where the octets of a set begin with which b ends.
func before(b []byte, in func(c byte) bool) int {
	n := len(b)
	for n > 0 && in(b[n-1]) {
		n--
	}
	return n
}

// endsInScheme reports whether b ends in sip or sips.
func endsInScheme(b []byte) bool {
	scheme := b[before(b, inToken):]
	return parser.EqualFold(scheme, "sip") || parser.EqualFold(scheme, "sips")
}

// hide overwrites b, except what holds lines and words apart.
func hide(b []byte) {
	for i, c := range b {
		if c != '\r' && c != '\n' && !blank(c) {
			b[i] = '*'
		}
	}
}

// afterWords returns what stands in line after n words.
func afterWords(line []byte, n int) []byte {
	for range n {
		line = skipBlanks(line[span(line, func(c byte) bool { return !blank(c) }):])
	}
	return line
}

func skipBlanks(b []byte) []byte {
	return b[span(b, func(c byte) bool { return blank(c) || c == '\r' || c == '\n' }):]
}

func skipSeparators(b []byte) []byte {
	return b[span(b, func(c byte) bool { return blank(c) || c == '\r' || c == '\n' || c == ',' }):]
}

func tokenLen(b []byte) int { return span(b, inToken) }

// span returns how many octets at the start of b are in a set.
func span(b []byte, in func(c byte) bool) int {
	for i, c := range b {
		if !in(c) {
			return i
		}
	}
	return len(b)
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

func alphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}

// inToken is the set of a token (RFC 3261, Section 25.1).
func inToken(c byte) bool { return alphanumeric(c) || bytes.IndexByte([]byte("-.!%*_+`'~"), c) >= 0 }

// inPassword is the set of a password in a URI (RFC 3261, Section 25.1).
func inPassword(c byte) bool {
	return alphanumeric(c) || bytes.IndexByte([]byte("-_.!~*'()%&=+$,"), c) >= 0
}

// inUser is the set of a user in a URI.
func inUser(c byte) bool { return inPassword(c) || c == ';' || c == '?' || c == '/' }

func hasPrefixFold(b []byte, prefix string) bool {
	return len(b) >= len(prefix) && parser.EqualFold(b[:len(prefix)], prefix)
}

// indexFold returns where s first stands in b in any case, -1 when it does not.
func indexFold(b []byte, s string) int {
	for i := 0; i+len(s) <= len(b); i++ {
		if hasPrefixFold(b[i:], s) {
			return i
		}
	}
	return -1
}
