package fuzz

import (
	"net/netip"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// uri is a URI as the naive parser reads it (RFC 3261, Section 19.1.1; RFC 3966, Section 3).
type uri struct {
	raw, scheme string
	user, host  string // of a tel URI user is the subscriber
	password    string
	hasPassword bool
	port        uint64
	params      []param
	headers     []param
	hasHeaders  bool
}

// param is name or name=value.
type param struct {
	name, value string
	valued      bool
}

const (
	unreserved = alnum + "-_.!~*'()"
	users      = unreserved + "&=+$,;?/"
	passwords  = unreserved + "&=+$,"
	paramChars = unreserved + "[]/:&+$"
	headChars  = unreserved + "[]/?:+$"
	uriChars   = unreserved + ";/?:@&=+$,[]#"
	reserved   = ";/?:@&=+$,"
)

// readURI reads all of s.
func readURI(s string) (u uri, ok bool) {
	scheme, rest, colon := strings.Cut(s, ":")
	if !colon || len(s) > parser.MaxURI || !consists(scheme, alnum+"+-.") || !consists(scheme[:1], alnum[:52]) {
		return u, false
	}
	u.raw, u.scheme = s, scheme
	switch strings.ToLower(scheme) {
	case "sip", "sips":
		return u, u.readSIP(rest)
	case "tel":
		subscriber, params, _ := cutBefore(rest, ";")
		u.user = subscriber
		return u, isSubscriber(subscriber) && u.readParams(params)
	}
	return u, escaped(rest, uriChars)
}

// cutBefore cuts s before the first octet of set.
func cutBefore(s, set string) (before, after string, found bool) {
	if i := strings.IndexAny(s, set); i >= 0 {
		return s[:i], s[i:], true
	}
	return s, "", false
}

// escaped reports whether s has at least one octet and consists of set and of %HH escapes.
func escaped(s, set string) bool {
	parts := strings.Split(s, "%")
	for _, p := range parts[1:] {
		if len(p) < 2 || !consists(p[:2], hexes) || len(p) > 2 && !consists(p[2:], set) {
			return false
		}
	}
	return s != "" && (parts[0] == "" || consists(parts[0], set))
}

// isSubscriber reports whether s is a global number, "+" and digits, or a local one, which may hold hexadecimal digits,
// stars and hashes; visual separators may stand between them, and there is one digit at least.
func isSubscriber(s string) bool {
	digits := hexes + "*#"
	if rest, global := strings.CutPrefix(s, "+"); global {
		s, digits = rest, decimals
	}
	return consists(s, digits+"-.()") && strings.ContainsAny(s, digits)
}

func (u *uri) readSIP(s string) bool {
	if user, rest, at := strings.Cut(s, "@"); at {
		u.user, u.password, u.hasPassword = strings.Cut(user, ":")
		if !escaped(u.user, users) || u.password != "" && !escaped(u.password, passwords) {
			return false
		}
		s = rest
	}
	s, headers, hasHeaders := strings.Cut(s, "?")
	hostport, params, _ := cutBefore(s, ";")
	if !u.readHostPort(hostport) || !u.readParams(params) {
		return false
	}
	u.hasHeaders = hasHeaders
	return !hasHeaders || u.readHeaders(headers)
}

func (u *uri) readHostPort(s string) bool {
	var ok bool
	u.host, u.port, ok = readHostPort(s, "")
	return ok
}

// readHostPort reads host [ ":" port ]; octets of around may stand before and behind the colon.
func readHostPort(s, around string) (host string, port uint64, ok bool) {
	host, digits, hasPort := s, "", false
	if i := strings.LastIndexByte(s, ']'); i >= 0 {
		host, digits = s[:i+1], strings.TrimLeft(s[i+1:], around)
		if hasPort = digits != ""; hasPort && digits[0] != ':' {
			return "", 0, false
		}
		digits = strings.TrimPrefix(digits, ":")
	} else {
		host, digits, hasPort = strings.Cut(s, ":")
	}
	host, digits = strings.TrimRight(host, around), strings.TrimLeft(digits, around)
	if hasPort {
		if port, ok = readNumber(digits); !ok || port == 0 || port > 65535 {
			return "", 0, false
		}
	}
	return host, port, isHost(host)
}

// isHost reports whether s is a host name, in which underscores may stand for letters, an IPv4 address or an IPv6 reference
// (RFC 3261, Section 25.1).
func isHost(s string) bool {
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		_, ok := readIPv6(s[1 : len(s)-1])
		return ok
	}
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, l := range labels {
		if !consists(l, alnum+"_-") || l[0] == '-' || l[len(l)-1] == '-' {
			return false
		}
	}
	if consists(labels[len(labels)-1][:1], decimals) {
		_, ok := readIPv4(s)
		return ok
	}
	return true
}

// readIPv4 reads four decimal octets of up to three digits.
func readIPv4(s string) (a [4]byte, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return a, false
	}
	for i, p := range parts {
		n, ok := readNumber(p)
		if !ok || len(p) > 3 || n > 255 {
			return a, false
		}
		a[i] = byte(n)
	}
	return a, true
}

// readIPv6 reads an IPv6 address without zone. Its IPv4 tail may have leading zeros, and three colons before it
// (RFC 5118, Section 4.10).
func readIPv6(s string) (a netip.Addr, ok bool) {
	if i := strings.LastIndexByte(s, ':'); i >= 0 && strings.Contains(s[i:], ".") {
		v4, ok := readIPv4(s[i+1:])
		if !ok {
			return a, false
		}
		s = strings.Replace(s[:i+1], ":::", "::", 1) + netip.AddrFrom4(v4).String()
	}
	a, err := netip.ParseAddr(s)
	return a, err == nil && a.Is6() && a.Zone() == ""
}

// readParams reads *( ";" name [ "=" value ] ).
func (u *uri) readParams(s string) bool {
	if s == "" {
		return true
	}
	seen := make(map[string]bool)
	for _, p := range strings.Split(s, ";")[1:] {
		var q param
		q.name, q.value, q.valued = strings.Cut(p, "=")
		if !escaped(q.name, paramChars) || q.valued && !escaped(q.value, paramChars) {
			return false
		}
		key := lower(canonical(q.name))
		if seen[key] {
			return false
		}
		seen[key] = true
		u.params = append(u.params, q)
	}
	return len(u.params) <= parser.MaxParams
}

// readHeaders reads name "=" [ value ] *( "&" ... ).
func (u *uri) readHeaders(s string) bool {
	for _, h := range strings.Split(s, "&") {
		name, value, equals := strings.Cut(h, "=")
		if !equals || !escaped(name, headChars) || value != "" && !escaped(value, headChars) {
			return false
		}
		u.headers = append(u.headers, param{name, value, true})
	}
	return len(u.headers) <= parser.MaxParams
}
