package parser

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// A window on lines finds what a loop over the octets finds, wherever it was before, and nothing behind the end.
func TestLines(t *testing.T) {
	r := rand.New(rand.NewPCG(13, 1))
	for range 20000 {
		var text strings.Builder
		for range r.IntN(12) {
			text.WriteString([]string{"Via", "CSeq ", ":", ": ", "\r\n", "\n", "\r", "\t", " ", "\x7f", "x", "\x00", "\xc3\xa4", "X-Any",
				"Content-Length\t", "A-long-name-without-any-control-octet", "Another-name-quite-as-long-as-the-other-one", "a text: or so"}[r.IntN(18)])
		}
		b := append([]byte(text.String()), "x\r\n:"...)
		b = b[:r.IntN(len(b)+1)]
		l := lines{b: b, base: -64}
		for range 6 {
			i := r.IntN(len(b) + 1)
			if got, want := l.nextControl(i), slowNextControl(b, i); got != want {
				t.Fatalf("%q from %d: got the control octet at %d, want %d", b, i, got, want)
			}
			end, next, control := l.lineEnd(i)
			if e, n, c := slowLineEnd(b, i); end != e || next != n || control != c {
				t.Fatalf("%q from %d: got %d %d %d, want %d %d %d", b, i, end, next, control, e, n, c)
			}
			colon := strings.IndexByte(string(b[i:]), ':') + i
			if colon < i {
				continue
			}
			if h, end, ok := otherName(b, i, colon); ok {
				if id, e, c, o := fieldName(b, i); h != id || end != e || colon != c || !o {
					t.Fatalf("%q from %d: got the name %v %d %d, want %v %d %d %v", b, i, h, end, colon, id, e, c, o)
				}
			}
		}
	}
}

// slowNextControl returns the offset of the first control octet of b at or after i, len(b) when there is none.
func slowNextControl(b []byte, i int) int {
	for i < len(b) && b[i] >= ' ' && b[i] != 0x7f {
		i++
	}
	return i
}

// slowLineEnd looks for the LF, and only then at what stands before it.
func slowLineEnd(b []byte, i int) (end, next, control int) {
	end, next = len(b), -1
	if n := bytes.IndexByte(b[i:], '\n'); n >= 0 {
		end, next = i+n, i+n+1
		if n > 0 && b[end-1] == '\r' {
			end--
		}
	}
	control = -1
	for k := end - 1; k >= i; k-- {
		if c := b[k]; c != '\t' && (c < ' ' || c == 0x7f) {
			control = k
		}
	}
	return end, next, control
}

func TestLineEnd(t *testing.T) {
	for _, row := range []struct {
		in                 string
		end, next, control int
	}{
		{"abc\r\nd", 3, 5, -1},
		{"abc\nd", 3, 4, -1},
		{"\r\n", 0, 2, -1},
		{"a\tb\r\n", 3, 5, -1},
		{"abc", 3, -1, -1},
		{"abc\r", 4, -1, 3},
		{"a\rb\r\n", 3, 5, 1},
		{"a\r\r\n", 2, 4, 1},
		{"a\x00b\x01\r\n", 4, 6, 1},
		{"a\x7f\n", 2, 3, 1},
		{"\x00a\x01\n", 3, 4, 0},
		{"", 0, -1, -1},
	} {
		l := lines{b: []byte(row.in), base: -64}
		if end, next, control := l.lineEnd(0); end != row.end || next != row.next || control != row.control {
			t.Errorf("%q: got %d %d %d, want %d %d %d", row.in, end, next, control, row.end, row.next, row.control)
		}
	}
}
