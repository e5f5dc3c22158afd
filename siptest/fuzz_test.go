package siptest

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// FuzzParseScript writes every script that is read with a ladder of its own, and holds against the text that nothing else of it has
// changed, and that it is read again.
func FuzzParseScript(f *testing.F) {
	files, err := filepath.Glob("testdata/flows/*.txt")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(stub)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseScript([]byte(text))
		if err != nil {
			return
		}
		ladder := []string{"  0.000 a -> b INVITE"}
		once := string(s.Text(ladder, nil))
		if got, want := without(once), without(text); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		again, err := ParseScript([]byte(once))
		if err != nil {
			t.Fatalf("%q is not read: %v", once, err)
		}
		if twice := string(again.Text(ladder, nil)); twice != once {
			t.Errorf("got %q, want %q", twice, once)
		}
	})
}

// without returns the lines of a script without its ladders.
func without(text string) []string {
	var rest []string
	ladder := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n\t ")
		switch line {
		case "ladder", "ladder over tcp":
			ladder = true
		case "steps", "outcome", "outcome under loss", "outcome under resets":
			ladder = false
		}
		if !ladder {
			rest = append(rest, line)
		}
	}
	return rest
}
