package parser

import (
	"math/rand/v2"
	"testing"
)

// A window finds the ends that a loop over the octets finds, wherever it was before.
func TestWindowRun(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 20000 {
		b := randomText(r, "abcXYZ0189-.-._:@;=%41%zz")
		if r.IntN(4) == 0 {
			b = append(b, randomText(r, "abcdefgh")...)
			b = append(b, randomText(r, "abcdefgh.")...)
		}
		b = append(b, "abc;"...)[:len(b)] // octets behind the end are not seen
		w := window{b: b}
		for range 8 {
			i := r.IntN(len(b) + 1)
			for _, k := range []class{token, word, value} {
				if got, want := w.run(i, k), run(b, i, k); got != want {
					t.Fatalf("%q from %d, class %b: got %d, want %d", b, i, k, got, want)
				}
			}
			for _, k := range []class{user, password, uparam, uheader, uric} {
				if got, want := w.runEscaped(i, k), runEscaped(b, i, k); got != want {
					t.Fatalf("%q from %d, escapes and class %b: got %d, want %d", b, i, k, got, want)
				}
			}
		}
	}
}

// The octets that are not odd are in every class that a window is used with.
func TestWindowClasses(t *testing.T) {
	const all = token | word | value | user | password | uparam | uheader | uric
	for c := range 256 {
		var k marks
		k.read([]byte{byte(c)})
		if k.odd[0]&1 == 0 && classes[c]&all != all {
			t.Errorf("%q is plain but not in every class", byte(c))
		}
	}
}

// A window reads the host that a loop over the octets reads, and finds the same faults.
func TestWindowHost(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	found := 0
	for range 100000 {
		b := randomText(r, "abcdefghXYZ01289-.")
		if r.IntN(8) == 0 {
			b = append(b, randomText(r, "abcd-.")...)
			b = append(b, randomText(r, "abcd-.12")...)
		}
		if r.IntN(3) == 0 {
			b = append(b, ";x"...)
		}
		i := r.IntN(len(b) + 1)
		if i < len(b) && b[i] == '[' {
			continue
		}
		w := window{b: b}
		if r.IntN(2) == 0 {
			w.next(r.IntN(len(b) + 1))
		}
		end, err := w.host(i)
		wantEnd, wantErr := scanName(b, i)
		if end != wantEnd || err != wantErr {
			t.Fatalf("%q from %d: got %d %v, want %d %v", b, i, end, err, wantEnd, wantErr)
		}
		if err == 0 {
			found++
		}
	}
	if found < 10000 {
		t.Errorf("got %d hosts, want more to compare", found)
	}
}
