package auth

import (
	"encoding/binary"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// parse parses a message whose lines end in LF and whose empty line is missing.
func parse(t testing.TB, text string) *parser.Message {
	t.Helper()
	m := new(parser.Message)
	if err := m.Parse([]byte(strings.ReplaceAll(strings.TrimSpace(text), "\n", "\r\n") + "\r\n\r\n")); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return m
}

const common = `
Via: SIP/2.0/UDP h;branch=z9hG4bK1
From: <sip:a@h>;tag=1
To: <sip:b@h>
Call-ID: 1
CSeq: 1 INVITE
Max-Forwards: 70
`

// response parses a response with header fields.
func response(t testing.TB, status string, fields ...string) *parser.Message {
	t.Helper()
	return parse(t, "SIP/2.0 "+status+" X"+common+strings.Join(fields, "\n"))
}

func uriOf(t testing.TB, s string) parser.URI {
	t.Helper()
	u, err := parser.ParseURI([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// counted makes random numbers that are none: 1, 2, 3 ... big endian.
func counted() func([]byte) {
	n := uint64(0)
	return func(b []byte) {
		n++
		clear(b)
		binary.BigEndian.PutUint64(b, n)
	}
}

// written returns the credentials that a try carries.
func written(t testing.TB, x *Exchange, method parser.Method, uri, body string) []string {
	t.Helper()
	var b parser.Builder
	b.Request(method, uriOf(t, uri))
	b.Header(parser.HeaderFrom, "<sip:a@h>;tag=1")
	x.Write(&b, []byte(body))
	w, err := b.Wire()
	if err != nil {
		t.Fatal(err)
	}
	var fields []string
	for l := range strings.SplitSeq(string(w.Head), "\r\n") {
		if strings.Contains(l, "uthorization: ") {
			fields = append(fields, l)
		}
	}
	return fields
}
