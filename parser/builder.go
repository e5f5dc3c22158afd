package parser

import "strconv"

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
	if uri.IsZero() {
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
	b.buf = append(b.buf, " SIP/2.0"...)
	b.endLine()
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
	if u.params == 0 {
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

// Via writes a Via field: `SIP/2.0/transport sentBy;branch=branch;rport`. It is the first field of a request
// (RFC 3261, Section 8.1.1.7; RFC 3581, Section 3).
func (b *Builder) Via(transport, sentBy, branch string) {
	if b.seen != [2]uint64{} {
		b.fail(errViaLate)
	}
	if !isToken(transport) || !isToken(branch) {
		b.fail(errName)
	}
	if !b.name(HeaderVia) {
		return
	}
	b.buf = append(b.buf, "SIP/2.0/"...)
	b.buf = append(b.buf, transport...)
	b.buf = append(b.buf, ' ')
	host := len(b.buf)
	b.buf = append(b.buf, sentBy...)
	if !isSentBy(b.buf[host:]) {
		b.fail(errHost)
	}
	b.buf = append(b.buf, ";branch="...)
	b.buf = append(b.buf, branch...)
	b.buf = append(b.buf, ";rport"...)
	b.endLine()
}

// isSentBy reports whether b is host [ ":" port ].
func isSentBy(b []byte) bool {
	i, err := scanHost(b, 0)
	if err == 0 && i < len(b) && b[i] == ':' {
		_, i, err = scanPort(b, i+1)
	}
	return err == 0 && i == len(b)
}

// name writes the name of h and the colon when a field of h may be written.
func (b *Builder) name(h Header) bool {
	switch {
	case h == HeaderUnknown || h >= headerCount:
		b.fail(errHeaderUnknown)
	case h == HeaderContentLength:
		b.fail(errLengthGiven)
	default:
		b.claim(h)
	}
	if b.err != 0 {
		return false
	}
	if k := headers[h].compact; k != 0 && b.compact {
		b.buf = append(b.buf, k, ':', ' ')
	} else {
		b.buf = append(b.buf, headers[h].name...)
		b.buf = append(b.buf, ':', ' ')
	}
	return true
}

// claim fails unless a field of h may stand here, and remembers it.
func (b *Builder) claim(h Header) {
	bit := uint64(1) << (h & 63)
	switch {
	case b.state == buildNone:
		b.fail(errNoStartLine)
	case b.state == buildEnd:
		b.fail(errFinished)
	case h != HeaderUnknown && headers[h].kind == single && b.seen[h>>6]&bit != 0:
		b.fail(errWrittenTwice)
	case b.rows == MaxFields-1: // Content-Length is one, too
		b.fail(errFieldsMany)
	}
	b.seen[h>>6] |= bit
	b.row = len(b.buf)
	b.rows++
}

// endLine ends a line.
func (b *Builder) endLine() {
	if len(b.buf)-b.row > MaxLine {
		b.fail(errLineLong)
	}
	b.buf = append(b.buf, '\r', '\n')
}

// Header writes a field of a known header.
func (b *Builder) Header(h Header, value string) {
	if b.name(h) {
		from := len(b.buf)
		b.buf = append(b.buf, value...)
		b.endValue(from)
	}
}

// HeaderBytes is Header for bytes, as they were received. Folds in value are written as one space.
func (b *Builder) HeaderBytes(h Header, value []byte) {
	if strayControl(value) >= 0 {
		b.fail(errOctet)
	}
	if b.name(h) {
		b.buf = appendUnfolded(b.buf, value)
		b.endLine()
	}
}

// Field writes a field by name. The name of a known header stands for that header, as does its compact form.
func (b *Builder) Field(name, value string) {
	h := ParseHeader(name)
	switch {
	case !isToken(name):
		b.fail(errName)
	case h == HeaderContentLength:
		b.fail(errLengthGiven)
	default:
		b.claim(h)
	}
	if b.err != 0 {
		return
	}
	b.buf = append(b.buf, name...)
	b.buf = append(b.buf, ':', ' ')
	from := len(b.buf)
	b.buf = append(b.buf, value...)
	b.endValue(from)
}

// endValue checks the value that was appended at from, and ends its line.
func (b *Builder) endValue(from int) {
	for i := from; i < len(b.buf); i++ {
		if i = nextControl(b.buf, i); i < len(b.buf) && b.buf[i] != '\t' {
			b.fail(errOctet)
			return
		}
	}
	b.endLine()
}

// Int writes a field whose value is a number: Max-Forwards, Expires, Retry-After.
func (b *Builder) Int(h Header, n int) {
	if n < 0 {
		b.fail(errNegative)
	}
	if b.name(h) {
		b.buf = strconv.AppendInt(b.buf, int64(n), 10)
		b.endLine()
	}
}

// CSeq writes CSeq. In a request m is the method of the start line; MethodUnknown stands for it when it has no
// constant. The number is below 2^31 (RFC 3261, Section 8.1.1.5).
func (b *Builder) CSeq(number uint32, m Method) {
	method := b.line.of(b.buf[b.start:])
	switch {
	case number >= 1<<31:
		b.fail(errSequence)
	case m >= methodCount, m == MethodUnknown && len(method) == 0,
		m != MethodUnknown && len(method) > 0 && string(method) != methodNames[m]:
		b.fail(errNoMethod)
	}
	if !b.name(HeaderCSeq) {
		return
	}
	b.buf = strconv.AppendUint(b.buf, uint64(number), 10)
	b.buf = append(b.buf, ' ')
	if m == MethodUnknown {
		b.buf = append(b.buf, b.line.of(b.buf[b.start:])...)
	} else {
		b.buf = append(b.buf, methodNames[m]...)
	}
	b.endLine()
}

// Address writes From, To, Contact, Route ... : display (unquoted text, "" for none), the URI in brackets, and a tag
// unless it is "".
func (b *Builder) Address(h Header, display string, uri URI, tag string) {
	if uri.IsZero() {
		b.fail(errAbsentURI)
	}
	if tag != "" && !isToken(tag) {
		b.fail(errName)
	}
	if !b.name(h) {
		return
	}
	from := len(b.buf)
	if display != "" {
		b.buf = appendQuoted(b.buf, display)
		b.buf = append(b.buf, ' ')
	}
	b.buf = append(b.buf, '<')
	b.buf = append(b.buf, uri.raw...)
	b.buf = append(b.buf, '>')
	if tag != "" {
		b.buf = append(b.buf, ";tag="...)
		b.buf = append(b.buf, tag...)
	}
	b.endValue(from)
}

// appendQuoted appends s as a quoted string. Quotes and backslashes are escaped, nothing else: a control octet is
// refused where the value ends.
func appendQuoted[T []byte | string](dst []byte, s T) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return append(dst, '"')
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
		if b.name(HeaderContentType) {
			from := len(b.buf)
			b.buf = append(b.buf, contentType...)
			if _, err := parseMediaType(b.buf[from:], HeaderContentType); err != 0 {
				b.fail(errMediaType)
			}
			b.endValue(from)
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
	b.buf = strconv.AppendInt(b.buf, int64(length), 10)
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
