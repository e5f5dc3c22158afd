package main

import (
	"fmt"
	"strings"
)

// series is a kind of message that grows: with n and with 2n of something, within the parser's limits, and with beyond,
// more than is let in.
type series struct {
	what      string
	n, beyond int
	message   func(n int) []byte
}

// allSeries are the ways in which a peer can make a message long. Where one is refused early, beyond is as much as a
// datagram holds.
var allSeries = []series{
	{"header fields, unknown", 100, 6000, func(n int) []byte { return grown("", "", strings.Repeat("X-Any: y\r\n", n)) }},
	{"header fields, known", 100, 4000, func(n int) []byte { return grown("", "", strings.Repeat("Supported: y\r\n", n)) }},
	{"Via fields", 60, 1200, func(n int) []byte {
		return grown("", "", numbered(n, "Via: SIP/2.0/UDP h%d.example.com;branch=z9hG4bK\r\n"))
	}},
	{"Via values in one field", 60, 1600, func(n int) []byte {
		return grown("", "", "Via: SIP/2.0/UDP h.example.com"+numbered(n-1, ",SIP/2.0/UDP h%d.example.com")+"\r\n")
	}},
	{"Contact values in one field", 60, 2500, func(n int) []byte {
		return grown("", "", "Contact: <sip:a@h>"+numbered(n-1, ", <sip:a%d@h.example.com>")+"\r\n")
	}},
	{"parameters of a Via", 32, 6000, func(n int) []byte { return grown(numbered(n, ";p%03d=v"), "", "") }},
	{"parameters of the Request-URI", 32, 6000, func(n int) []byte { return grown("", numbered(n, ";p%03d=v"), "") }},
	{"escaped parameters of the Request-URI", 32, 6000, func(n int) []byte { return grown("", numbered(n, ";%%70%03d=v"), "") }},
	{"length of one field", 4000, 60000, func(n int) []byte { return grown("", "", "Subject: "+strings.Repeat("x", n)+"\r\n") }},
	{"folds of one field", 1000, 15000, func(n int) []byte { return grown("", "", "Subject: a"+strings.Repeat("\r\n b", n)+"\r\n") }},
	{"quotes of a display name", 1000, 30000, func(n int) []byte {
		return grown("", "", `Contact: "`+strings.Repeat(`\"`, n)+"\" <sip:a@h>\r\n")
	}},
}

// grown is a small request with more in it: parameters of the Via and of the Request-URI, and header fields.
func grown(viaParams, uriParams, fields string) []byte {
	return []byte("OPTIONS sip:b@h.example.com" + uriParams + " SIP/2.0\r\nVia: SIP/2.0/UDP h.example.com" + viaParams +
		"\r\nMax-Forwards: 70\r\nFrom: <sip:a@h.example.com>;tag=1\r\nTo: <sip:b@h.example.com>\r\nCall-ID: 1@h\r\nCSeq: 1 OPTIONS\r\n" +
		fields + "Content-Length: 0\r\n\r\n")
}

// numbered repeats a format with the numbers from 0 on.
func numbered(n int, format string) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, format, i)
	}
	return s.String()
}

// growth is the measurement of one series.
type growth struct {
	series
	once, twice, more *candidate
	octets            int   // of more
	err               error // why more is refused
}

// newGrowth returns the candidates of all series: Parse and Check.
func newGrowth(ours *ringback) ([]growth, error) {
	var out []growth
	for _, s := range allSeries {
		g := growth{series: s}
		once, twice, more := s.message(s.n), s.message(2*s.n), s.message(s.beyond)
		for _, in := range [][]byte{once, twice} {
			if err := ours.checked(in); err != nil {
				return nil, fmt.Errorf("%d %s: %w", s.n, s.what, err)
			}
		}
		if g.err = ours.checked(more); g.err == nil {
			return nil, fmt.Errorf("%d %s are not refused", s.beyond, s.what)
		}
		g.octets = len(more)
		g.once = &candidate{name: s.what, run: repeat(func() error { return ours.checked(once) })}
		g.twice = &candidate{name: s.what, run: repeat(func() error { return ours.checked(twice) })}
		g.more = &candidate{name: s.what, run: func(n int) {
			for range n {
				_ = ours.checked(more) // refused, as above
			}
		}}
		out = append(out, g)
	}
	return out, nil
}
