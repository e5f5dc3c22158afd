package registrar

import (
	"bytes"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// AOR is an address of record: who somebody is, wherever that is. It is comparable, and has the canonical form of RFC 3261, Section 10.3: without
// parameters and headers, its escapes decoded. sip and sips name the same one (RFC 5630, Section 5.2), and so do all
// ports: what an address of record names is a domain, not a socket.
type AOR struct {
	User   string // any octets, NUL among them
	Domain string // as Config.Domain returned it
}

// String returns the address of record as a URI.
func (a AOR) String() string {
	b := append([]byte(nil), "sip:"...)
	if a.User != "" {
		b = append(parser.AppendUser(b, []byte(a.User)), '@')
	}
	return string(append(b, a.Domain...))
}

// prefix is that of the keys of all addresses of record.
const prefix = "aor/"

// key returns the key of the record of a. The last @ ends the user: no domain has one.
func (a AOR) key() string { return prefix + a.User + "@" + a.Domain }

// aor returns the address of record that a SIP URI names, in one of our domains or another.
func (g *Registrar) aor(uri parser.URI) (a AOR, ours bool) {
	a.User = userOf(uri)
	if a.Domain = g.cfg.Domain(uri); a.Domain != "" {
		return a, true
	}
	a.Domain = hostOf(uri)
	return a, false
}

// userOf returns the user of a URI, its escapes decoded.
func userOf(uri parser.URI) string {
	user := uri.User()
	if bytes.IndexByte(user, '%') < 0 {
		return string(user)
	}
	return string(parser.Unescape(nil, user))
}

// hostOf returns the host of a URI in the form in which hosts are compared. It is the default of Config.Domain.
func hostOf(uri parser.URI) string {
	host := uri.Host()
	if a, ok := transport.Literal(host); ok {
		return a.String()
	}
	return strings.ToLower(string(bytes.TrimSuffix(host, []byte("."))))
}
