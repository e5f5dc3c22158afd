package parser

import (
	"strings"
	"testing"
)

// Every header is found by its long name in any case, and by nothing near it.
func TestParseHeaderLong(t *testing.T) {
	for h := HeaderUnknown + 1; h < headerCount; h++ {
		name := h.String()
		for _, s := range []string{name, strings.ToLower(name), strings.ToUpper(name)} {
			if got := ParseHeader(s); got != h {
				t.Errorf("%q: got %v, want %v", s, got, h)
			}
		}
		for _, s := range []string{name + "x", name + " ", "x" + name[1:], name[:len(name)-1] + "\x7f"} {
			if got := ParseHeader(s); got != HeaderUnknown {
				t.Errorf("%q: got %v, want none", s, got)
			}
		}
	}
	for _, s := range []string{"", ":", "{", "@", "C%6Fntact", strings.Repeat("x", 300)} {
		if got := ParseHeader(s); got != HeaderUnknown {
			t.Errorf("%q: got %v, want none", s, got)
		}
	}
}

// The compact names are those of the table, in both cases, and no other single octet is a name.
func TestParseHeaderCompact(t *testing.T) {
	want := [256]Header{}
	for h, row := range headers {
		if k := row.compact; k != 0 {
			want[k], want[k-0x20] = Header(h), Header(h)
		}
	}
	for c, h := range want {
		if got := headerOf([]byte{byte(c)}); got != h {
			t.Errorf("%q: got %v, want %v", byte(c), got, h)
		}
	}
}
