package resolver

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

func targetAt(n byte) transport.Target {
	return transport.Target{Protocol: transport.UDP, Addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 0, 2, n}), 5060)}
}

// order returns the order in which the targets 1, 2 and 3 are tried.
func order(d *DenyList, now time.Time) (all []byte) {
	list := []transport.Target{targetAt(1), targetAt(2), targetAt(3)}
	before := slices.Clone(list)
	for _, t := range d.Order(list, now) {
		all = append(all, t.Addr.Addr().As4()[3])
	}
	if !slices.Equal(list, before) {
		panic("Order changed what it was given")
	}
	return all
}

func TestDenyListPutsFailedTargetsLast(t *testing.T) {
	var d DenyList
	now := time.Unix(1000, 0)
	at := func(after time.Duration, want ...byte) {
		t.Helper()
		if got := order(&d, now.Add(after)); !slices.Equal(got, want) {
			t.Errorf("after %v: got %v, want %v", after, got, want)
		}
	}
	at(0, 1, 2, 3)
	d.Failed(targetAt(1), now)
	at(0, 2, 3, 1)
	d.Failed(targetAt(2), now.Add(time.Second))
	at(time.Second, 3, 1, 2)
	at(firstDenial-1, 3, 1, 2)
	at(firstDenial, 1, 3, 2)
	at(firstDenial+time.Second, 1, 2, 3)
	d.Failed(targetAt(1), now.Add(firstDenial)) // again
	at(firstDenial+2*firstDenial-1, 2, 3, 1)
	at(firstDenial+2*firstDenial, 1, 2, 3)
	d.Failed(targetAt(3), now.Add(4*firstDenial))
	d.Worked(targetAt(3))
	at(4*firstDenial, 1, 2, 3)
}

// Failures double the time, up to a bound; many at the same time are one; a quiet time as long again forgets them.
func TestDenialsDecay(t *testing.T) {
	var d DenyList
	now := time.Unix(1000, 0)
	length := func() time.Duration { return d.denials[targetAt(1)].until.Sub(now) }
	for _, want := range []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, maxDenial, maxDenial} {
		d.Failed(targetAt(1), now)
		d.Failed(targetAt(1), now)
		d.Failed(targetAt(1), now.Add(want-1))
		if got := length(); got != want {
			t.Errorf("denied for %v, want %v", got, want)
		}
		now = now.Add(want + 32*time.Second) // the time that it takes to find out
	}
	now = now.Add(maxDenial + quiet)
	d.Failed(targetAt(1), now)
	if got := length(); got != firstDenial {
		t.Errorf("denied for %v after a quiet time, want %v", got, firstDenial)
	}
}

// A server that says when to come again is left alone for that time, but not for good (RFC 3261, Section 21.5.4).
func TestBusyTargetsStandBack(t *testing.T) {
	var d DenyList
	now := time.Unix(1000, 0)
	d.Busy(targetAt(1), now, 5*time.Second)
	d.Busy(targetAt(1), now, time.Second) // is no sooner
	d.Busy(targetAt(2), now, 24*time.Hour)
	d.Busy(targetAt(3), now, -time.Second)
	for after, want := range map[time.Duration][]byte{5*time.Second - 1: {3, 1, 2}, 5 * time.Second: {1, 3, 2}, maxDenial - 1: {1, 3, 2}, maxDenial: {1, 2, 3}} {
		if got := order(&d, now.Add(after)); !slices.Equal(got, want) {
			t.Errorf("after %v: got %v, want %v", after, got, want)
		}
	}
	if n := d.Len(); n != 2 {
		t.Errorf("%d targets are remembered, want 2", n)
	}
}

func TestDenyListIsBounded(t *testing.T) {
	var d DenyList
	now := time.Unix(1000, 0)
	target := func(i int) transport.Target {
		t := targetAt(1)
		t.Addr = netip.AddrPortFrom(t.Addr.Addr(), uint16(i+1))
		return t
	}
	for i := range 2 * maxDenied {
		d.Failed(target(i), now.Add(time.Duration(i)*time.Millisecond))
		if n := d.Len(); n > maxDenied {
			t.Fatalf("%d targets, want %d at most", n, maxDenied)
		}
	}
	if _, ok := d.denials[target(2*maxDenied-1)]; !ok {
		t.Error("the last one is not there")
	}
	d.Failed(targetAt(9), now.Add(time.Hour))
	if n := d.Len(); n != 1 {
		t.Errorf("%d targets when all but one are to be forgotten, want 1", n)
	}
}
