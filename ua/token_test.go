package ua

import (
	"strings"
	"sync"
	"testing"
)

func TestTokensAreUniqueLowerCaseTokens(t *testing.T) {
	agents := []*tokens{newTokens(), newTokens()}
	var mu sync.Mutex // guards seen
	seen := make(map[string]bool)
	take := func(s string) {
		mu.Lock()
		defer mu.Unlock()
		if len(s) != 16 || strings.Trim(s, tokenAlphabet) != "" {
			t.Errorf("token %q: want 16 letters of %s", s, tokenAlphabet)
		}
		if seen[s] {
			t.Errorf("token %q came twice", s)
		}
		seen[s] = true
	}
	var both sync.WaitGroup
	for _, a := range agents {
		both.Go(func() {
			for range 5_000 {
				take(a.one())
				tag, id := a.two()
				take(tag)
				take(id)
				branch, found := strings.CutPrefix(a.branch(), "z9hG4bK")
				if take(branch); !found {
					t.Errorf("branch %q without its cookie", branch)
				}
			}
		})
	}
	both.Wait()
	// Every letter is used in every place.
	for i := range tokenSize {
		letters := make(map[byte]bool)
		for s := range seen {
			letters[s[i]] = true
		}
		if len(letters) != len(tokenAlphabet) {
			t.Errorf("%d letters in place %d, want %d", len(letters), i, len(tokenAlphabet))
		}
	}
}
