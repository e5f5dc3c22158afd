package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestColourOnlyOnATerminal(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	file, err := os.Create(t.TempDir() + "/out")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()

	buffer := &bytes.Buffer{}
	tests := []struct {
		name           string
		noColour, term string
		stdout, stderr io.Writer
		want           string
	}{
		{"terminal", "", "xterm", tty, tty, "colour on stdout, colour on stderr, progress"},
		{"null device", "", "xterm", null, null, ""},
		{"file", "", "xterm", file, file, ""},
		{"buffer", "", "xterm", buffer, buffer, ""},
		{"only stdout", "", "xterm", tty, file, "colour on stdout, "},
		{"only stderr", "", "xterm", file, tty, "colour on stderr, progress"},
		{"NO_COLOR", "1", "xterm", tty, tty, "progress"},
		{"dumb terminal", "", "dumb", tty, tty, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("NO_COLOR", tt.noColour)
			t.Setenv("TERM", tt.term)
			c := newConsole(nil, tt.stdout, tt.stderr)
			got := ""
			if c.outStyle {
				got += "colour on stdout, "
			}
			if c.errStyle {
				got += "colour on stderr, "
			}
			if c.live {
				got += "progress"
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestProgressShowsAfterASecondAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var screen recorder // both streams are one terminal
		c := newConsole(nil, &screen, &screen)
		c.live = true
		stop := c.watch(func() string { return "waiting" })
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		if screen.String() != "" {
			t.Errorf("before a second: got %q, want nothing", screen.String())
		}
		time.Sleep(1500 * time.Millisecond)
		synctest.Wait()
		c.outf("a result\n")
		time.Sleep(time.Second)
		synctest.Wait()
		stop()
		const erase = "\r\x1b[K"
		want := "waiting, 1 s" + erase + "waiting, 2 s" + erase + "a result\nwaiting, 3 s" + erase
		if screen.String() != want {
			t.Errorf("got %q, want %q", screen.String(), want)
		}
		time.Sleep(time.Minute)
		if screen.String() != want {
			t.Errorf("after stop: got %q", screen.String())
		}
	})
}

func TestNoProgressWithoutATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var stderr recorder
		stop := newConsole(nil, &stderr, &stderr).watch(func() string { return "waiting" })
		time.Sleep(time.Minute)
		stop()
		if stderr.String() != "" {
			t.Errorf("got %q, want nothing", stderr.String())
		}
	})
}

func TestPrintableObeysNothing(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "sip:bob@biloxi.example", "sip:bob@biloxi.example"},
		{"other scripts", "Grüße 日本", "Grüße 日本"},
		{"escape sequence", "\x1b[2Jx", ".[2Jx"},
		{"C1 control", "\u009b31mx", ".31mx"},
		{"line ends and tab", "a\r\n\tb", "a...b"},
		{"not UTF-8", "a\xff\xc3", "a.."},
		{"bidirectional override", "a\u202eb", "a.b"},
		{"NUL and DEL", "\x00\x7f", ".."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := printable(tt.in); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestStyle(t *testing.T) {
	if got := style(false).paint(red, "no"); got != "no" {
		t.Errorf("without colour: got %q, want no", got)
	}
	if got := style(true).paint(red, "no"); got != "\x1b[31mno\x1b[0m" {
		t.Errorf("with colour: got %q", got)
	}
	if strings.Contains(string(style(false).append([]byte("x"), bold, "y")), "\x1b") {
		t.Error("without colour: got an escape")
	}
}
