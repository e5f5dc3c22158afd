package parser

import "slices"

// Via writes a Via field: `SIP/2.0/transport sentBy;branch=branch;rport`. It is the first field of a request
// (RFC 3261, Section 8.1.1.7; RFC 3581, Section 3).
func (b *Builder) Via(transport, sentBy, branch string) {
	if b.seen != [2]uint64{} {
		b.fail(errViaLate)
	}
	buf := b.open(HeaderVia, len("SIP/2.0/ ;branch=;rport")+len(transport)+len(sentBy)+len(branch))
	if buf == nil {
		return
	}
	from := len(buf)
	buf = append(buf, "SIP/2.0/"...)
	buf = append(buf, transport...)
	buf = append(buf, ' ')
	host := len(buf)
	buf = append(buf, sentBy...)
	end := len(buf)
	buf = append(buf, ";branch="...)
	buf = append(buf, branch...)
	if v := buf[from:]; !isUsualVia(v, host-from, end-from) {
		switch {
		case !isToken(transport) || !isToken(branch):
			b.fail(errName)
		case !isSentBy(buf[host:end]):
			b.fail(errHost)
		}
	}
	b.close(append(buf, ";rport"...))
}

// isUsualVia reports whether the Via value v, whose sent-by is at host and ends at end, and which ends with the branch, is well
// formed, of a form that most have. Of others it says no.
func isUsualVia(v []byte, host, end int) bool {
	if len(v) >= quickMax {
		return false
	}
	var k marks
	k.read(v)
	low, high := k.from(len("SIP/2.0/"))
	i, low, high := pop(low, high)
	if i != host-1 || i == len("SIP/2.0/") {
		return false
	}
	i, low, high = pop(low, high)
	if !k.isHost(v, host, i) {
		return false
	}
	if v[i] == ':' { // the semicolon at end is odd: no part of sent-by reaches beyond it
		port := i + 1
		i, low, high = pop(low, high)
		if _, ok := quickPort(v[port:i]); !ok {
			return false
		}
	}
	if i != end {
		return false
	}
	if i, low, high = pop(low, high); i != end+len(";branch") || i+1 == len(v) {
		return false
	}
	i, _, _ = pop(low, high)
	return i == len(v)
}

// isSentBy reports whether b is host [ ":" port ].
func isSentBy(b []byte) bool {
	i, err := scanHost(b, 0)
	if err == 0 && i < len(b) && b[i] == ':' {
		_, i, err = scanPort(b, i+1)
	}
	return err == 0 && i == len(b)
}

// Header writes a field of a known header.
func (b *Builder) Header(h Header, value string) {
	if buf := b.open(h, len(value)); buf != nil {
		b.close(b.text(buf, value))
	}
}

// HeaderBytes is Header for bytes, as they were received. Folds in value are written as one space.
func (b *Builder) HeaderBytes(h Header, value []byte) {
	if buf := b.open(h, len(value)); buf != nil {
		b.close(b.received(buf, value))
	}
}

// Copy writes a field of a message that was received, as a proxy does for those that it does not change. A known one
// gets its long name, and Content-Length is left out.
func (b *Builder) Copy(f Field) {
	switch {
	case f.Header == HeaderContentLength:
	case f.Header != HeaderUnknown:
		b.HeaderBytes(f.Header, f.Value)
	case !isToken(f.Name) || headerOf(f.Name) != HeaderUnknown:
		b.fail(errName)
	case b.refuses(HeaderUnknown):
		b.refuse()
	default:
		buf := append(b.claim(HeaderUnknown, len(f.Name)+len(f.Value)), f.Name...)
		b.close(b.received(append(buf, ':', ' '), f.Value))
	}
}

// received appends v, which may have what Parse lets in, to buf.
func (b *Builder) received(buf, v []byte) []byte {
	if len(v) < 8 {
		if nextControl(v, 0) == len(v) {
			return append(buf, v...)
		}
	} else if dst := buf[:len(buf)+len(v)]; !copyBytes(dst[len(buf):], v) {
		return dst
	}
	if strayControl(v) >= 0 {
		b.fail(errOctet)
	}
	return appendUnfolded(buf, v)
}

// Field writes a field by name. The name of a known header stands for that header, as does its compact form.
func (b *Builder) Field(name, value string) {
	h := ParseHeader(name)
	if !isToken(name) {
		b.fail(errName)
	}
	if h == HeaderContentLength {
		b.fail(errLengthGiven)
	}
	if b.refuses(h) {
		b.refuse()
		return
	}
	buf := b.claim(h, len(name)+len(value))
	buf = append(buf, name...)
	buf = append(buf, ':', ' ')
	b.close(b.text(buf, value))
}

// Int writes a field whose value is a number: Max-Forwards, Expires, Retry-After.
func (b *Builder) Int(h Header, n int) {
	if n < 0 {
		b.fail(errNegative)
	}
	if buf := b.open(h, 20); buf != nil {
		b.close(appendDigits(buf, uint64(n)))
	}
}

// CSeq writes CSeq. In a request m is the method of the start line; MethodUnknown stands for it when it has no
// constant. The number is below 2^31 (RFC 3261, Section 8.1.1.5).
func (b *Builder) CSeq(number uint32, m Method) {
	method := b.line.of(b.buf[b.start:])
	switch {
	case number >= 1<<31:
		b.fail(errSequence)
	case m == b.method && m != MethodUnknown:
	case m >= methodCount, m == MethodUnknown && len(method) == 0,
		m != MethodUnknown && len(method) > 0 && string(method) != methodNames[m]:
		b.fail(errNoMethod)
	}
	buf := b.open(HeaderCSeq, 20+len(method))
	if buf == nil {
		return
	}
	buf = appendDigits(buf, uint64(number))
	buf = append(buf, ' ')
	if m == MethodUnknown {
		b.close(append(buf, method...))
	} else {
		b.close(append(buf, methodNames[m]...))
	}
}

