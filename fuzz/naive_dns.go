package fuzz

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// The limits that package resolver promises.
const (
	dnsAliases = 8
	dnsRecords = 64
	dnsTTL     = 3600
)

// wire is a DNS message that is read from the front (RFC 1035, Section 4.1). bad says that something did not fit.
type wire struct {
	s   string
	at  int
	bad bool
}

func (w *wire) take(n int) string {
	if w.bad || w.at+n > len(w.s) {
		w.bad = true
		return strings.Repeat("\x00", n)
	}
	w.at += n
	return w.s[w.at-n : w.at]
}

func (w *wire) number(octets int) (n int) {
	for _, c := range []byte(w.take(octets)) {
		n = n<<8 + int(c)
	}
	return n
}

// name reads a name, compressed or not, in lower case and without the final dot. It may be read from anywhere.
func (w *wire) name() string {
	var labels []string
	text, jumps, behind := 0, 0, -1
	for {
		n := w.number(1)
		switch {
		case w.bad:
			return ""
		case n == 0:
			if behind >= 0 {
				w.at = behind
			}
			return lower(strings.Join(labels, "."))
		case n < 64:
			label := w.take(n)
			if w.bad = w.bad || strings.Contains(label, ".") || text+n >= 254; !w.bad {
				labels, text = append(labels, label), text+n+1
			}
		case n >= 192:
			to := (n-192)<<8 + w.number(1)
			if behind < 0 {
				behind = w.at
			}
			jumps++
			w.at, w.bad = to, w.bad || jumps > 10
		default:
			w.bad = true
		}
	}
}

// plainName reads a name that is not compressed, as it is written, and nothing behind it.
func plainName(s string) (string, bool) {
	var labels []string
	if len(s) > 255 {
		return "", false
	}
	for len(s) > 0 {
		n := int(s[0])
		if n == 0 {
			return strings.Join(labels, "."), len(s) == 1
		}
		if n > 63 || len(s) < 1+n || strings.Contains(s[1:1+n], ".") {
			return "", false
		}
		labels, s = append(labels, s[1:1+n]), s[1+n:]
	}
	return "", false
}

// record is one resource record, its data still to be read.
type record struct {
	owner                    string
	kind, class, ttl, length int
}

func (w *wire) record() record {
	return record{w.name(), w.number(2), w.number(2), w.number(4), w.number(2)}
}

// dnsQuestion is what a message asks, or is asked.
type dnsQuestion struct {
	name string
	kind int
}

// value reads what a record of the kind that was asked for says. What stands behind it in its data does not matter where it has a name.
func (w *wire) value(kind, length int) string {
	start := w.at
	switch kind {
	case 33:
		priority, weight, port := w.number(2), w.number(2), w.number(2)
		v := fmt.Sprintf("%d %d %d %q", priority, weight, port, w.name())
		w.at = start + length
		return v
	case 35:
		d := &wire{s: w.take(length), bad: w.bad}
		order, preference := d.number(2), d.number(2)
		var texts [3]string
		for i := range texts {
			texts[i] = d.take(d.number(1))
		}
		if d.bad {
			w.bad = true
			return ""
		}
		name, ok := plainName(d.s[d.at:]) // "MUST NOT" be compressed (RFC 3403, Section 4.1)
		w.bad = w.bad || !ok
		return fmt.Sprintf("%d %d %q %q", order, preference, texts, name)
	}
	data := w.take(length)
	addr, ok := netip.AddrFromSlice([]byte(data))
	if w.bad = w.bad || !ok || length != map[int]int{1: 4, 28: 16}[kind]; w.bad {
		return ""
	}
	return addr.Unmap().String()
}

const (
	dnsNotOurs = "not ours"
	dnsFails   = "fails"
)

// dnsNaively says what s says about a question with number id.
func dnsNaively(s string, id int, q dnsQuestion) string {
	w := &wire{s: s}
	number, flags := w.number(2), w.number(2)
	var counts [4]int
	for i := range counts {
		counts[i] = w.number(2)
	}
	code := flags & 15
	if w.bad || number != id || flags>>11 != 16 { // a response, to a query
		return dnsNotOurs
	}
	if code == 1 && counts[0] == 0 {
		return "code 1 truncated false ttl 0 alias \"\""
	}
	var asked []dnsQuestion
	for range counts[0] {
		asked = append(asked, dnsQuestion{w.name(), w.number(2)})
		if class := w.number(2); class != 1 || w.bad {
			return dnsNotOurs
		}
	}
	if len(asked) != 1 || asked[0] != q {
		return dnsNotOurs
	}
	said := func(ttl int, alias string, values ...string) string {
		return fmt.Sprintf("code %d truncated %v ttl %d alias %q", code, flags&0x200 != 0, min(ttl, dnsTTL), alias) + lines(values)
	}
	if flags&0x200 != 0 || code != 0 && code != 3 {
		return said(0, "")
	}

	type same struct {
		to  string
		ttl int
	}
	aliases := map[string]same{}
	values := map[string][]string{}
	ttls := map[string]int{}
	for range counts[1] {
		r := w.record()
		start := w.at
		switch {
		case r.class == 1 && r.kind == 5:
			to := w.name()
			w.at = start + r.length
			if _, ok := aliases[r.owner]; !ok {
				aliases[r.owner] = same{to, r.seconds()}
			}
		case r.class == 1 && r.kind == q.kind:
			v := w.value(r.kind, r.length)
			if t, ok := ttls[r.owner]; !ok || r.seconds() < t {
				ttls[r.owner] = r.seconds()
			}
			values[r.owner] = append(values[r.owner], v)
		default:
			w.take(r.length)
		}
		if w.bad {
			return dnsFails
		}
	}
	end, ttl := q.name, dnsTTL
	for hops := 0; values[end] == nil; hops++ {
		a, ok := aliases[end]
		if !ok {
			break
		}
		if hops == dnsAliases {
			return dnsFails
		}
		end, ttl = a.to, min(ttl, a.ttl)
	}
	if all := values[end]; all != nil {
		return said(min(ttl, ttls[end]), "", all[:min(len(all), dnsRecords)]...)
	}

	for range counts[2] {
		r := w.record()
		data := w.take(r.length)
		if w.bad {
			return dnsFails
		}
		if r.class == 1 && r.kind == 6 && below(end, r.owner) {
			if len(data) < 22 {
				return dnsFails
			}
			minimum := record{ttl: (&wire{s: data[len(data)-4:]}).number(4)}
			return said(min(ttl, r.seconds(), minimum.seconds()), "")
		}
	}
	switch {
	case code == 3:
		return said(0, "")
	case end != q.name:
		return said(ttl, end)
	case flags&0x480 == 0: // neither an authority nor somebody who asks one
		return dnsFails
	}
	return said(0, "")
}

// seconds is the TTL, of which the highest bit makes nothing (RFC 2181, Section 8).
func (r record) seconds() int {
	if r.ttl>>31 != 0 {
		return 0
	}
	return r.ttl
}

// below reports whether name is in zone.
func below(name, zone string) bool {
	all, top := strings.Split(name, "."), strings.Split(zone, ".")
	return zone == "" || len(all) >= len(top) && slices.Equal(all[len(all)-len(top):], top)
}

func lines(values []string) (all string) {
	for _, v := range values {
		all += "\n" + v
	}
	return all
}
