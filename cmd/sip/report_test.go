package main

import (
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

func TestSourceLine(t *testing.T) {
	wide := strings.Repeat("a", 100) + "!" + strings.Repeat("b", 100)
	tests := []struct {
		name, data string
		fault      string // the octets at which the caret points; "" is the end
		want       string
	}{
		{"begin", "abc\r\ndef\r\n", "abc", "    abc\n    ^\n"},
		{"second line", "abc\r\ndef\r\n", "ef", "    def\n     ^\n"},
		{"line end", "abc\r\ndef\r\n", "\r\ndef", "    abc\n       ^\n"},
		{"bare LF", "abc\ndef", "\ndef", "    abc\n       ^\n"},
		{"end without line end", "abc\r\ndef", "", "    def\n       ^\n"},
		{"end after line end", "abc\r\ndef\r\n", "", ""},
		{"empty", "", "", ""},
		{"tab and control octets keep their column", "a\tb\x1bc\n", "c", "    a.b.c\n        ^\n"},
		{"characters, not octets", "Größe: x\n", "x", "    Größe: x\n           ^\n"},
		{"not UTF-8", "\xff\xfe!x\n", "!", "    ..!x\n      ^\n"},
		{"long line", wide, "!", "    ..." + strings.Repeat("a", 60) + "!" + strings.Repeat("b", 39) + "...\n    " + strings.Repeat(" ", 63) + "^\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			offset := len(tt.data)
			if tt.fault != "" {
				offset = strings.Index(tt.data, tt.fault)
			}
			if got := string(appendSource(nil, []byte(tt.data), offset, false)); got != tt.want {
				t.Errorf("got\n%q, want\n%q", got, tt.want)
			}
		})
	}
}

func TestPosition(t *testing.T) {
	tests := []struct {
		data         string
		offset       int
		line, column int
	}{
		{"", 0, 1, 1},
		{"abc", 0, 1, 1},
		{"abc", 3, 1, 4},
		{"abc\r\ndef", 4, 1, 5},
		{"abc\r\ndef", 5, 2, 1},
		{"abc\n\nx", 5, 3, 1},
		{"ö!", 2, 1, 3},
	}
	for _, tt := range tests {
		v := verdict{data: []byte(tt.data), offset: tt.offset}
		if line, column := v.position(); line != tt.line || column != tt.column {
			t.Errorf("%q at %d: got %d:%d, want %d:%d", tt.data, tt.offset, line, column, tt.line, tt.column)
		}
	}
}

func TestReportInColour(t *testing.T) {
	var j judge
	out := []byte{}
	for _, text := range []string{invite, quotes} {
		v := j.file("a.dat", []byte(text))
		out = v.appendHuman(out, true)
	}
	golden.Equal(t, "testdata/parse/colour.txt", out)
}

// What a file holds is shown, never obeyed: not its name, not its text.
func TestReportHasNoControlOctets(t *testing.T) {
	var j judge
	for _, text := range []string{
		strings.ReplaceAll(invite, "sip:b@h", "sip:\x1b[2Jb@h"),
		strings.ReplaceAll(invite, "To:", "To\x1b[2J:"),
		strings.ReplaceAll(invite, "INVITE", "INV\x1b[2J"),
	} {
		v := j.file("\x1b[2J.dat", []byte(text))
		for _, c := range v.appendHuman(nil, false) {
			if c < ' ' && c != '\n' {
				t.Errorf("got octet %#x in %q", c, v.appendHuman(nil, false))
				break
			}
		}
	}
}
