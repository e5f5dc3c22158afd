package parser

import (
	"fmt"
	"strings"
	"testing"
)

// keyText is the key of a name as a value's parameter.
func keyText(name string) uint64 { return keyOf([]byte(name), 0, len(name)) }

// The key of a short name is that name, whatever follows it, and does not tell the case of letters.
func TestKeyOf(t *testing.T) {
	for name, want := range map[string]uint64{
		"tag": keyTag, "rport": keyRPort, "maddr": keyMAddr, "branch": keyBranch, "received": keyReceived,
	} {
		for _, behind := range []string{"", "=", "=x;y=z12345"} {
			for _, s := range []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]} {
				if got := keyOf([]byte(";"+s+behind), 1, len(s)); got != want {
					t.Errorf("%s%s: got %x, want %x", s, behind, got, want)
				}
			}
		}
	}
	seen := map[uint64]string{}
	for _, c := range "abcdefghijklmnopqrstuvwxyz0123456789-.!%*_+`'~" {
		for _, format := range []string{"%c", "a%c", "%ca", "abcdefg%c", "%cbcdefgh", "a-name-of-more-octets-%c", "%c-name-of-more-octets"} {
			name := fmt.Sprintf(format, c)
			if other, ok := seen[keyText(name)]; ok && other != name {
				t.Errorf("%q and %q have the same key", name, other)
			}
			seen[keyText(name)] = name
			if len(name) > 8 && keyText(name)>>56 != 0 {
				t.Errorf("%q has the key of a short name", name)
			}
		}
	}
}

// A name that comes twice is found, near and far, in any case, escaped or not; and no other is taken for it.
func TestNamesTwice(t *testing.T) {
	for _, row := range []struct{ first, second string }{
		{"a", "A"},
		{"lr", "LR"},
		{"ttl", "TtL"},
		{"maddr", "mADDR"},
		{"transport", "TRANSPORT"},
		{"a-name-longer-than-two-words", "A-NAME-longer-THAN-two-WORDS"},
		{"lr", "%6cr"},
		{"%4Cr", "l%52"},
		{"%74ransport", "transport"},
		{"%61-name-longer-than-two-words-and-with-so-many-octets-in-it-that-it-is-long", "A-name-longer-than-two-words-and-with-so-many-octets-in-it-that-it-is-long"},
	} {
		for _, before := range []int{0, 1, 6, 7, 8, 9, 30} {
			for _, between := range []int{0, 1, 7, 8, 30} {
				text := many("x", before) + ";" + row.first + "=1" + many("y", between) + ";" + row.second
				at := strings.LastIndex(text, ";") + 1
				if n, err := new(URI).parse([]byte("sip:a@h" + text)); err != errParamTwice || n != len("sip:a@h")+at {
					t.Errorf("sip:a@h%s: got %v at %d, want it at %d", text, err, n, len("sip:a@h")+at)
				}
				if strings.Contains(text, "%") {
					continue
				}
				if n, err := new(Via).parse([]byte("SIP/2.0/UDP h" + text)); err != errParamTwice || n != len("SIP/2.0/UDP h")+at {
					t.Errorf("Via with %s: got %v at %d, want it at %d", text, err, n, len("SIP/2.0/UDP h")+at)
				}
			}
		}
	}
	for n := range MaxParams {
		if _, err := ParseURI([]byte("sip:a@h" + many("a-longer-name-", n))); err != nil {
			t.Errorf("%d different names: %v", n, err)
		}
	}
}

// many returns n parameters with different names.
func many(name string, n int) string {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, ";%s%02d", name, i)
	}
	return s.String()
}
