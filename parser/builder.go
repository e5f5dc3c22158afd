package parser

// Builder writes one message. The zero Builder is ready; the first error sticks and is returned by Wire.
// It refuses CR, LF, NUL and other control octets in any value (but HeaderBytes takes them where Parse does: folds, and
// quoted pairs), a second single-value field, header fields before the start line, a Content-Length, which it writes
// itself, and what is too long or too much for Parse. It keeps no argument but the parts of a body, and does not allocate
// while its buffer has room.
//
// The order of calls is the order of fields: what proxies need (Via, Route, Record-Route, Max-Forwards) goes to the
// top (RFC 3261, Section 7.3.1).
type Builder struct {
	buf     []byte
	start   int // where the message starts in buf
	body    [3][]byte
	seen    [2]uint64 // a bit for each Header that was written
	line    span      // the method in the start line, relative to start
	method  Method    // the one that Request was given
	row     int       // where the line that is being written starts in buf
	rows    int       // how many header fields there are
	state   buildState
	compact bool
	err     Error
}

// buildState is how far a message has come.
type buildState uint8

const (
	buildNone   buildState = iota
	buildHeader            // the start line is there
	buildEnd               // the blank line is there
)

// Reset starts a new message that is appended to buf (which may be nil).
func (b *Builder) Reset(buf []byte) { *b = Builder{buf: buf, start: len(buf)} }

// Err returns the first error, an [Error].
func (b *Builder) Err() error { return b.err.orNil() }

func (b *Builder) fail(e Error) {
	if b.err == 0 {
		b.err = e
	}
}

// Request writes the request line. Header components of uri and its method parameter have no place in it and are
// left out (RFC 3261, Section 19.1.1, Table 1).
func (b *Builder) Request(m Method, uri URI) {
	if m == MethodUnknown || m >= methodCount {
		b.fail(errNoMethod)
		return
	}
	if b.startLine() {
		b.method = m
		b.buf = append(b.buf, methodNames[m]...)
		b.requestURI(uri)
	}
}

// RequestNamed is Request for a method without a constant.
func (b *Builder) RequestNamed(method []byte, uri URI) {
	if !isToken(method) {
		b.fail(errName)
		return
	}
	if b.startLine() {
		b.buf = append(b.buf, method...)
		b.requestURI(uri)
	}
}

// startLine reports whether a start line may be written.
func (b *Builder) startLine() bool {
	if b.state != buildNone {
		b.fail(errStartLineTwice)
	}
	b.state = buildHeader
	b.row = len(b.buf)
	return b.err == 0
}

// requestURI writes the request line behind the method.
func (b *Builder) requestURI(uri URI) {
	if uri.raw == nil {
		b.fail(errAbsentURI)
		return
	}
	method := len(b.buf) - b.start
	if method > MaxLine {
		b.fail(errLineLong)
		return
	}
	b.line = spanOf(0, method)
	b.buf = append(b.buf, ' ')
	b.buf = uri.appendRequestURI(b.buf)
	b.close(append(b.buf, " SIP/2.0"...))
}

// appendRequestURI appends u without what a Request-URI must not have.
func (u *URI) appendRequestURI(dst []byte) []byte {
	if u.kind != uriSIP && u.kind != uriSIPS {
		return append(dst, u.raw...)
	}
	end := len(u.raw)
	if u.headers > 0 {
		end = int(u.headers) - 1
	}
	if u.params == 0 || !mayName(u.raw[u.params:end], 'm') {
		return append(dst, u.raw[:end]...)
	}
	dst = append(dst, u.raw[:u.params]...)
	for name, value := range u.walkParams {
		if equalEscaped(name, "method", true) {
			continue
		}
		dst = append(dst, ';')
		dst = append(dst, name...)
		if value != nil {
			dst = append(dst, '=')
			dst = append(dst, value...)
		}
	}
	return dst
}

// mayName reports whether the name of one of the URI parameters in b may start with letter, in either case or escaped.
func mayName(b []byte, letter byte) bool {
	for i := 1; i < len(b); i++ {
		if b[i-1] == ';' && (b[i]|0x20 == letter || b[i] == '%') {
			return true
		}
	}
	return false
}

// Body ends the header section with Content-Type and Content-Length and keeps the parts, which are shared and never
// written. Without a call to Body, Wire writes Content-Length: 0.
func (b *Builder) Body(contentType string, parts ...[]byte) {
	length := 0
	for i, p := range parts {
		if i == len(b.body) {
			b.fail(errPartsMany)
			break
		}
		b.body[i] = p
		length += len(p)
	}
	if contentType != "" {
		if buf := b.open(HeaderContentType, len(contentType)); buf != nil {
			from := len(buf)
			buf = append(buf, contentType...)
			if _, err := parseMediaType(buf[from:], HeaderContentType); err != 0 {
				b.fail(errMediaType)
			}
			b.check(buf[from:])
			b.close(buf)
		}
	} else if length > 0 && b.seen[HeaderContentType>>6]&(1<<(HeaderContentType&63)) == 0 {
		b.fail(errNoContentType)
	}
	b.end(length)
}

// end writes Content-Length and the blank line.
func (b *Builder) end(length int) {
	switch b.state {
	case buildNone:
		b.fail(errNoStartLine)
	case buildEnd:
		b.fail(errFinished)
	}
	b.state = buildEnd
	if b.err != 0 {
		return
	}
	if b.compact {
		b.buf = append(b.buf, "l: "...)
	} else {
		b.buf = append(b.buf, "Content-Length: "...)
	}
	b.buf = appendDigits(b.buf, uint64(length))
	b.buf = append(b.buf, "\r\n\r\n"...)
	if len(b.buf)-b.start > MaxHead {
		b.fail(errHeadLarge)
	}
}

// Wire finishes the message. Head is the buffer given to Reset, grown as needed, from where the message starts: it
// belongs to the Wire now, and the Builder does nothing more until Reset.
func (b *Builder) Wire() (Wire, error) {
	if b.state != buildEnd {
		b.end(0)
	}
	if b.err != 0 {
		return Wire{}, b.err
	}
	return Wire{Head: b.buf[b.start:], Body: b.body}, nil
}
