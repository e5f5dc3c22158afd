package main

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// ladder shows messages as they pass, one on a line:
//
//	12:00:00.000  -->  UDP  127.0.0.1:5060         1 INVITE     INVITE sip:echo@127.0.0.1:5060  [application/sdp 189]
//	12:00:00.004  <--  UDP  127.0.0.1:5060         1 INVITE     200 OK  [application/sdp 181]
//
// Of a message only the start line, CSeq and the kind and length of the body are shown, and of a Request-URI neither the
// password nor the header part: no credentials reach the screen.
type ladder struct {
	c *console

	mu   sync.Mutex // guards what follows: events come from every reader and sender
	m    parser.Message
	line []byte
	peer int // width of the peer's column
	cseq int // width of CSeq's column
}

// newLadder returns a ladder on c's stderr. Its columns begin wide enough for IPv4 and grow.
func newLadder(c *console) *ladder {
	return &ladder{c: c, peer: len("255.255.255.255:65535"), cseq: len("1 SUBSCRIBE")}
}

// trace shows e.
func (l *ladder) trace(e transport.Event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.line = l.append(l.line[:0], e)
	l.c.errBytes(l.line)
}

// append appends the line of e.
func (l *ladder) append(dst []byte, e transport.Event) []byte {
	y := l.c.errStyle
	dst = y.append(dst, dim, e.Time.Format("15:04:05.000"))
	dst = append(dst, "  "...)
	arrow, colour := "-->", cyan
	switch {
	case e.Dropped != "" && e.Direction == transport.In:
		arrow, colour = "x--", red
	case e.Dropped != "":
		arrow, colour = "--x", red
	case e.Direction == transport.In:
		arrow, colour = "<--", green
	}
	dst = y.append(dst, colour, arrow)
	dst = append(append(append(dst, "  "...), e.Protocol.String()...), "  "...)
	dst = appendPadded(dst, e.Remote.String(), &l.peer)
	dst = append(dst, "  "...)
	dst = l.appendMessage(dst, e.Bytes)
	if e.Dropped != "" {
		dst = append(dst, "  "...)
		dst = y.append(dst, red, "dropped: "+printable(e.Dropped))
	}
	return append(dst, '\n')
}

// appendMessage appends the columns that tell what b is.
func (l *ladder) appendMessage(dst, b []byte) []byte {
	if len(bytes.Trim(b, "\r\n")) == 0 {
		return append(appendPadded(dst, "", &l.cseq), "  keep-alive"...)
	}
	if l.m.Parse(b) != nil {
		// Not even the start line is shown: what looks like a password cannot be told from the rest.
		dst = append(appendPadded(dst, "", &l.cseq), "  malformed, "...)
		return append(strconv.AppendInt(dst, int64(len(b)), 10), " octets"...)
	}
	m := &l.m
	number := ""
	if cseq, err := m.CSeq(); err == nil {
		number = strconv.FormatUint(uint64(cseq.Number), 10) + " " + printable(cseq.Name)
	}
	dst = append(appendPadded(dst, number, &l.cseq), "  "...)
	dst = l.c.errStyle.append(dst, statusColour(m.Status()), summary(m))
	if n := len(m.Body()); n > 0 {
		dst = append(append(dst, "  ["...), mediaType(m)...)
		dst = append(strconv.AppendInt(append(dst, ' '), int64(n), 10), ']')
	}
	return dst
}

// summary returns the start line without the version.
func summary(m *parser.Message) string {
	if !m.IsRequest() {
		return statusLine(m)
	}
	method := printable(m.MethodName()) + " "
	uri, err := m.RequestURI()
	if err != nil {
		return method + "(a malformed URI)"
	}
	return method + printable(redacted(uri))
}

// statusLine returns "200 OK" of a response.
func statusLine(m *parser.Message) string {
	s := strconv.Itoa(int(m.Status()))
	if reason := m.Reason(); len(reason) > 0 {
		s += " " + printable(reason)
	}
	return s
}

// statusColour returns the colour of a status' class; 0 is a request.
func statusColour(s parser.Status) string {
	switch {
	case s == 0:
		return bold
	case s.Provisional():
		return yellow
	case s.Success():
		return green
	}
	return red
}

// mediaType returns m's Content-Type without parameters.
func mediaType(m *parser.Message) string {
	t, _, _ := bytes.Cut(m.Raw(parser.HeaderContentType), []byte(";"))
	if t = bytes.TrimSpace(t); len(t) > 0 {
		return printable(t)
	}
	return "no type"
}

// redacted returns u as written, with its password and its header part replaced by three stars: both may be
// credentials (RFC 3261, Section 19.1.1).
func redacted(u parser.URI) []byte {
	raw := u.Raw()
	if h := u.Headers(); len(h) > 0 && len(h) < len(raw) {
		raw = append(raw[:len(raw)-len(h):len(raw)-len(h)], "***"...)
	}
	p := u.Password()
	if len(p) == 0 {
		return raw
	}
	at := len(u.Scheme()) + len(":") + len(u.User()) + len(":")
	return append(append(raw[:at:at], "***"...), raw[at+len(p):]...)
}

// appendPadded appends s, filled with blanks to the column's width, which grows when s is wider.
func appendPadded(dst []byte, s string, width *int) []byte {
	*width = max(*width, len(s))
	dst = append(dst, s...)
	for n := *width - len(s); n > 0; n-- {
		dst = append(dst, ' ')
	}
	return dst
}
