package parser

import (
	"fmt"
	"strings"
	"testing"
)

func showWarning(w Warning) string { return fmt.Sprintf("%d|%s|%s", w.Code, w.Agent, w.Text) }

// A Warning is a code of three digits, an agent and a quoted text (RFC 3261, Section 20.43).
func TestWarning(t *testing.T) {
	testValues(t, HeaderWarning, first((*Message).Warnings), showWarning, []valueRow{
		{"host", `307 isi.edu "Session parameter 'foo' not understood"`, `307|isi.edu|"Session parameter 'foo' not understood"`, "", 0},
		{"port", `399 h:5060 "x"`, `399|h:5060|"x"`, "", 0},
		{"IPv6", `301 [2001:db8::1]:5060 "x"`, `301|[2001:db8::1]:5060|"x"`, "", 0},
		{"pseudonym", `399 a_b! ""`, `399|a_b!|""`, "", 0},
		{"escapes and commas", `399 h "a, \"b\""`, `399|h|"a, \"b\""`, "", 0},
		{"folds", "399\r\n h\r\n \"a\r\n b\"", "399|h|\"a b\"", "399 h \"a b\"", 0},
		{"four digits", `1812 overture "In Progress"`, "", "", errWarning},
		{"two digits", `99 h "x"`, "", "", errWarning},
		{"leading zero", `099 h "x"`, "", "", errWarning},
		{"no digits", `abc h "x"`, "", "", errWarning},
		{"no agent", `399 "x"`, "", "", errWarning},
		{"no text", `399 h`, "", "", errWarning},
		{"bare text", `399 h text`, "", "", errWarning},
		{"no blank", `399 h"x"`, "", "", errWarning},
		{"no blank behind the code", `399h "x"`, "", "", errWarning},
		{"open string", `399 h "x`, "", "", errWarning},
		{"text behind", `399 h "x" y`, "", "", errWarning},
		{"bad agent", `399 h@i "x"`, "", "", errWarning},
	})
}

// A comma ends a value, but not inside its text.
func TestWarnings(t *testing.T) {
	m := mustParse(t, request(`Warning: 301 a "x, y", 1812 b "z" , 302 c "w"`, `Warning: 399 d ""`))
	got := strings.Join(all(m.Warnings(), showWarning), " ")
	if want := `301|a|"x, y" !malformed warning 302|c|"w" 399|d|""`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A text that is no quoted string becomes one.
func TestWarningAppendTo(t *testing.T) {
	for in, want := range map[string]string{
		"":          `399 h ""`,
		"plain":     `399 h "plain"`,
		`say "hi"`:  `399 h "say \"hi\""`,
		`"quoted"`:  `399 h "quoted"`,
		`"a" "b"`:   `399 h "\"a\" \"b\""`,
		`back\`:     `399 h "back\\"`,
		`"`:         `399 h "\""`,
		`"escape\"`: `399 h "\"escape\\\""`,
	} {
		w := Warning{Code: 399, Agent: []byte("h"), Text: []byte(in)}
		if got := string(w.AppendTo(nil)); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}
