package main

import (
	"unicode"
	"unicode/utf8"
)

// style says whether a stream takes colour.
type style bool

// Colours, as the parameters of SGR (ECMA-48, Section 8.3.117).
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// append appends s, in colour where there is any.
func (y style) append(dst []byte, colour, s string) []byte {
	if !y {
		return append(dst, s...)
	}
	dst = append(dst, "\x1b["...)
	dst = append(dst, colour...)
	dst = append(dst, 'm')
	dst = append(dst, s...)
	return append(dst, "\x1b[0m"...)
}

// paint is append for a string.
func (y style) paint(colour, s string) string { return string(y.append(nil, colour, s)) }

// appendPrintable appends b without whatever could move a terminal's cursor or change its colours: what peers and
// files say is shown, never obeyed. Every octet or rune that does not print becomes a dot.
func appendPrintable(dst, b []byte) []byte {
	for len(b) > 0 {
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n <= 1 || !unicode.IsPrint(r) {
			dst = append(dst, '.')
		} else {
			dst = append(dst, b[:n]...)
		}
		b = b[n:]
	}
	return dst
}

// printable is appendPrintable for strings.
func printable[T string | []byte](s T) string { return string(appendPrintable(nil, []byte(s))) }
