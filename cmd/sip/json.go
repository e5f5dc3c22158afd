package main

import (
	"strconv"
	"time"
	"unicode/utf8"
)

// object appends one JSON object: a member for each call of its methods, in that order. The zero object
// appends to nothing; begin starts one.
type object struct {
	b     []byte
	comma bool
}

// begin starts an object that is appended to dst.
func begin(dst []byte) object { return object{b: append(dst, '{')} }

// end ends the object and returns what it was appended to.
func (o *object) end() []byte { return append(o.b, '}') }

// key appends a member's name.
func (o *object) key(k string) {
	if o.comma {
		o.b = append(o.b, ',')
	}
	o.comma = true
	o.b = append(o.b, '"')
	o.b = append(o.b, k...)
	o.b = append(o.b, '"', ':')
}

func (o *object) str(k, v string) {
	o.key(k)
	o.b = appendJSON(o.b, v)
}

func (o *object) bytes(k string, v []byte) {
	o.key(k)
	o.b = appendJSON(o.b, v)
}

func (o *object) int(k string, v int) {
	o.key(k)
	o.b = strconv.AppendInt(o.b, int64(v), 10)
}

func (o *object) bool(k string, v bool) {
	o.key(k)
	o.b = strconv.AppendBool(o.b, v)
}

// ms appends a duration in milliseconds, with three decimals.
func (o *object) ms(k string, d time.Duration) {
	o.key(k)
	o.b = strconv.AppendFloat(o.b, float64(d)/float64(time.Millisecond), 'f', 3, 64)
}

// appendJSON appends s as a JSON string, escaped exactly as encoding/json does: control octets, quotes, HTML's
// three, the two line separators of JavaScript, and U+FFFD for every octet that is not UTF-8.
func appendJSON[T string | []byte](dst []byte, s T) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&' {
				i++
				continue
			}
			dst = append(dst, s[from:i]...)
			switch c {
			case '"', '\\':
				dst = append(dst, '\\', c)
			case '\b':
				dst = append(dst, '\\', 'b')
			case '\f':
				dst = append(dst, '\\', 'f')
			case '\n':
				dst = append(dst, '\\', 'n')
			case '\r':
				dst = append(dst, '\\', 'r')
			case '\t':
				dst = append(dst, '\\', 't')
			default:
				dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
			}
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(string(s[i:min(i+utf8.UTFMax, len(s))]))
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(append(dst, s[from:i]...), `\ufffd`...)
			from = i + n
		case r == '\u2028' || r == '\u2029':
			dst = append(append(dst, s[from:i]...), `\u202`...)
			dst = append(dst, hex[r&15])
			from = i + n
		}
		i += n
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}
