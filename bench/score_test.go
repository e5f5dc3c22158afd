package main

import (
	"slices"
	"strings"
	"testing"
)

// Ringback reads every value; sipgo all but those of M5, where it loses both tags.
func TestValuesAreRead(t *testing.T) {
	all, err := scores(loaded(t), new(ringback), newSipgo())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		switch {
		case s.side == "sipgo" && s.id == "M5":
			for _, tag := range []string{"from tag", "to tag"} {
				if !slices.ContainsFunc(s.misses, func(m string) bool { return strings.HasPrefix(m, tag+":") }) {
					t.Errorf("sipgo reads the %s of M5 now; the documentation says otherwise", tag)
				}
			}
		case s.right != s.want || len(s.misses) > 0:
			t.Errorf("%s %s: got %d of %d, misses %q", s.side, s.id, s.right, s.want, s.misses)
		}
	}
}

func TestScoreCountsMisses(t *testing.T) {
	want := []string{"method: BYE", "call-id: 1@h", "to tag: x"}
	tests := []struct {
		name   string
		got    []string
		right  int
		misses int
	}{
		{name: "all right", got: want, right: 3},
		{name: "one wrong", got: []string{"method: BYE", "call-id: 2@h", "to tag: x"}, right: 2, misses: 1},
		{name: "one absent", got: []string{"method: BYE", "to tag: x"}, right: 2, misses: 1},
		{name: "one too many", got: append([]string{"via 1 host: h"}, want...), right: 3, misses: 1},
		{name: "nothing", got: nil, right: 0, misses: 3},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScore("a", "M", tt.got, want, nil)
			if s.right != tt.right || len(s.misses) != tt.misses {
				t.Errorf("got %d right and misses %q, want %d and %d", s.right, s.misses, tt.right, tt.misses)
			}
		})
	}
}
