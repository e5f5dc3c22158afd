package sdp

import "bytes"

// cutLine cuts the first line off b. A line ends with CRLF; a bare LF is taken as well, and so is the end
// (RFC 4566, Section 5: parsers should accept a single newline; deployed phones leave the last one out).
func cutLine(b []byte) (line, rest []byte) {
	line, rest, found := bytes.Cut(b, []byte("\n"))
	if found {
		line = bytes.TrimSuffix(line, []byte("\r"))
	}
	return line, rest
}

// split splits a line into its type and value.
func split(line []byte) (kind byte, value []byte, err error) {
	if len(line) < 3 || line[1] != '=' {
		return 0, nil, ErrLine
	}
	kind, value = line[0], line[2:]
	if kind < 'a' || kind > 'z' {
		return 0, nil, ErrType
	}
	if bytes.IndexByte(value, 0) >= 0 || bytes.IndexByte(value, '\r') >= 0 {
		return 0, nil, ErrLine
	}
	return kind, value, nil
}

// cutField cuts the first field off b; rest is nil when it was the last one. Fields are separated by exactly
// one space.
func cutField(b []byte) (field, rest []byte) {
	i := bytes.IndexByte(b, ' ')
	if i < 0 {
		return b, nil
	}
	return b[:i], b[i+1:]
}

// isOrigin reports whether b is `username sess-id sess-version nettype addrtype address` (RFC 4566, Section 5.2).
func isOrigin(b []byte) bool {
	user, b := cutField(b)
	id, b := cutField(b)
	version, b := cutField(b)
	return isVisible(user) && isNumber(id) && isNumber(version) && isConnection(b)
}

// isConnection reports whether b is `nettype addrtype address` (RFC 4566, Section 5.7).
func isConnection(b []byte) bool {
	net, b := cutField(b)
	family, b := cutField(b)
	return isToken(net) && isToken(family) && isVisible(b)
}

// isNumber reports whether b is a decimal number; none of them is ever computed with.
func isNumber(b []byte) bool {
	if len(b) == 0 || len(b) > 32 {
		return false
	}
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// isPort reports whether b is a number up to 65535.
func isPort(b []byte) bool {
	if !isNumber(b) || len(b) > 5 {
		return false
	}
	n := 0
	for _, c := range b {
		n = n*10 + int(c-'0')
	}
	return n <= 65535
}

// isZero reports whether the port b is 0, however it is spelled.
func isZero(b []byte) bool {
	port, _, _ := bytes.Cut(b, []byte("/"))
	return len(bytes.Trim(port, "0")) == 0
}

// isToken reports whether b is a token (RFC 4566, Section 9).
func isToken(b []byte) bool {
	for _, c := range b {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		case bytes.IndexByte([]byte("!#$%&'*+-.^_`{|}~"), c) >= 0:
		default:
			return false
		}
	}
	return len(b) > 0
}

// isProto reports whether b is tokens joined by slashes.
func isProto(b []byte) bool {
	for {
		token, rest, more := bytes.Cut(b, []byte("/"))
		if !isToken(token) {
			return false
		}
		if !more {
			return true
		}
		b = rest
	}
}

// isVisible reports whether b is not empty and holds neither blanks nor control octets.
func isVisible(b []byte) bool {
	for _, c := range b {
		if c <= ' ' || c == 0x7F {
			return false
		}
	}
	return len(b) > 0
}
