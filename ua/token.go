package ua

import "crypto/rand"

// tokenAlphabet has 32 letters, so that five random bits choose one without bias. Tags and branches are
// lower-case: peers compare them with and without case (RFC 3261, Section 7.3.1).
const tokenAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

const tokenSize = 16

// appendToken appends tokenSize random letters, 80 bits, to dst (RFC 3261, Section 19.3 asks for 32 at least).
func appendToken(dst []byte) []byte {
	var r [tokenSize]byte
	rand.Read(r[:]) // never fails: crypto/rand
	for _, b := range r {
		dst = append(dst, tokenAlphabet[b&31])
	}
	return dst
}

// newToken returns a tag or Call-ID.
func newToken() string {
	var b [tokenSize]byte
	return string(appendToken(b[:0]))
}
