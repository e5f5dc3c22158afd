package ua

import (
	"slices"
	"strconv"

	"github.com/ringback-sip/ringback/parser"
)

// requestURI returns u as a Request-URI: without the method parameter and the headers that a URI on a page or in a
// Contact may have (RFC 3261, Section 19.1.1, Table 1).
func requestURI(u parser.URI) (parser.URI, error) { return without(u, false, "method") }

// addressURI returns u as From and To have it: the name of somebody, without the way there (RFC 3261,
// Section 19.1.1, Table 1).
func addressURI(u parser.URI) (parser.URI, error) {
	return without(u, true, "method", "maddr", "ttl", "transport", "lr")
}

// bare reports whether u has nothing but scheme, user and host: nothing that could be left out.
func bare(u parser.URI) bool {
	n := len(u.Scheme()) + len(":") + len(u.Host())
	if user := len(u.User()); user > 0 {
		n += user + len("@")
	}
	return n == len(u.Raw())
}

// clean reports whether u has neither headers, nor one of these parameters, nor, if it matters, a port.
func clean(u parser.URI, port bool, params []string) bool {
	if len(u.Headers()) > 0 || port && u.Port() != 0 {
		return false
	}
	for name := range u.Params() {
		if oneOf(name, params) {
			return false
		}
	}
	return true
}

// oneOf reports whether name is among names, in any case.
func oneOf(name []byte, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return parser.EqualFold(name, n) })
}

// without returns a SIP or SIPS URI without headers, some parameters and, if asked, the port; any other URI, and one that has nothing of
// that, as it is.
func without(u parser.URI, port bool, params ...string) (parser.URI, error) {
	if !u.IsSIP() || bare(u) || clean(u, port, params) {
		return u, nil
	}
	b := append(make([]byte, 0, len(u.Raw())), u.Scheme()...)
	b = append(b, ':')
	if user := u.User(); len(user) > 0 {
		b = append(b, user...)
		if password := u.Password(); len(password) > 0 {
			b = append(append(b, ':'), password...)
		}
		b = append(b, '@')
	}
	b = append(b, u.Host()...)
	if !port && u.Port() != 0 {
		b = strconv.AppendInt(append(b, ':'), int64(u.Port()), 10)
	}
	for name, value := range u.Params() {
		if oneOf(name, params) {
			continue
		}
		b = append(append(b, ';'), name...)
		if value != nil {
			b = append(append(b, '='), value...)
		}
	}
	return parser.ParseURI(b)
}
