package main

import (
	"bytes"

	"github.com/ringback-sip/ringback/parser"
)

// verdict is what there is to say about one file.
type verdict struct {
	file     string // the argument, or the path below it
	data     []byte // the whole file
	msg      *parser.Message
	messages int // good messages: at most 1 in a datagram

	// What follows is of a bad file.
	what    string        // what is wrong, "" in a good one
	section string        // of RFC 3261, where the rule stands; "" when hint is not
	hint    string        // what to do with a file of another kind
	status  parser.Status // to answer with, 0: it is to be dropped
	offset  int           // of the octet at fault, in data
}

func (v *verdict) ok() bool { return v.what == "" }

// position returns line and column of the fault, from 1. Columns count octets.
func (v *verdict) position() (line, column int) {
	before := v.data[:v.offset]
	return bytes.Count(before, []byte("\n")) + 1, v.offset - bytes.LastIndexByte(before, '\n')
}

// judge reads files and says what is wrong with them. A verdict is valid until the next one.
type judge struct {
	stream      bool // files are byte streams, not datagrams
	first, next parser.Message
}

// file judges data, what the file called name holds.
func (j *judge) file(name string, data []byte) verdict {
	v := verdict{file: name, data: data, msg: &j.first}
	if c, ok := containerOf(data); ok {
		v.what, v.hint = c.name+", not a message", c.hint
		return v
	}
	if j.stream {
		j.readStream(&v)
		return v
	}
	if err := check(&j.first, data); err != nil {
		v.blame(&j.first, data, 0)
		return v
	}
	v.messages = 1
	return v
}

// readStream judges messages that follow each other, cut by Content-Length (RFC 3261, Section 18.3): all of
// them must be good, and the last one must be whole.
func (j *judge) readStream(v *verdict) {
	var framer parser.Framer
	for at := 0; at < len(v.data); {
		rest := v.data[at:]
		n, err := framer.Next(rest)
		if n > 0 && rest[0] == '\r' {
			at += n // empty lines between messages are ignored (RFC 3261, Section 7.5)
			continue
		}
		m := &j.next
		if v.messages == 0 {
			m = &j.first
		}
		if n > 0 {
			if check(m, rest[:n]) != nil {
				v.blame(m, rest[:n], at)
				return
			}
			v.messages++
			at += n
			continue
		}
		// The framing is lost, or the stream ends within a message. Most often the message itself says why, and
		// always when there is no err.
		if m.Parse(rest) != nil {
			v.blame(m, rest, at)
			return
		}
		v.what, v.section, v.offset = err.Error(), sectionFraming, at
		if m.IsRequest() && m.Method() != parser.MethodAck {
			v.status = parser.StatusBadRequest
		}
		return
	}
	if v.messages == 0 {
		v.what, v.section = "no message", sectionFraming
	}
}

// check reports what is wrong with the message b, as before it is handed to a transaction.
func check(m *parser.Message, b []byte) error {
	if err := m.Parse(b); err != nil {
		return err
	}
	return m.Check()
}

// blame makes v the verdict on message b, which m refused; it starts at offset at.
func (v *verdict) blame(m *parser.Message, b []byte, at int) {
	f := m.Fault()
	v.what = f.String()
	v.offset = min(at+f.Offset, len(v.data))
	v.section = section(f, b)
	v.status = m.FaultStatus()
}

// isResponse reports whether b starts like a status line: no method has a slash in it.
func isResponse(b []byte) bool {
	return len(b) >= 4 && bytes.EqualFold(b[:4], []byte("SIP/"))
}

// The sections that are named for faults outside header fields.
const (
	sectionRequestLine = "7.1"
	sectionStatusLine  = "7.2"
	sectionFields      = "7.3.1"
	sectionMandatory   = "8.1.1"
	sectionFraming     = "18.3"
)

// section returns the section of RFC 3261 that the message b breaks at f.
func section(f parser.Fault, b []byte) string {
	if f.Err == parser.ErrAbsent {
		return sectionMandatory
	}
	switch f.Header {
	case parser.HeaderCallID:
		return "20.8"
	case parser.HeaderContact:
		return "20.10"
	case parser.HeaderContentLength:
		return "20.14"
	case parser.HeaderCSeq:
		return "20.16"
	case parser.HeaderExpires:
		return "20.19"
	case parser.HeaderFrom:
		return "20.20"
	case parser.HeaderMaxForwards:
		return "20.22"
	case parser.HeaderTo:
		return "20.39"
	case parser.HeaderVia:
		return "20.42"
	}
	switch {
	case bytes.IndexByte(b[:min(f.Offset, len(b))], '\n') >= 0:
		return sectionFields
	case isResponse(b):
		return sectionStatusLine
	}
	return sectionRequestLine
}
