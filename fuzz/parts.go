package fuzz

import (
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Parts holds the parts of a multipart body against a naive splitting of its lines (RFC 2046, Section 5.1), and walks into the
// parts of parts: that ends.
func Parts(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	if m.Parse(data) != nil || len(m.Body()) == 0 {
		return false, nil
	}
	t, err := m.ContentType()
	if err != nil || !strings.EqualFold(string(t.Type()), "multipart") {
		return false, nil
	}
	var got []string
	var fault error
	n := allocations(func() {
		for _, err := range m.Parts() {
			fault = err
		}
	})
	if n > 0 {
		return true, fmt.Errorf("walking the parts allocates %d times", n)
	}
	for p, err := range m.Parts() {
		if err != nil {
			break
		}
		var x text
		for f := range p.Fields() {
			x.line(string(f.Name), folded(f.Value))
		}
		x.line(string(p.Body()))
		got = append(got, x.String())
	}
	boundary, _ := t.Param("boundary")
	want, ok, open := splitParts(string(m.Body()), string(parser.Unquote(nil, boundary)))
	if open {
		return false, nil // a control octet behind a backslash
	}
	if err := differ("parser", strings.Join(got, "part\n"), "naive", strings.Join(want, "part\n")); err != nil {
		return true, err
	}
	if (fault == nil) != ok {
		return true, fmt.Errorf("got error %v, want good: %v", fault, ok)
	}
	parts, octets := walk(m.Parts(), 0)
	if most := 8 * len(m.Body()); octets > most || parts > most {
		return true, fmt.Errorf("%d parts of %d octets in a body of %d", parts, octets, len(m.Body()))
	}
	return len(got) > 0, nil
}

// walk counts parts in parts, and the octets of their bodies.
func walk(parts func(yield func(parser.Part, error) bool), depth int) (count, octets int) {
	for p, err := range parts {
		if err != nil || depth > 100 {
			break
		}
		n, o := walk(p.Parts(), depth+1)
		count += 1 + n
		octets += len(p.Body()) + o
	}
	return count, octets
}

// splitParts returns a description of each part up to the first malformed one. open: see reading.
func splitParts(body, boundary string) (parts []string, ok, open bool) {
	if len(boundary) == 0 || len(boundary) > 70 || strings.HasSuffix(boundary, " ") || strings.ContainsFunc(boundary, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return nil, false, false
	}
	lines := strings.Split(body, "\r\n")
	inside, from := false, 0
	for i := 0; i < len(lines); i++ {
		rest, is := strings.CutPrefix(lines[i], "--"+boundary)
		rest = strings.TrimRight(rest, blanks)
		closing := rest == "--"
		// Only the closing delimiter may stand at the end of the body without a line end.
		if !is || rest != "" && !closing || !closing && i == len(lines)-1 {
			continue
		}
		if inside && i == from {
			continue // it would share the line end of the delimiter before it
		}
		if inside {
			p, r := readPart(strings.Join(lines[from:i], "\r\n"))
			open = open || r.open
			if r.refused != "" || len(parts) == 256 {
				return parts, false, open
			}
			parts = append(parts, p)
		}
		if closing {
			return parts, inside, open
		}
		inside, from = true, i+1
	}
	return parts, false, open
}

// readPart splits a part into fields and body.
func readPart(s string) (string, *reading) {
	r := new(reading)
	lines, body, ok := cutHead(s)
	if !ok {
		// No blank line: nothing but fields, whose line ends are all there.
		lines, _, ok = cutHead(s + "\r\n")
		body = len(s)
		if s != "" && (!ok || !strings.HasSuffix(s, "\n")) {
			r.refuse("no end of the fields")
		}
	}
	if body > parser.MaxHead {
		r.refuse("head too large")
	}
	r.readPartFields(lines)
	var x text
	for _, f := range r.fields {
		x.line(f.name, f.value)
	}
	x.line(s[body:])
	return x.String(), r
}

// readPartFields is readFields without the rules for messages.
func (r *reading) readPartFields(lines []line) {
	for _, l := range joinFolds(lines) {
		name, value, colon := strings.Cut(l.text, ":")
		name = strings.TrimRight(name, blanks)
		if !colon || !isToken(name) || l.end-l.from > parser.MaxLine {
			r.refuse("field %q", name)
		}
		r.readControls(value)
		r.fields = append(r.fields, field{name, strings.Trim(value, space)})
	}
}
