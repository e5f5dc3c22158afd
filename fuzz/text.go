package fuzz

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// Text takes data, and the values in it, as texts, and holds the functions that quote, escape and compare them to their
// round trips.
func Text(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	for _, s := range append(pieces(data), string(data)) {
		if len(s) > parser.MaxURI/4 {
			continue
		}
		used = true
		for _, check := range []func(string) error{checkUnquote, checkEscapes, checkFold, checkNames} {
			if err := check(s); err != nil {
				return true, err
			}
		}
	}
	return used, nil
}

// checkUnquote quotes s by hand and unquotes it: s comes back. Whatever else is unquoted does not grow.
func checkUnquote(s string) error {
	prefix := []byte("kept ")
	if got := parser.Unquote(prefix, []byte(s)); len(got) > len(s)+len(prefix) || !bytes.HasPrefix(got, prefix) {
		return fmt.Errorf("%q unquoted is %q", s, got)
	}
	if strings.ContainsAny(s, "\r\n") {
		return nil // folds become spaces
	}
	quoted := `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(s) + `"`
	if got := parser.Unquote(nil, []byte(quoted)); string(got) != s {
		return fmt.Errorf("%s unquoted is %q, want %q", quoted, got, s)
	}
	return nil
}

// checkEscapes escapes s as the user of a URI: it parses, has that user, and unescapes to s, once.
func checkEscapes(s string) error {
	if got := parser.Unescape(nil, []byte(s)); len(got) > len(s) || !strings.Contains(s, "%") && string(got) != s {
		return fmt.Errorf("%q unescaped is %q", s, got)
	}
	if s == "" {
		return nil
	}
	in := append(parser.AppendUser([]byte("sip:"), []byte(s)), "@h"...)
	u, err := parser.ParseURI(in)
	if err != nil {
		return fmt.Errorf("%q as a user is %q: %w", s, in, err)
	}
	if got := parser.Unescape(nil, u.User()); string(got) != s || string(u.Host()) != "h" {
		return fmt.Errorf("%q as a user is %q, and read as %q", s, in, got)
	}
	return nil
}

// checkFold compares s with itself in other case, with a part of it and with its halves.
func checkFold(s string) error {
	half := s[:len(s)/2]
	for _, other := range []string{s, swapCase(s), lower(s), half, s[len(s)/2:], strings.ToUpper(s)} {
		if got, want := parser.EqualFold([]byte(s), other), lower(s) == lower(other); got != want {
			return fmt.Errorf("%q and %q are equal: got %v, want %v", s, other, got, want)
		}
	}
	return nil
}

// checkNames asks for what the words of s name.
func checkNames(s string) error {
	for _, w := range strings.Fields(s) {
		w = strings.TrimRight(w, ":")
		if m := parser.ParseMethod([]byte(w)); m != parser.MethodUnknown && m.String() != w {
			return fmt.Errorf("%q is the method %v", w, m)
		}
		h, want := parser.ParseHeader(w), lower(longName(w))
		if known[want] != (h != parser.HeaderUnknown) || known[want] && lower(h.String()) != want {
			return fmt.Errorf("%q is the header %v, known %v", w, h, known[want])
		}
	}
	return nil
}
