package fuzz

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// List holds Values, HasTag and Lookup against a naive splitting of all header fields at their commas (RFC 3261, Section
// 7.3.1), for data as a message and for data as the value of a list header.
func List(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	value := "OPTIONS sip:h SIP/2.0\r\nSupported: 100rel\r\nk: " + strings.TrimRight(string(data), "\r\n") + "\r\nSupported:\r\n\r\n"
	for _, in := range [][]byte{data, []byte(value)} {
		var m parser.Message
		if m.Parse(in) != nil || hasHiddenControl(&m) {
			continue
		}
		used = true
		if err := checkLists(&m); err != nil {
			return true, err
		}
	}
	return used, nil
}

// hasHiddenControl reports whether a value holds a control octet. Where one may stand depends on what is a string, and the
// naive parser does not ask.
func hasHiddenControl(m *parser.Message) bool {
	for f := range m.Fields() {
		if hasControl(unfolded(f.Value)) {
			return true
		}
	}
	return false
}

func checkLists(m *parser.Message) error {
	var fields []field
	for f := range m.Fields() {
		fields = append(fields, field{string(f.Name), folded(f.Value)})
	}
	for i, name := range append(append([]string{"X-Unknown"}, singles...), lists...) {
		isList := i > len(singles)
		var raw, want, got, looked []string
		for _, f := range fields {
			if !strings.EqualFold(longName(f.name), name) {
				continue
			}
			raw = append(raw, f.value)
			if isList {
				want = append(want, splitValues(f.value)...)
			} else {
				want = append(want, f.value)
			}
		}
		h := parser.ParseHeader(name)
		if h != parser.HeaderUnknown {
			for v := range m.Values(h) {
				got = append(got, folded(v))
			}
			if !slices.Equal(got, want) || m.Has(h) != (len(raw) > 0) || len(raw) > 0 && folded(m.Raw(h)) != raw[0] {
				return fmt.Errorf("%s: got %q and first %q, want %q of %q", name, got, m.Raw(h), want, raw)
			}
			for _, v := range want {
				if hasTags(h) && isToken(v) && !m.HasTag(h, swapCase(v)) {
					return fmt.Errorf("%s: %q is not found", name, v)
				}
			}
		}
		for v := range m.Lookup(swapCase(name)) {
			looked = append(looked, folded(v))
		}
		if !slices.Equal(looked, raw) {
			return fmt.Errorf("%s: looked up %q, want %q", name, looked, raw)
		}
	}
	return nil
}

// hasTags reports whether h holds option tags.
func hasTags(h parser.Header) bool {
	switch h {
	case parser.HeaderSupported, parser.HeaderRequire, parser.HeaderProxyRequire, parser.HeaderUnsupported:
		return true
	}
	return false
}

// splitValues splits the value of a list field at commas outside of quoted strings, angle brackets and comments, and leaves
// out what is empty. A comment starts at a parenthesis that has nothing of the value or a blank before it.
func splitValues(s string) []string {
	var values []string
	from := 0
	keep := func(to int) {
		if v := strings.Trim(s[from:to], space); v != "" {
			values = append(values, v)
		}
	}
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == ',':
			keep(i)
			from = i + 1
		case s[i] == '"':
			q := quotedPrefix(s[i:])
			if !isQuoted(q) {
				i = len(s)
				break
			}
			i += len(q) - 1
		case s[i] == '<':
			i += len(before(s[i:], ">"))
		case s[i] == '(' && (i == from || strings.IndexByte(space, s[i-1]) >= 0):
			i += commentLength(s[i:]) - 1
		}
	}
	keep(len(s))
	return values
}

// commentLength returns the length of the comment that s starts with, of all of s when it does not end.
func commentLength(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}
