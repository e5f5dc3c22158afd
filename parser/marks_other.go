//go:build !amd64 || purego

package parser

// readMarks sets the marks of the octets of b, which are 64 or 128. Those of the second 64 stay as they are when b has
// none.
func readMarks(k *marks, b []byte) { readMarksGo(k, b) }

// lines64 returns a bit for each octet of p, the first in the lowest: those that are control octets (below 0x20, and
// 0x7F), and the colons.
func lines64(p *[64]byte) (control, colon uint64) { return lines64Go(p) }

// copyText copies s, of eight octets or more, to dst, which has room for it, and reports whether one of them is a control
// octet (below 0x20, or 0x7F).
func copyText(dst []byte, s string) (control bool) { return copyTextGo(dst, s) }

// copyBytes is copyText for bytes.
func copyBytes(dst, b []byte) (control bool) { return copyTextGo(dst, b) }