// Address writes From, To, Contact, Route ... : display (unquoted text, "" for none), the URI in brackets, and a tag
// unless it is "".
func (b *Builder) Address(h Header, display string, uri URI, tag string) {
	if uri.raw == nil {
		b.fail(errAbsentURI)
	}
	if tag != "" && !isToken(tag) {
		b.fail(errName)
	}
	buf := b.open(h, len(`"" <>;tag=`)+2*len(display)+len(uri.raw)+len(tag))
	if buf == nil {
		return
	}
	if display != "" {
		buf = append(b.quoted(buf, display), ' ')
	}
	i, n := len(buf), len(uri.raw)
	buf = buf[:i+1+n+1]
	buf[i] = '<'
	copy(buf[i+1:], uri.raw) // ParseURI lets no control octet in
	buf[i+1+n] = '>'
	if tag != "" {
		buf = append(buf, ";tag="...)
		buf = append(buf, tag...)
	}
	b.close(buf)
}

// quoted is appendQuoted for an s in which no control octet may be. buf has room for it.
func (b *Builder) quoted(buf []byte, s string) []byte {
	i := len(buf) + 1
	dst := buf[:i+2*len(s)+1]
	dst[i-1] = '"'
	for k := range len(s) {
		c := s[k]
		if c == '"' || c == '\\' {
			dst[i] = '\\'
			i++
		} else if c < ' ' && c != '\t' || c == 0x7f {
			b.fail(errOctet)
		}
		dst[i] = c
		i++
	}
	dst[i] = '"'
	return dst[:i+1]
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

// Every field is written between open, or claim for a name of its own, and close. In between its octets go to a local
// slice, which open has given room.

// open writes the name of h and the colon when a field of h may stand here, and returns the buffer with room for n octets
// and the line end. Otherwise it returns nil.
func (b *Builder) open(h Header, n int) []byte {
	switch {
	case h == HeaderUnknown || h >= headerCount:
		b.fail(errHeaderUnknown)
		return nil
	case h == HeaderContentLength:
		b.fail(errLengthGiven)
		return nil
	}
	line := &beginnings[h]
	word, bit := &b.seen[h>>6], uint64(1)<<(h&63)
	if b.err != 0 || b.state != buildHeader || b.rows >= MaxFields-1 || line.kind == single && *word&bit != 0 {
		b.refuse()
		return nil
	}
	*word |= bit
	b.rows++
	i := len(b.buf)
	b.row = i
	if n += len(line.words)*8 + len("\r\n"); cap(b.buf)-i < n {
		b.buf = slices.Grow(b.buf, n)
	}
	dst := b.buf[:i+24]
	if line.compact != 0 && b.compact {
		dst[i], dst[i+1], dst[i+2] = line.compact, ':', ' '
		return dst[:i+3]
	}
	put8(dst, i, line.words[0])
	put8(dst, i+8, line.words[1])
	put8(dst, i+16, line.words[2])
	return dst[:i+int(line.len)]
}

// beginning is how a line starts: a name, the colon and a blank, of len octets in all, eight in each word.
type beginning struct {
	words   [3]uint64
	len     uint8
	compact byte // of headers
	kind    kind // of headers
}

// beginnings holds those of the known headers. They are written word by word, whatever their length.
var beginnings = func() (all [headerCount]beginning) {
	for h := range all {
		var line [24]byte
		all[h].len = uint8(copy(line[:], headers[h].name+": "))
		for i := range all[h].words {
			all[h].words[i] = load8(line[:], 8*i)
		}
		all[h].compact, all[h].kind = headers[h].compact, headers[h].kind
	}
	return all
}()

// refuses reports whether no field of h may stand here.
func (b *Builder) refuses(h Header) bool {
	return b.err != 0 || b.state != buildHeader || b.rows >= MaxFields-1 || // Content-Length is one, too
		headers[h].kind == single && b.seen[h>>6]&(1<<(h&63)) != 0 && h != HeaderUnknown
}

// refuse notes why refuses was true.
func (b *Builder) refuse() {
	switch {
	case b.state == buildNone:
		b.fail(errNoStartLine)
	case b.state == buildEnd:
		b.fail(errFinished)
	case b.rows >= MaxFields-1:
		b.fail(errFieldsMany)
	default:
		b.fail(errWrittenTwice)
	}
}

// claim remembers that a field of h starts here, and returns the buffer with room for a line of n octets.
func (b *Builder) claim(h Header, n int) []byte {
	b.seen[h>>6] |= 1 << (h & 63)
	b.rows++
	b.row = len(b.buf)
	if n += len(": \r\n"); cap(b.buf)-len(b.buf) < n {
		b.buf = slices.Grow(b.buf, n)
	}
	return b.buf
}

// close ends the line that buf was given for.
func (b *Builder) close(buf []byte) {
	if len(buf)-b.row > MaxLine {
		b.fail(errLineLong)
	}
	b.buf = append(buf, '\r', '\n')
}

// text appends s, in which no control octet may be, to buf, which has room for it.
func (b *Builder) text(buf []byte, s string) []byte {
	from := len(buf)
	if len(s) < 8 {
		buf = append(buf, s...)
		b.check(buf[from:])
		return buf
	}
	buf = buf[:from+len(s)]
	if copyText(buf[from:], s) {
		b.check(buf[from:])
	}
	return buf
}

// check fails when a control octet, a tab aside, is in v.
func (b *Builder) check(v []byte) {
	for i := nextControl(v, 0); i < len(v); i = nextControl(v, i+1) {
		if v[i] != '\t' {
			b.fail(errOctet)
			return
		}
	}
}
