package ua

import (
	"strings"
	"testing"
)

func TestTokensAreUniqueLowerCaseTokens(t *testing.T) {
	seen := make(map[string]bool)
	for range 20_000 {
		s := newToken()
		if len(s) != 16 || strings.Trim(s, tokenAlphabet) != "" {
			t.Fatalf("token %q: want 16 letters of %s", s, tokenAlphabet)
		}
		if seen[s] {
			t.Fatalf("token %q came twice", s)
		}
		seen[s] = true
	}
}
