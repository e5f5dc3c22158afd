package fuzz

import "strings"

// canonical decodes the escapes of s but for those of reserved octets, which mean something else than the octet
// itself: they get a sign in front that no URI can hold.
func canonical(s string) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, "%")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := strings.IndexByte(hexes[:16], strings.ToUpper(after[:1])[0])<<4 | strings.IndexByte(hexes[:16], strings.ToUpper(after[1:2])[0])
		if strings.IndexByte(reserved, byte(n)) >= 0 {
			b.WriteString("<escaped>")
		}
		b.WriteByte(byte(n))
		s = after[2:]
	}
}

// lower is strings.ToLower for ASCII: other octets stay.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// equalURI compares two URIs as RFC 3261, Section 19.1.4 and RFC 3966, Section 4 say, one rule after the other.
func equalURI(u, v uri) bool {
	scheme := lower(u.scheme)
	if scheme != lower(v.scheme) {
		return false
	}
	switch scheme {
	case "sip", "sips":
	case "tel":
		return number(u.user) == number(v.user) && equalParams(u, v, true)
	default:
		return u.raw[len(u.scheme):] == v.raw[len(v.scheme):]
	}
	return canonical(u.user) == canonical(v.user) &&
		u.hasPassword == v.hasPassword && canonical(u.password) == canonical(v.password) &&
		equalHosts(u.host, v.host) && u.port == v.port &&
		equalParams(u, v, false) && equalHeaders(u, v)
}

// number is a telephone number without its visual separators.
func number(s string) string {
	return lower(strings.NewReplacer("-", "", ".", "", "(", "", ")", "").Replace(s))
}

func equalHosts(a, b string) bool {
	if strings.HasPrefix(a, "[") && strings.HasPrefix(b, "[") {
		x, _ := readIPv6(strings.Trim(a, "[]"))
		y, _ := readIPv6(strings.Trim(b, "[]"))
		return x == y
	}
	x, isX := readIPv4(a)
	y, isY := readIPv4(b)
	return isX && isY && x == y || lower(a) == lower(b)
}

// equalParams: any parameter in both has to match; user, ttl, method, maddr and transport match no absent one, and
// where all count, none does.
func equalParams(u, v uri, all bool) bool {
	mine, other := paramMap(u), paramMap(v)
	for _, pair := range [][2]map[string]param{{mine, other}, {other, mine}} {
		for name, p := range pair[0] {
			q, found := pair[1][name]
			switch {
			case found && all && p.valued && q.valued && p.value[0] == '+' && q.value[0] == '+' && number(p.value) == number(q.value):
				// a phone-context (RFC 3966, Section 4)
			case found && (p.valued != q.valued || lower(canonical(p.value)) != lower(canonical(q.value))):
				return false
			case found || !all && !strings.Contains(" user ttl method maddr transport ", " "+name+" "):
			default:
				return false
			}
		}
	}
	return true
}

func paramMap(u uri) map[string]param {
	m := make(map[string]param)
	for _, p := range u.params {
		m[lower(canonical(p.name))] = p
	}
	return m
}

// equalHeaders: header components are never ignored, and their order does not matter.
func equalHeaders(u, v uri) bool {
	count := make(map[param]int)
	for _, h := range u.headers {
		count[param{lower(canonical(h.name)), canonical(h.value), true}]++
	}
	for _, h := range v.headers {
		count[param{lower(canonical(h.name)), canonical(h.value), true}]--
	}
	for _, n := range count {
		if n != 0 {
			return false
		}
	}
	return true
}
