package ua

import (
	crand "crypto/rand"
	"math/rand/v2"
	"sync"
)

// tokenAlphabet has 32 letters, so that five random bits choose one without bias. Tags and branches are
// lower-case: peers compare them with and without case (RFC 3261, Section 7.3.1).
const tokenAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

const tokenSize = 16

// branchCookie begins every branch (RFC 3261, Section 8.1.1.7).
const branchCookie = "z9hG4bK"

// tokens makes the tags, branches and Call-IDs of one agent from a cryptographically strong stream that the system's randomness began: to ask the
// system for each costs as much as half of a response. Safe for concurrent use.
type tokens struct {
	mu     sync.Mutex // guards stream
	stream *rand.ChaCha8
}

func newTokens() *tokens {
	var seed [32]byte
	crand.Read(seed[:]) // never fails
	return &tokens{stream: rand.NewChaCha8(seed)}
}

// append appends tokenSize random letters, 80 bits, to dst (RFC 3261, Section 19.3 asks for 32 at least).
func (s *tokens) append(dst []byte) []byte {
	s.mu.Lock()
	r := [2]uint64{s.stream.Uint64(), s.stream.Uint64()}
	s.mu.Unlock()
	for _, bits := range r {
		for range tokenSize / len(r) {
			dst = append(dst, tokenAlphabet[bits&31])
			bits >>= 5
		}
	}
	return dst
}

// one returns a tag or Call-ID.
func (s *tokens) one() string {
	var b [tokenSize]byte
	return string(s.append(b[:0]))
}

// two returns a tag and a Call-ID.
func (s *tokens) two() (string, string) {
	var b [2 * tokenSize]byte
	both := string(s.append(s.append(b[:0])))
	return both[:tokenSize], both[tokenSize:]
}

// branch returns a branch for a request's top Via.
func (s *tokens) branch() string {
	var b [len(branchCookie) + tokenSize]byte
	return string(s.append(append(b[:0], branchCookie...)))
}
