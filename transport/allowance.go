package transport

import (
	"math"
	"sync/atomic"
)

// allowance is how many octets may yet leave one way over datagrams, and one more; 0: any number.
type allowance struct{ n atomic.Int32 }

// spend takes n octets from what may be sent, and reports whether there was so much.
func (a *allowance) spend(n int) bool {
	for {
		old := a.n.Load()
		switch {
		case old == 0:
			return true
		case int64(n) >= int64(old):
			return false
		case a.n.CompareAndSwap(old, old-int32(n)):
			return true
		}
	}
}

// Bound lets at most so many octets leave this way over datagrams from now on, those of repetitions included: what comes beyond is withheld, as what
// [Limits] does not let go. It is for requests to a peer that may not be there, and may know nothing of us. A negative number
// lifts the bound. On a connection, whose peer is there, nothing is bounded.
func (h *Hop) Bound(octets int) {
	if octets < 0 {
		h.rest.n.Store(0)
		return
	}
	h.rest.n.Store(int32(min(octets, math.MaxInt32-1)) + 1)
}
