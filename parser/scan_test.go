package parser

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// nextControl finds what a loop over the octets finds, wherever it starts and whatever lies around it.
func TestNextControl(t *testing.T) {
	naive := func(b []byte, i int) int {
		for ; i < len(b); i++ {
			if b[i] < 0x20 || b[i] == 0x7f {
				break
			}
		}
		return i
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		b := make([]byte, r.IntN(40))
		for i := range b {
			switch r.IntN(8) {
			case 0:
				b[i] = byte(r.IntN(256))
			case 1:
				b[i] = 0x80 | byte(r.IntN(0x22)) // a control octet but for its high bit
			case 2:
				b[i] = 0xff
			default:
				b[i] = 'a' + byte(r.IntN(26))
			}
		}
		i := r.IntN(len(b) + 1)
		if got, want := nextControl(b, i), naive(b, i); got != want {
			t.Fatalf("%q from %d: got %d, want %d", b, i, got, want)
		}
	}
	for c := range 256 {
		for i := range 9 {
			b := []byte(strings.Repeat("x", 9))
			b[i] = byte(c)
			if got, want := nextControl(b, 0), naive(b, 0); got != want {
				t.Fatalf("%q: got %d, want %d", b, got, want)
			}
		}
	}
}

func TestStrayControl(t *testing.T) {
	for _, row := range []struct {
		name, in string
		want     int
	}{
		{"plain", "abc", -1},
		{"tab and fold", "a\tb\r\n c\n d", -1},
		{"NUL", "ab\x00", 2},
		{"CR", "ab\rc", 2},
		{"CR before a fold", "ab\r\r\n c", 2},
		{"in a string", "\"a\x01\"", 2},
		{"quoted pair in a string", "\"a\\\x01\"", -1},
		{"quoted pair outside", "a\\\x01", 2},
		{"quoted pair after a string", "\"a\"\\\x01", 4},
		{"behind an escaped backslash", "\"a\\\\\x01\"", 4},
		{"quoted CR", "\"a\\\r\"", 3},
		{"quoted pair in a comment", "x (a (b) \\\x7f)", -1},
		{"quoted pair behind a comment", "x (a) \\\x7f", 7},
		{"quote in a comment", "(\") \\\x01", 5},
	} {
		if got := strayControl([]byte(row.in)); got != row.want {
			t.Errorf("%s: got %d, want %d", row.name, got, row.want)
		}
	}
}

func TestDigitsOf(t *testing.T) {
	for _, row := range []struct {
		in        string
		limit     uint64
		n         uint64
		large, ok bool
	}{
		{"0", 9, 0, false, true},
		{"0068", 255, 68, false, true},
		{"255", 255, 255, false, true},
		{"256", 255, 255, true, true},
		{"4294967295", 1<<32 - 1, 1<<32 - 1, false, true},
		{"4294967296", 1<<32 - 1, 1<<32 - 1, true, true},
		{strings.Repeat("9", 400), 1<<32 - 1, 1<<32 - 1, true, true},
		{strings.Repeat("0", 400) + "7", 1<<32 - 1, 7, false, true},
		{"", 9, 0, false, false},
		{"-1", 9, 0, false, false},
		{"+5", 9, 0, false, false},
		{"5 ", 9, 0, false, false},
		{"0x10", 99, 0, false, false},
		{"99999x", 9, 0, false, false},
	} {
		if n, large, ok := digitsOf([]byte(row.in), row.limit); n != row.n || large != row.large || ok != row.ok {
			t.Errorf("%.20q: got %d %v %v, want %d %v %v", row.in, n, large, ok, row.n, row.large, row.ok)
		}
	}
}
