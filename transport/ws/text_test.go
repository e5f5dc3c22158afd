package ws

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// thirds are octets at both sides of each bound that a third or fourth octet may have.
var thirds = []byte{0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF}

// Every two octets, with every bound behind them, are judged as package utf8 judges them.
func TestText(t *testing.T) {
	for first := range 256 {
		for second := range 256 {
			checkText(t, []byte{byte(first), byte(second)})
			for _, third := range thirds {
				checkText(t, []byte{byte(first), byte(second), third})
				if first < 0xE0 {
					continue // no character has a fourth octet then
				}
				for _, fourth := range thirds {
					checkText(t, []byte{byte(first), byte(second), third, fourth})
				}
			}
		}
	}
}

func checkText(t *testing.T, b []byte) {
	var all, cut text
	got := all.take(b) && all.whole()
	if want := utf8.Valid(b); got != want {
		t.Errorf("% x: got %v, want %v", b, got, want)
	}
	again := true
	for i := range b {
		again = again && cut.take(b[i:i+1])
	}
	if again = again && cut.whole(); again != got {
		t.Errorf("% x: got %v octet by octet, %v at once", b, again, got)
	}
}

// It refuses when no octets to come could make it right, and not before.
func TestTextRefusesEarly(t *testing.T) {
	ends := []string{"", "\x80", "\x90", "\xa0", "\x80\x80", "\x90\x80", "\xa0\x80", "\x80\x80\x80", "\x90\x80\x80"}
	for first := range 256 {
		for second := range 256 {
			b := string([]byte{byte(first), byte(second)})
			could := false
			for _, end := range ends {
				could = could || utf8.ValidString(b+end)
			}
			var tx text
			if got := tx.take([]byte(b)); got != could {
				t.Errorf("% x: got %v, want %v", b, got, could)
			}
		}
	}
}

// ASCII is skipped eight octets at a time; what comes within and behind the eight is still seen.
func TestTextAmongASCII(t *testing.T) {
	for before := range 20 {
		for after := range 20 {
			for _, c := range []struct {
				s    string
				want bool
			}{{"", true}, {"\x7f", true}, {"é", true}, {"€", true}, {"😀", true}, {"\x80", false}, {"\xff", false}} {
				var tx text
				in := strings.Repeat("x", before) + c.s + strings.Repeat("y", after)
				if got := tx.take([]byte(in)) && tx.whole(); got != c.want {
					t.Errorf("%q: got %v", in, got)
				}
			}
		}
	}
}
