package parser

import (
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
			if got, want := l.nextControl(i), nextControl(b, i); got != want {
				t.Fatalf("%q from %d: got the control octet at %d, want %d", b, i, got, want)
			}
			end, next, control := l.lineEnd(i)
			if e, n, c := lineEnd(b, i); end != e || next != n || control != c {
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
