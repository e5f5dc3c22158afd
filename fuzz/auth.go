package fuzz

import (
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// authHeaders are the headers of challenges and credentials.
var authHeaders = []parser.Header{
	parser.HeaderWWWAuthenticate, parser.HeaderProxyAuthenticate, parser.HeaderAuthorization, parser.HeaderProxyAuthorization,
	parser.HeaderAuthenticationInfo,
}

// Auth holds challenges and credentials against a naive reading of them, writes them and reads them again, and gives every
// value that data may hold to the parameters of a digest: they come back the same.
func Auth(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	if m.Parse(data) == nil && !hasHiddenControl(&m) {
		for _, h := range authHeaders {
			n, err := checkAuths(&m, h)
			if err != nil {
				return true, err
			}
			used = used || n > 0
		}
	}
	for i, s := range pieces(data) {
		if err := checkAuthParam(authHeaders[i%len(authHeaders)], s); err != nil {
			return true, err
		}
	}
	return used, nil
}

// auths returns the values of h and their errors.
func auths(m *parser.Message, h parser.Header) (all []parser.Auth, errs []error) {
	if h == parser.HeaderAuthenticationInfo {
		if !m.Has(h) {
			return nil, nil
		}
		a, err := m.AuthenticationInfo()
		return []parser.Auth{a}, []error{err}
	}
	for a, err := range m.Auths(h) {
		all, errs = append(all, a), append(errs, err)
	}
	return all, errs
}

func checkAuths(m *parser.Message, h parser.Header) (n int, err error) {
	var rows []string
	for v := range m.Values(h) {
		rows = append(rows, folded(v))
	}
	all, errs := auths(m, h)
	if len(all) != len(rows) {
		return 1, fmt.Errorf("%v: %d values of %q", h, len(all), rows)
	}
	for i, a := range all {
		scheme, params, ok := readAuth(rows[i], h == parser.HeaderAuthenticationInfo)
		digest := scheme == "" || strings.EqualFold(scheme, "Digest")
		if (errs[i] == nil) != (ok || !digest && scheme != "" && validScheme(rows[i])) {
			return 1, fmt.Errorf("%v: %q: got %v, want good: %v", h, rows[i], errs[i], ok)
		}
		if errs[i] != nil || !digest {
			continue
		}
		n++
		var got, want text
		got.line(string(a.Scheme()))
		got.params(a.Params())
		want.line(scheme)
		want.naiveParams(params)
		if err := differ("parser", got.String(), "naive", want.String()); err != nil {
			return n, err
		}
		if err := checkAuthWritten(h, a); err != nil {
			return n, err
		}
	}
	return n, nil
}

// validScheme reports whether s is a token, alone or with a blank behind it.
func validScheme(s string) bool {
	scheme, _, _ := cutBefore(s, space)
	return isToken(scheme)
}

// readAuth reads scheme LWS param *( "," param ); Authentication-Info has no scheme.
func readAuth(s string, bare bool) (scheme string, params []param, ok bool) {
	rest := s
	if !bare {
		scheme, rest, _ = cutBefore(s, space)
		if !isToken(scheme) {
			return scheme, nil, false
		}
	}
	params, ok = readParams(splitQuoted(rest, ','))
	for _, p := range params {
		ok = ok && p.valued
	}
	return scheme, params, ok
}

// splitQuoted splits s at each sep outside of quoted strings.
func splitQuoted(s string, sep byte) []string {
	var parts []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case sep:
			parts = append(parts, s[from:i])
			from = i + 1
		case '"':
			i += len(quotedPrefix(s[i:])) - 1
		}
	}
	return append(parts, s[from:])
}

// checkAuthWritten writes a and reads it again: the same parameters with the same meaning.
func checkAuthWritten(h parser.Header, a parser.Auth) error {
	once := a.AppendTo(nil)
	m, err := carried(h, once)
	if err != nil {
		return fmt.Errorf("%v: %q was written for %q: %w", h, once, a.Raw(), err)
	}
	all, errs := auths(m, h)
	if len(all) != 1 || errs[0] != nil {
		return fmt.Errorf("%v: %q was written for %q: %v", h, once, a.Raw(), errs)
	}
	return differ("written", meaning(all[0]), "read", meaning(a))
}

// meaning returns the parameters without their quotes.
func meaning(a parser.Auth) string {
	var t text
	t.line(string(a.Scheme()))
	for name, value := range a.Params() {
		t.line(string(name), string(parser.Unquote(nil, value)))
	}
	return t.String()
}

// checkAuthParam writes s as the value of parameters that are always quoted, never quoted, and neither.
func checkAuthParam(h parser.Header, s string) error {
	want := s
	if isQuoted(s) {
		want = string(parser.Unquote(nil, []byte(s)))
	}
	for _, name := range []string{"realm", "qop", "algorithm", "x"} {
		value := []byte("Digest ")
		if h == parser.HeaderAuthenticationInfo {
			value = nil
		}
		value = parser.AppendAuthParam(value, h, name, []byte(s))
		value = append(value, `, last="1"`...)
		m, err := carried(h, value)
		if err != nil {
			continue // control octets, or too long
		}
		all, errs := auths(m, h)
		if len(all) != 1 || errs[0] != nil {
			return fmt.Errorf("%s=%q was written as %q: %v", name, s, value, errs)
		}
		got, _ := all[0].Param(name)
		challenge := h == parser.HeaderWWWAuthenticate || h == parser.HeaderProxyAuthenticate
		if quoted := isQuoted(folded(got)); name != "x" && isToken(want) && !strings.Contains(s, `\`) && quoted != (name == "realm" || name == "qop" && challenge) {
			return fmt.Errorf("%s=%q was written as %q: quoted %v", name, s, value, quoted)
		}
		last, _ := all[0].Param("last")
		if string(parser.Unquote(nil, got)) != want || string(last) != `"1"` {
			return fmt.Errorf("%s=%q was written as %q and read as %q", name, s, value, got)
		}
	}
	return nil
}
