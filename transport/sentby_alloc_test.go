package transport

import "testing"

// What stands in Via and Contact is prepared, and remembering again that it is ours costs nothing.
func TestSentByAllocations(t *testing.T) {
	s := realStation(t, Config{})
	at := s.listen(UDP, "127.0.0.1:0")
	h := s.hop(UDP, ap("127.0.0.1:5060"))
	if got := h.SentBy(); got != at.String() {
		t.Errorf("SentBy = %q, want %q", got, at)
	}
	if n := testing.AllocsPerRun(100, func() { h.SentBy(); s.claimAddr(at) }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
