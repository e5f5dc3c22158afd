package fuzz

import (
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// URI holds ParseURI and URI.Equal against the naive parser for every value that data may hold, and every two of them.
// Equal is reflexive and symmetric, and blind to the case of what has none, to escapes that mean the octet itself and to the
// order of parameters (RFC 3261, Section 19.1.4).
func URI(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var all []parser.URI
	var naive []uri
	for _, s := range pieces(data) {
		u, err := parser.ParseURI([]byte(s))
		want, ok := readURI(s)
		if (err == nil) != ok {
			return true, fmt.Errorf("%q: got error %v, want good: %v", s, err, ok)
		}
		if err != nil {
			continue
		}
		var got, expected text
		got.uri(u)
		expected.naiveURI(want)
		if err := differ("parser", got.String(), "naive", expected.String()); err != nil {
			return true, err
		}
		if err := checkVariants(u, want); err != nil {
			return true, err
		}
		all = append(all, u)
		naive = append(naive, want)
	}
	for i, u := range all {
		for k, v := range all[:i+1] {
			got, want := u.Equal(v), equalURI(naive[i], naive[k])
			if got != want || v.Equal(u) != got || i == k && !got {
				return true, fmt.Errorf("%q and %q: got equal %v, the other way round %v, want %v", u.Raw(), v.Raw(), got, v.Equal(u), want)
			}
		}
	}
	return len(all) > 0, nil
}

// checkVariants compares u with other spellings of itself.
func checkVariants(u parser.URI, n uri) error {
	if lower(n.scheme) != "sip" && lower(n.scheme) != "sips" {
		return nil
	}
	variants := []struct{ name, uri string }{
		{"in other case", n.spelled(swapCase, asIs, n.params)},
		{"with escapes", n.spelled(asIs, escapeAll, n.params)},
		{"with parameters moved", n.spelled(asIs, asIs, turned(n.params))},
	}
	for _, s := range variants {
		if len(s.uri) > parser.MaxURI {
			continue
		}
		v, err := parser.ParseURI([]byte(s.uri))
		if err != nil || !u.Equal(v) || !v.Equal(u) {
			return fmt.Errorf("%q is not equal to itself %s, %q: %v", u.Raw(), s.name, s.uri, err)
		}
	}
	return nil
}

// spelled writes the URI again: what has no case through fold, what may be escaped through escape.
func (u uri) spelled(fold, escape func(string) string, params []param) string {
	s := fold(u.scheme) + ":"
	if u.user != "" {
		s += escape(u.user)
		if u.hasPassword {
			s += ":" + escape(u.password)
		}
		s += "@"
	}
	s += fold(u.host)
	if u.port > 0 {
		s += fmt.Sprintf(":%05d", u.port)
	}
	for _, p := range params {
		s += ";" + fold(escape(p.name))
		if p.valued {
			s += "=" + fold(escape(p.value))
		}
	}
	for i, h := range u.headers {
		s += "?&"[min(i, 1):min(i, 1)+1] + fold(escape(h.name)) + "=" + escape(h.value)
	}
	return s
}

func asIs(s string) string { return s }

// swapCase changes the case of each letter; in an escape that makes no difference either.
func swapCase(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' {
			b[i] ^= 0x20
		}
	}
	return string(b)
}

// escapeAll escapes each octet that is neither reserved nor part of an escape.
func escapeAll(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '%':
			b.WriteString(s[i : i+3])
			i += 2
		case strings.IndexByte(reserved, s[i]) >= 0:
			b.WriteByte(s[i])
		default:
			fmt.Fprintf(&b, "%%%02x", s[i])
		}
	}
	return b.String()
}

// turned returns params in the opposite order.
func turned(params []param) []param {
	var all []param
	for _, p := range params {
		all = append([]param{p}, all...)
	}
	return all
}
