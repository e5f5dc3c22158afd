package main

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// draft is a message as somebody holds it who is going to write it: values, not a message.
type draft struct {
	request *parser.Message // of a response: what it answers
	status  parser.Status
	method  parser.Method
	uri     parser.URI
	toTag   string
	fields  []draftField
	body    []byte
}

// draftField is one header field of a draft.
type draftField struct {
	write  draftWrite // the call that writes it
	header parser.Header
	name   string     // of a header without an id
	value  string     // as text; of a Via the transport
	from   []byte     // as received
	uri    parser.URI // of an address
	text   string     // the display name of an address, unquoted; of a Via the sent-by
	tag    string     // of an address; of a Via the branch
	number int        // of CSeq, Max-Forwards and Expires
}

// draftWrite is the call of a Builder that writes a field.
type draftWrite uint8

const (
	writeHeader   draftWrite = iota // Header
	writeNamed                      // Field
	writeReceived                   // HeaderBytes
	writeVia                        // Via
	writeAddress                    // Address
	writeCSeq                       // CSeq
	writeInt                        // Int
)

// write gives d to b, field by field.
func (d *draft) write(b *parser.Builder) {
	if d.request != nil {
		b.Response(d.request, d.status, "", d.toTag)
	} else {
		b.Request(d.method, d.uri)
	}
	for i := range d.fields {
		switch f := &d.fields[i]; f.write {
		case writeHeader:
			b.Header(f.header, f.value)
		case writeNamed:
			b.Field(f.name, f.value)
		case writeReceived:
			b.HeaderBytes(f.header, f.from)
		case writeVia:
			b.Via(f.value, f.text, f.tag)
		case writeAddress:
			b.Address(f.header, f.text, f.uri, f.tag)
		case writeCSeq:
			b.CSeq(uint32(f.number), d.method)
		case writeInt:
			b.Int(f.header, f.number)
		}
	}
	b.Body("", d.body)
}

// newDraft takes the message in apart. What needs no more than the typed calls of a Builder is written by them, what a
// proxy passes on (the Vias below the top) as received.
func newDraft(in []byte) (*draft, error) {
	m := new(parser.Message)
	if err := m.Parse(in); err != nil {
		return nil, err
	}
	d := &draft{status: m.Status(), method: m.Method(), body: m.Body()}
	skip := map[parser.Header]bool{parser.HeaderContentLength: true}
	if m.IsRequest() {
		u, err := m.RequestURI()
		if err != nil {
			return nil, err
		}
		d.uri = u
	} else {
		to, err := m.To()
		if err != nil {
			return nil, err
		}
		d.toTag = string(to.Tag())
		if d.request, err = requestOf(m); err != nil {
			return nil, err
		}
		for _, h := range []parser.Header{parser.HeaderVia, parser.HeaderFrom, parser.HeaderTo, parser.HeaderCallID, parser.HeaderCSeq} {
			skip[h] = true
		}
	}
	for f := range m.Fields() {
		if skip[f.Header] {
			continue
		}
		field, err := newDraftField(m, f, len(d.fields) == 0)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		d.fields = append(d.fields, field)
	}
	return d, nil
}

// requestOf returns the request that the response m answers, as far as the response tells.
func requestOf(m *parser.Message) (*parser.Message, error) {
	var out bytes.Buffer
	fmt.Fprintf(&out, "%s sip:bob@client.example.com SIP/2.0\r\n", m.MethodName())
	for f := range m.Fields() {
		switch f.Header {
		case parser.HeaderVia, parser.HeaderFrom, parser.HeaderCallID, parser.HeaderCSeq:
			fmt.Fprintf(&out, "%s: %s\r\n", f.Name, f.Value)
		case parser.HeaderTo:
			value, _, _ := bytes.Cut(f.Value, []byte(";tag="))
			fmt.Fprintf(&out, "%s: %s\r\n", f.Name, value)
		}
	}
	out.WriteString("Max-Forwards: 70\r\n\r\n")
	req := new(parser.Message)
	return req, errors.Join(req.Parse(out.Bytes()), req.Check())
}

func newDraftField(m *parser.Message, f parser.Field, first bool) (draftField, error) {
	field := draftField{header: f.Header, name: string(f.Name), value: unfold(f.Value)}
	switch f.Header {
	case parser.HeaderUnknown:
		field.write = writeNamed
	case parser.HeaderVia:
		v, err := m.Via()
		if err != nil {
			return field, err
		}
		field.write, field.from = writeReceived, f.Value
		if _, ok := v.RPort(); first && ok {
			field.write, field.value, field.tag = writeVia, string(v.Transport()), string(v.Branch())
			field.text = string(v.Host())
			if v.Port() > 0 {
				field.text = fmt.Sprintf("%s:%d", v.Host(), v.Port())
			}
		}
	case parser.HeaderFrom, parser.HeaderTo, parser.HeaderContact, parser.HeaderRoute, parser.HeaderRecordRoute:
		a, err := parser.ParseNameAddr(f.Value)
		if err != nil {
			return field, err
		}
		field.uri, field.tag = a.URI(), string(a.Tag())
		field.text = string(parser.Unquote(nil, a.Display()))
		if field.write = writeAddress; !plain(a) {
			field.write, field.from = writeReceived, f.Value
		}
	case parser.HeaderCSeq:
		c, err := m.CSeq()
		if err != nil {
			return field, err
		}
		field.write, field.number = writeCSeq, int(c.Number)
	case parser.HeaderMaxForwards, parser.HeaderExpires:
		n, err := m.Number(f.Header)
		if err != nil {
			return field, err
		}
		field.write, field.number = writeInt, n
	}
	return field, nil
}

// unfold returns a value as text on one line.
func unfold(value []byte) string {
	if !bytes.Contains(value, []byte("\r\n")) {
		return string(value)
	}
	return strings.Join(strings.Fields(string(value)), " ")
}

// plain reports whether Builder.Address writes a as it is: with no parameter but a tag, and a display name in quotes.
func plain(a parser.NameAddr) bool {
	if d := a.Display(); len(d) > 0 && d[0] != '"' {
		return false
	}
	for name := range a.Params() {
		if string(name) != "tag" {
			return false
		}
	}
	return true
}
