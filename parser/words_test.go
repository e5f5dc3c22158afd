package parser

import (
	"math/bits"
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

// The lowest bit that is set belongs to the first octet of which it is asked, whatever lies around it.
func TestWordsFindTheFirstOctet(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for range 50000 {
		b := make([]byte, 8)
		for i := range b {
			if b[i] = byte(r.IntN(256)); r.IntN(4) == 0 {
				b[i] = "\x00\x01\x1f \x7f\x80"[r.IntN(6)]
			}
		}
		wantZero, wantControl := 8, 8
		for i := 7; i >= 0; i-- {
			if b[i] == 0 {
				wantZero = i
			}
			if b[i] < ' ' || b[i] == 0x7f {
				wantControl = i
			}
		}
		if got := bits.TrailingZeros64(zeros(load8(b, 0))) >> 3; got != wantZero {
			t.Fatalf("zeros of %q: got %d, want %d", b, got, wantZero)
		}
		if got := bits.TrailingZeros64(controls(load8(b, 0))) >> 3; got != wantControl {
			t.Fatalf("controls of %q: got %d, want %d", b, got, wantControl)
		}
	}
}
