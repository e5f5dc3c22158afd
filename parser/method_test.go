package parser

import (
	"strings"
	"testing"
)

// Methods are case-sensitive tokens without escapes (RFC 3261, Section 7.1).
func TestParseMethod(t *testing.T) {
	for m := MethodUnknown + 1; m < methodCount; m++ {
		name := m.String()
		if got := ParseMethod([]byte(name)); got != m {
			t.Errorf("%s: got %v", name, got)
		}
		for _, s := range []string{strings.ToLower(name), name + "S", name[1:], " " + name, "%" + name[1:]} {
			if got := ParseMethod([]byte(s)); got != MethodUnknown {
				t.Errorf("%q: got %v", s, got)
			}
		}
	}
	if got := ParseMethod(nil); got != MethodUnknown {
		t.Errorf("nothing: got %v", got)
	}
	if MethodUnknown.String() != "" || methodCount.String() != "" {
		t.Error("what is no method has a name")
	}
}
