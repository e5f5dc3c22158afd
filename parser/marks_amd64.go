//go:build !purego

package parser

// avx2 says whether processor and system have registers of thirty-two octets. Those of sixteen (SSE2) every amd64 has.
var avx2 = hasAVX2()

func hasAVX2() bool

// readMarks sets the marks of the octets of b, which are 64 or 128. Those of the second 64 stay as they are when b has
// none.
//
//go:noescape
func readMarks(k *marks, b []byte)

// lines64 returns a bit for each octet of p, the first in the lowest: those that are control octets (below 0x20, and
// 0x7F), and the colons.
//
//go:noescape
func lines64(p *[64]byte) (control, colon uint64)

// copyText copies s, of eight octets or more, to dst, which has room for it, and reports whether one of them is a control
// octet (below 0x20, or 0x7F).
//
//go:noescape
func copyText(dst []byte, s string) (control bool)

// copyBytes is copyText for bytes.
//
//go:noescape
func copyBytes(dst, b []byte) (control bool)
