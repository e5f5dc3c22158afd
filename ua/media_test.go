package ua

import (
	"bytes"
	"testing"
)

// A call knows the peer's description again, however long it is, and keeps none that is long.
func TestMediaKnowsWhatItHeard(t *testing.T) {
	for _, n := range []int{0, 1, maxKept, maxKept + 1, 60_000} {
		in := Body{Type: "application/sdp", Data: bytes.Repeat([]byte("x"), n)}
		if n == 0 {
			in = Body{}
		}
		var m media
		m.heard(Body{Type: "application/sdp", Data: bytes.Repeat([]byte("y"), 60_000)}) // which counts no more
		m.agreed(Body{}, in)
		if !m.knows(in) {
			t.Errorf("%d octets: not known again", n)
		}
		other := Body{Type: in.Type, Data: append(bytes.Clone(in.Data), 'y')}
		for what, b := range map[string]Body{"longer": other, "of another type": {Type: "text/plain", Data: in.Data}, "the one before": {Type: "application/sdp", Data: bytes.Repeat([]byte("y"), 60_000)}} {
			if m.knows(b) {
				t.Errorf("%d octets: took one that is %s for it", n, what)
			}
		}
		if n > maxKept && len(m.remote.Data) > 0 || n <= maxKept && !m.remote.equal(in) {
			t.Errorf("%d octets: kept %d", n, len(m.remote.Data))
		}
	}
}
