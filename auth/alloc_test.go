//go:build !race

package auth

import (
	"testing"

	"github.com/ringback-sip/ringback/parser"
)

// A request that verifies, or is a replay, costs a constant number of allocations: see BenchmarkVerify for what they take.
// Not with the race detector, under which a sync.Pool drops some of what it is given.
func TestVerifyAllocatesLittle(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	m := answers(t, login(t, s, midnight), parser.MethodRegister, "sip:biloxi.com", "")
	s.Verify(m, midnight)
	if n := testing.AllocsPerRun(100, func() { s.Verify(m, midnight) }); n > 6 {
		t.Errorf("got %v allocations, want 6 at most", n)
	}
}
