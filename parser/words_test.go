package parser

import (
	"math/rand/v2"
	"testing"
)

// randomText returns up to 40 octets of which most are of those in common.
func randomText(r *rand.Rand, common string) []byte {
	b := make([]byte, r.IntN(41))
	for i := range b {
		b[i] = common[r.IntN(len(common))]
		if r.IntN(12) == 0 {
			b[i] = byte(r.IntN(256))
		}
	}
	return b
}

// Each octet of a word is judged for itself, whatever lies around it.
func TestWordsJudgeEachOctet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		b := make([]byte, 8)
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		x := load8(b, 0)
		odd, marks := odds(x), marksOf(x&^highs)
		for i, c := range b {
			mask := uint64(0x80) << (8 * i)
			if got, want := odd&mask != 0, !is(c, alpha|digit) && c != '-' && c != '.'; got != want {
				t.Fatalf("odds of %q at %d: got %t, want %t", b, i, got, want)
			}
			if got, want := marks&mask != 0, c&0x7f == '-' || c&0x7f == '.'; got != want {
				t.Fatalf("marks of %q at %d: got %t, want %t", b, i, got, want)
			}
		}
		if odd&^highs != 0 {
			t.Fatalf("odds of %q: got %x, want high bits only", b, odd)
		}
	}
}

// The last octets of a slice stand in the low places, with zeros behind them.
func TestLast8(t *testing.T) {
	b := []byte("0123456789")
	for i := 3; i < len(b); i++ {
		x := last8(b, i)
		for k := range 8 {
			want := byte(0)
			if i+k < len(b) {
				want = b[i+k]
			}
			if got := byte(x >> (8 * k)); got != want {
				t.Errorf("from %d, octet %d: got %q, want %q", i, k, got, want)
			}
		}
	}
}

// runWord ends where run does, for each class that it is used with.
func TestRunWord(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		b := randomText(r, "abcXYZ0189-.-._:@;=%")
		i := r.IntN(len(b) + 1)
		for _, k := range []class{token, word, value} {
			if got, want := runWord(b, i, k), run(b, i, k); got != want {
				t.Fatalf("%q from %d, class %b: got %d, want %d", b, i, k, got, want)
			}
		}
	}
	for c := range 256 {
		if odds(uint64(c))&0x80 == 0 && classes[c]&(token|word|value) != token|word|value {
			t.Errorf("%q is plain but not in every class that runWord is used with", byte(c))
		}
	}
}

// hostLabels finds the end and the last label that hostOctets finds, or leaves the host to it.
func TestHostLabels(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	found := 0
	for range 50000 {
		b := randomText(r, "abcdefghXYZ01289-.")
		i := r.IntN(len(b) + 1)
		end, top, ok := hostLabels(b, i)
		if !ok {
			continue
		}
		found++
		if wantEnd, wantTop := hostOctets(b, i); end != wantEnd || top != wantTop {
			t.Fatalf("%q from %d: got %d and %d, want %d and %d", b, i, end, top, wantEnd, wantTop)
		}
	}
	if found < 5000 {
		t.Errorf("got %d hosts, want more to compare", found)
	}
}

// Names that are equal without case are the same to a paramSet, escaped or not, and it asks for a look back when one comes again.
func TestParamSetNoticesNames(t *testing.T) {
	for _, row := range []struct{ first, second string }{
		{"a", "A"},
		{"lr", "LR"},
		{"ttl", "TtL"},
		{"maddr", "mADDR"},
		{"transport", "TRANSPORT"},
		{"a-name-longer-than-two-words", "A-NAME-longer-THAN-two-WORDS"},
		{"lr", "%6cr"},
		{"%4Cr", "l%52"},
		{"%74ransport", "transport"},
	} {
		for before := range 3 {
			var s paramSet
			for i := range before {
				s.add([]byte{'x', byte('0' + i)})
			}
			if again, _ := s.addEscaped([]byte(row.first)); again {
				t.Errorf("%s after %d: got again at its first time", row.first, before)
			}
			if again, _ := s.addEscaped([]byte(row.second)); !again {
				t.Errorf("%s then %s after %d: not noticed", row.first, row.second, before)
			}
		}
	}
}

// Numbered names rarely look alike: else the time for them would grow with the square of their number.
func TestParamSetTellsNumberedNamesApart(t *testing.T) {
	var s paramSet
	again := 0
	for i := range MaxParams {
		if a, _ := s.add([]byte{'p', '0', byte('0' + i/10), byte('0' + i%10)}); a {
			again++
		}
	}
	if again > MaxParams/16 {
		t.Errorf("got %d of %d names that look like an earlier one", again, MaxParams)
	}
}
