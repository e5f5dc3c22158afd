package fuzz

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Identity parses data, writes what it read with a Builder, and reads that again: nothing is lost or added, and writing it
// once more gives the same octets. The Builder takes whatever Parse and Check accept.
func Identity(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	if m.Parse(data) != nil || m.Check() != nil {
		return false, nil
	}
	once, err := rewrite(&m)
	if err != nil && len(data) > parser.MaxLine/2 {
		return false, nil // long names take more room than compact ones
	}
	if err != nil {
		return true, fmt.Errorf("writing what was read: %w", err)
	}
	var again parser.Message
	if again.Parse(once) != nil || again.Check() != nil {
		return true, fmt.Errorf("reading %q, which was written: %v", once, again.Fault())
	}
	if err := differ("written", outline(&again), "read", outline(&m)); err != nil {
		return true, err
	}
	twice, err := rewrite(&again)
	if err != nil {
		return true, fmt.Errorf("writing it twice: %w", err)
	}
	return true, differ("written twice", string(twice), "written once", string(once))
}

// rewrite writes m anew: the start line, every field but Content-Length in its order, and the body. A response goes through
// Builder.Response, which puts first what it copies.
func rewrite(m *parser.Message) ([]byte, error) {
	var b parser.Builder
	b.Reset(nil)
	copied := map[parser.Header]bool{parser.HeaderContentLength: true}
	if m.IsRequest() {
		u, err := m.RequestURI()
		if err != nil {
			return nil, err
		}
		if m.Method() == parser.MethodUnknown {
			b.RequestNamed(m.MethodName(), u)
		} else {
			b.Request(m.Method(), u)
		}
	} else {
		b.Response(m, m.Status(), string(m.Reason()), "")
		for _, h := range []parser.Header{parser.HeaderVia, parser.HeaderFrom, parser.HeaderTo, parser.HeaderCallID, parser.HeaderCSeq} {
			copied[h] = true
		}
		copied[parser.HeaderTimestamp] = m.Status() == parser.StatusTrying
	}
	for f := range m.Fields() {
		if !copied[f.Header] {
			b.Copy(f)
		}
	}
	if len(m.Body()) > 0 && m.Has(parser.HeaderContentType) {
		b.Body("", m.Body())
	}
	w, err := b.Wire()
	return w.AppendTo(nil), err
}

// unfolded returns a value with each fold, and the blanks round it, as one space.
func unfolded(value []byte) string {
	var rows []string
	for _, row := range strings.Split(folded(value), "\n") {
		if row = strings.Trim(row, blanks); row != "" {
			rows = append(rows, row)
		}
	}
	return strings.Join(rows, " ")
}

// outline returns what of m survives that it is written anew: the names of known headers in their usual spelling, no
// Content-Length, no method parameter in the Request-URI, no body without a type. The fields of a response are sorted by name.
func outline(m *parser.Message) string {
	var t text
	if m.IsRequest() {
		u, _ := m.RequestURI()
		t.line("request", string(m.MethodName()), withoutMethod(string(u.Raw())))
	} else {
		reason := string(m.Reason())
		if reason == "" {
			reason = m.Status().Reason()
		}
		t.line("response", strconv.Itoa(int(m.Status())), reason)
	}
	var fields []field
	for f := range m.Fields() {
		name := f.Header.String()
		if name == "" {
			name = string(f.Name)
		}
		if f.Header != parser.HeaderContentLength {
			fields = append(fields, field{name, unfolded(f.Value)})
		}
	}
	if !m.IsRequest() {
		slices.SortStableFunc(fields, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	}
	for _, f := range fields {
		t.line("field", f.name, f.value)
	}
	if m.Has(parser.HeaderContentType) {
		t.line("body", string(m.Body()))
	}
	return t.String()
}

// withoutMethod returns a SIP URI without its method parameter (RFC 3261, Section 19.1.1, Table 1).
func withoutMethod(raw string) string {
	u, _ := readURI(raw)
	if s := lower(u.scheme); s != "sip" && s != "sips" {
		return raw
	}
	at := strings.IndexByte(raw, '@') + 1
	parts := strings.Split(raw[at:], ";")
	kept := parts[:1]
	for _, p := range parts[1:] {
		if lower(canonical(before(p, "="))) != "method" {
			kept = append(kept, p)
		}
	}
	return raw[:at] + strings.Join(kept, ";")
}
