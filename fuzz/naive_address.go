package fuzz

import (
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// address is a name-addr or addr-spec with its parameters (RFC 3261, Section 20.10).
type address struct {
	raw, display string
	uri          uri
	tag          string
	params       []param
	wildcard     bool
}

// via is a via-parm (RFC 3261, Section 20.42; RFC 3581).
type via struct {
	raw, transport, host string
	port                 uint64
	params               []param
}

// splitOutside splits s at each sep outside of quoted strings and angle brackets; what is never closed reaches to the end.
func splitOutside(s string, sep byte) []string {
	var parts []string
	from := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case sep:
			parts = append(parts, s[from:i])
			from = i + 1
		case '"':
			i += len(quotedPrefix(s[i:])) - 1
		case '<':
			i += len(before(s[i:], ">"))
		}
	}
	return append(parts, s[from:])
}

// before returns what stands in s before sep, all of s when sep is missing.
func before(s, sep string) string {
	b, _, _ := strings.Cut(s, sep)
	return b
}

// quotedPrefix returns the quoted string that s starts with, all of s when it does not end.
func quotedPrefix(s string) string {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return s[:i+1]
		}
	}
	return s
}

// isQuoted reports whether all of s is a quoted string. Any octet but CR and LF may stand behind a backslash; control
// octets nowhere else, folds aside.
func isQuoted(s string) bool {
	if s == "" || s[0] != '"' {
		return false
	}
	for i := 1; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return i == len(s)-1
		case c == '\\':
			i++
			if i == len(s) || s[i] == '\n' || s[i] == '\r' {
				return false
			}
		case c < ' ' && c != '\t' && c != '\n', c == 0x7f:
			return false
		}
	}
	return false
}

// readParams reads the parts between semicolons as generic parameters: token [ "=" ( token / host / quoted-string ) ].
// Peers write IPv6 addresses with and without brackets (RFC 5118, Section 4.5).
func readParams(parts []string) (params []param, ok bool) {
	seen := make(map[string]bool)
	for _, part := range parts {
		name, value, valued := strings.Cut(strings.Trim(part, space), "=")
		p := param{strings.TrimRight(name, space), strings.TrimLeft(value, space), valued}
		if !isToken(p.name) || valued && !isQuoted(p.value) && !consists(p.value, tokens+":[]") || seen[lower(p.name)] {
			return nil, false
		}
		seen[lower(p.name)] = true
		params = append(params, p)
	}
	return params, len(params) <= parser.MaxParams
}

// lookup returns the parameter called name.
func lookup(params []param, name string) (p param, found bool) {
	for _, p := range params {
		if strings.EqualFold(p.name, name) {
			return p, true
		}
	}
	return p, false
}

// readVia reads all of s: name/version/transport LWS host [":" port] *(";" param).
func readVia(s string) (v via, ok bool) {
	s = strings.Trim(s, space)
	parts := splitOutside(s, ';')
	protocol := strings.SplitN(parts[0], "/", 3)
	if len(s) > parser.MaxLine || len(protocol) != 3 {
		return v, false
	}
	for i, p := range protocol[:2] {
		if i > 0 {
			p = strings.TrimLeft(p, space)
		}
		if !isToken(strings.TrimRight(p, space)) {
			return v, false
		}
	}
	last := strings.Trim(protocol[2], space)
	transport, sentBy, found := cutBefore(last, space)
	v.raw, v.transport = s, transport
	v.host, v.port, ok = readHostPort(strings.TrimLeft(sentBy, space), space)
	if !ok || !found || !isToken(transport) {
		return v, false
	}
	v.params, ok = readParams(parts[1:])
	return v, ok
}

// readAddress reads all of s as a value of the header called name.
func readAddress(name, s string) (a address, ok bool) {
	s = strings.Trim(s, space)
	a.raw = s
	if s == "*" && name == "Contact" {
		a.wildcard = true
		return a, true
	}
	parts := splitOutside(s, ';')
	spec := strings.TrimRight(parts[0], space)
	bare := !strings.HasSuffix(spec, ">")
	if !bare {
		if strings.HasPrefix(spec, `"`) {
			a.display = quotedPrefix(spec)
		} else {
			a.display = strings.TrimRight(before(spec, "<"), space)
		}
		spec = strings.TrimLeft(spec[len(a.display):], space)
		if !isQuoted(a.display) && !isDisplayName(a.display) || strings.Count(spec, "<") != 1 || spec[0] != '<' {
			return a, false
		}
		spec = spec[1 : len(spec)-1]
	}
	if a.uri, ok = readURI(spec); !ok || bare && strings.ContainsAny(spec, ",?") || bare && mustBracket(name) {
		return a, false
	}
	a.params, ok = readParams(parts[1:])
	tag, found := lookup(a.params, "tag")
	a.tag = tag.value
	return a, ok && (!found || name == "Contact" || isToken(tag.value)) && len(s) <= parser.MaxLine
}

// isDisplayName reports whether s is a row of tokens, or nothing. In UTF-8 they may have other octets, too.
func isDisplayName(s string) bool {
	for _, w := range strings.FieldsFunc(s, func(c rune) bool { return strings.ContainsRune(space, c) }) {
		for i := range len(w) {
			if w[i] < 0x80 && strings.IndexByte(tokens, w[i]) < 0 {
				return false
			}
		}
	}
	return true
}

// mustBracket reports whether the grammar of the header knows no addr-spec.
func mustBracket(name string) bool {
	switch name {
	case "Route", "Record-Route", "Path", "Service-Route", "History-Info":
		return true
	}
	return false
}

// readAddresses reads Via, From, To and Contact.
func (r *reading) readAddresses() {
	for _, value := range r.all("Via") {
		for _, s := range splitOutside(value, ',') {
			v, ok := readVia(s)
			if !ok {
				r.refuse("Via %q", s)
			}
			r.vias = append(r.vias, v)
		}
	}
	if len(r.vias) == 0 || len(r.vias) > parser.MaxVias {
		r.refuse("%d Vias", len(r.vias))
	}
	r.from, r.to = r.address("From"), r.address("To")
	r.contacts = r.addresses("Contact")
	for _, c := range r.contacts {
		if c.raw == "" || c.wildcard && len(r.contacts) > 1 {
			r.refuse("Contact")
		}
	}
}

// address reads a header that must be there once.
func (r *reading) address(name string) address {
	values := r.all(name)
	if len(values) == 0 {
		r.refuse("no %s", name)
		return address{}
	}
	a, ok := readAddress(name, values[0])
	if !ok {
		r.refuse("%s %q", name, values[0])
	}
	return a
}

// addresses returns the values of a list header, a zero one for each that is malformed.
func (r *reading) addresses(name string) []address {
	var all []address
	for _, value := range r.all(name) {
		for _, s := range splitOutside(value, ',') {
			a, ok := readAddress(name, s)
			if !ok {
				a = address{}
			}
			all = append(all, a)
		}
	}
	return all
}
