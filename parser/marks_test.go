package parser

import (
	"math/rand/v2"
	"testing"
)

// Every octet in every place has the bits that it should have, among any others.
func TestMarks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for c := range 256 {
		for at := range 64 {
			var p [64]byte
			for i := range p {
				p[i] = byte(r.Uint32())
			}
			p[at] = byte(c)
			var odd, dot, dash, control, colon uint64
			for i, c := range p {
				plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.'
				set(&odd, i, !plain)
				set(&dot, i, c == '.')
				set(&dash, i, c == '-')
				set(&control, i, c < ' ' || c == 0x7f)
				set(&colon, i, c == ':')
			}
			for name, f := range map[string]func(*marks, []byte){"readMarks": readMarks, "readMarksGo": readMarksGo} {
				for _, in := range [][]byte{p[:], append(p[:], p[:]...)} {
					var k marks
					f(&k, in)
					want := marks{[2]uint64{odd}, [2]uint64{dot}, [2]uint64{dash}}
					if len(in) > 64 {
						want = marks{[2]uint64{odd, odd}, [2]uint64{dot, dot}, [2]uint64{dash, dash}}
					}
					if k != want {
						t.Fatalf("%s of %q: got %x, want %x", name, in, k, want)
					}
				}
			}
			for name, f := range map[string]func(*[64]byte) (uint64, uint64){"lines64": lines64, "lines64Go": lines64Go} {
				if l, k := f(&p); l != control || k != colon {
					t.Fatalf("%s of %q: got %x %x, want %x %x", name, p, l, k, control, colon)
				}
			}
		}
	}
}

func set(mask *uint64, i int, on bool) {
	if on {
		*mask |= 1 << i
	}
}
