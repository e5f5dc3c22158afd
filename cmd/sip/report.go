package main

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/ringback-sip/ringback/parser"
)

// appendHuman appends the verdict for people: one line, and for a bad file the line at fault with a caret under
// the octet.
func (v *verdict) appendHuman(dst []byte, y style) []byte {
	if !v.ok() {
		return v.appendFault(dst, y)
	}
	dst = append(appendPrintable(dst, []byte(v.file)), ": "...)
	dst = y.append(dst, green, "ok")
	m := v.msg
	if m.IsRequest() {
		uri, _ := m.RequestURI() // checked
		dst = append(appendPrintable(append(dst, " request "...), m.MethodName()), ' ')
		dst = appendPrintable(dst, uri.Raw())
	} else {
		dst = strconv.AppendInt(append(dst, " response "...), int64(m.Status()), 10)
		dst = appendPrintable(append(dst, ' '), m.MethodName())
	}
	if v.messages > 1 {
		dst = append(strconv.AppendInt(append(dst, " (the first of "...), int64(v.messages), 10), " messages)"...)
	}
	return append(dst, '\n')
}

// appendFault appends FILE:LINE:COL, what is wrong, and the source.
func (v *verdict) appendFault(dst []byte, y style) []byte {
	line, column := v.position()
	dst = append(appendPrintable(dst, []byte(v.file)), ':')
	dst = append(strconv.AppendInt(dst, int64(line), 10), ':')
	dst = append(strconv.AppendInt(dst, int64(column), 10), ": "...)
	dst = y.append(dst, red, v.what)
	if v.hint != "" {
		return append(append(append(dst, ": "...), v.hint...), '\n') // such octets say nothing to people
	}
	dst = append(append(append(dst, " (RFC 3261, Section "...), v.section...), "), "...)
	if v.status == 0 {
		dst = append(dst, "drop it\n"...)
	} else {
		dst = append(strconv.AppendInt(append(dst, "answer "...), int64(v.status), 10), '\n')
	}
	return appendSource(dst, v.data, v.offset, y)
}

// The part of a long line that is shown, in characters before and after the fault.
const (
	sourceBefore = 60
	sourceAfter  = 40
)

// appendSource appends the line of data that holds the octet at offset, and a caret under that. Of an empty
// line it appends nothing.
func appendSource(dst, data []byte, offset int, y style) []byte {
	start := bytes.LastIndexByte(data[:offset], '\n') + 1
	end := len(data)
	if i := bytes.IndexByte(data[offset:], '\n'); i >= 0 {
		end = offset + i
	}
	// A CRLF belongs to the line only when the fault is there.
	if end > offset && data[end-1] == '\r' {
		end--
	}
	if start == end {
		return dst
	}
	before, after := data[start:offset], data[offset:end]
	dst = append(dst, "    "...)
	margin := 0
	if cut, ok := lastRunes(before, sourceBefore); ok {
		before, margin = cut, 3
		dst = append(dst, "..."...)
	}
	dst = appendPrintable(dst, before)
	margin += utf8.RuneCount(before)
	if cut, ok := firstRunes(after, sourceAfter); ok {
		dst = append(appendPrintable(dst, cut), "..."...)
	} else {
		dst = appendPrintable(dst, after)
	}
	dst = append(dst, "\n    "...)
	dst = append(dst, bytes.Repeat([]byte(" "), margin)...)
	return append(y.append(dst, green, "^"), '\n')
}

// lastRunes returns the last n characters of b, and whether b has more.
func lastRunes(b []byte, n int) ([]byte, bool) {
	i := len(b)
	for ; n > 0 && i > 0; n-- {
		_, size := utf8.DecodeLastRune(b[:i])
		i -= size
	}
	return b[i:], i > 0
}

// firstRunes returns the first n characters of b, and whether b has more.
func firstRunes(b []byte, n int) ([]byte, bool) {
	i := 0
	for ; n > 0 && i < len(b); n-- {
		_, size := utf8.DecodeRune(b[i:])
		i += size
	}
	return b[:i], i < len(b)
}

// appendJSON appends the verdict as one object on a line.
func (v *verdict) appendJSON(dst []byte, stream bool) []byte {
	o := begin(dst)
	o.str("file", v.file)
	o.bool("ok", v.ok())
	if !v.ok() {
		line, column := v.position()
		o.str("error", v.what)
		o.int("status", int(v.status))
		o.int("line", line)
		o.int("column", column)
		return append(o.end(), '\n')
	}
	appendMessage(&o, v.msg)
	if stream {
		o.int("messages", v.messages)
	}
	return append(o.end(), '\n')
}

// appendMessage appends the members that describe m, which was checked.
func appendMessage(o *object, m *parser.Message) {
	if m.IsRequest() {
		o.str("kind", "request")
	} else {
		o.str("kind", "response")
	}
	o.bytes("start_line", m.StartLine())
	o.bytes("method", m.MethodName())
	if m.IsRequest() {
		uri, _ := m.RequestURI()
		o.bytes("request_uri", uri.Raw())
	} else {
		o.int("status", int(m.Status()))
	}
	o.key("vias")
	o.b = append(o.b, '[')
	more := false
	for via := range m.Vias() {
		if more {
			o.b = append(o.b, ',')
		}
		more = true
		in := begin(o.b)
		in.bytes("transport", via.Transport())
		in.bytes("host", via.Host())
		in.int("port", via.Port())
		in.bytes("branch", via.Branch())
		o.b = in.end()
	}
	o.b = append(o.b, ']')
	from, _ := m.From()
	appendTag(o, "from", from)
	to, _ := m.To()
	appendTag(o, "to", to)
	o.bytes("call_id", m.CallID())
	cseq, _ := m.CSeq()
	o.key("cseq")
	in := begin(o.b)
	in.key("number")
	in.b = strconv.AppendUint(in.b, uint64(cseq.Number), 10) // an int may be too small for it
	in.bytes("method", cseq.Name)
	o.b = in.end()
	o.int("body_length", len(m.Body()))
}

func appendTag(o *object, name string, a parser.NameAddr) {
	o.key(name)
	in := begin(o.b)
	in.bytes("tag", a.Tag())
	o.b = in.end()
}
