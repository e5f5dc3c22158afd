package transport

import (
	"math"
	"sync"
	"testing"
)

// A way that is bounded lets so many octets pass and no more, until the bound is lifted.
func TestBoundedWay(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		h := s.hop(UDP, ap("192.0.2.9:5060"))
		w := wire(options("UDP 192.0.2.1:5060;branch=z9hG4bK1"))
		n := w.Len()
		for _, tt := range []struct {
			name  string
			tell  bool
			bound int
			want  int
		}{
			{"never bounded", false, 0, 5},
			{"two and a half", true, 2*n + n/2, 2},
			{"two", true, 2 * n, 2},
			{"one octet short of two", true, 2*n - 1, 1},
			{"nothing", true, 0, 0},
			{"lifted", true, -1, 5},
			{"more than counts", true, math.MaxInt, 5},
		} {
			if tt.tell {
				h.Bound(tt.bound)
			}
			before, sent := s.Stats().Withheld, 0
			for range 5 {
				if err := h.Send(w); err != nil {
					t.Errorf("%s: what is withheld is as lost as any datagram, got %v", tt.name, err)
				}
				select {
				case <-pc.out:
					sent++
				default:
				}
			}
			if withheld := int(s.Stats().Withheld - before); sent != tt.want || withheld != 5-tt.want {
				t.Errorf("%s: %d sent, %d withheld; want %d, %d", tt.name, sent, withheld, tt.want, 5-tt.want)
			}
		}
	})
}

// Who spends at the same time spends no more than there is.
func TestAllowanceIsSpentOnce(t *testing.T) {
	var a allowance
	a.n.Store(1000 + 1)
	var all sync.WaitGroup
	spent := make([]int, 8)
	for i := range spent {
		all.Go(func() {
			for a.spend(3) {
				spent[i] += 3
			}
		})
	}
	all.Wait()
	sum := 0
	for _, n := range spent {
		sum += n
	}
	if sum != 999 || !a.spend(1) || a.spend(1) {
		t.Errorf("%d of 1000 spent by threes, want 999, and one more", sum)
	}
}
