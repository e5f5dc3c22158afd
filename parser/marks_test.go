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

// Texts of every length are copied whole, nothing beside them is written, and a control octet in any place is seen.
func TestCopyText(t *testing.T) {
	for name, f := range map[string]func(dst []byte, s string) bool{
		"copyText":   copyText,
		"copyTextGo": copyTextGo[string],
		"copyBytes":  func(dst []byte, s string) bool { return copyBytes(dst, []byte(s)) },
	} {
		r := rand.New(rand.NewPCG(5, 6))
		for n := 8; n < 100; n++ {
			in := make([]byte, n)
			for i := range in {
				in[i] = byte(' ' + r.IntN(256-' ')) // also above 0x7F
				if in[i] == 0x7f {
					in[i] = 'x'
				}
			}
			for at := range n {
				for _, c := range []byte{0, '\t', '\n', '\r', 0x1f, 0x7f, ' ', '~', 0x80, 0xff} {
					old := in[at]
					in[at] = c
					const guard = 32
					out := make([]byte, guard+n+guard)
					control := f(out[guard:guard+n], string(in))
					if want := c < ' ' || c == 0x7f; control != want {
						t.Fatalf("%s of %q: control octet %v, want %v", name, in, control, want)
					}
					if string(out[guard:guard+n]) != string(in) || string(out[:guard]) != string(make([]byte, guard)) ||
						string(out[guard+n:]) != string(make([]byte, guard)) {
						t.Fatalf("%s of %q: wrote %q", name, in, out)
					}
					in[at] = old
				}
			}
		}
	}
}
