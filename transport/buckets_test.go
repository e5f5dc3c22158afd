package transport

import (
	"net/netip"
	"testing"
	"time"
)

func TestBucketsOneASecondTenAtOnce(t *testing.T) {
	var b buckets
	now := time.Unix(1000, 0)
	a := netip.MustParseAddr("192.0.2.1")
	granted := func() (n int) {
		for b.take(a, now) {
			n++
		}
		return n
	}
	if n := granted(); n != 10 {
		t.Errorf("at once: %d, want 10", n)
	}
	now = now.Add(999 * time.Millisecond)
	if n := granted(); n != 0 {
		t.Errorf("within a second: %d, want 0", n)
	}
	now = now.Add(time.Millisecond)
	if n := granted(); n != 1 {
		t.Errorf("after a second: %d, want 1", n)
	}
	now = now.Add(4 * time.Second)
	if n := granted(); n != 4 {
		t.Errorf("after four more: %d, want 4", n)
	}
	now = now.Add(time.Hour)
	if n := granted(); n != 10 {
		t.Errorf("after an hour: %d, want 10", n)
	}
}

func TestBucketsAreForEachSite(t *testing.T) {
	var b buckets
	now := time.Unix(1000, 0)
	drain := func(a string) (n int) {
		for b.take(netip.MustParseAddr(a), now) {
			n++
		}
		return n
	}
	if n := drain("192.0.2.1") + drain("192.0.2.2"); n != 20 {
		t.Errorf("two IPv4 addresses: %d, want 20", n)
	}
	if n := drain("2001:db8::1") + drain("2001:db8::2"); n != 10 {
		t.Errorf("two addresses of one /64: %d, want 10", n)
	}
	if n := b.len(now); n != 3 {
		t.Errorf("len = %d, want 3", n)
	}
	if n := b.len(now.Add(10 * time.Second)); n != 0 {
		t.Errorf("len after ten seconds = %d, want 0", n)
	}
}

// Forged sources fill the table; they neither grow it nor keep it full.
func TestBucketsAreBounded(t *testing.T) {
	var b buckets
	now := time.Unix(1000, 0)
	source := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)}) }
	for i := range maxBuckets {
		if !b.take(source(i), now) {
			t.Fatalf("source %d was refused", i)
		}
	}
	for range 2 {
		if b.take(source(maxBuckets), now) {
			t.Error("a source beyond the table was granted")
		}
	}
	if !b.take(source(0), now) {
		t.Error("a source in the table was refused")
	}
	if now = now.Add(refusalInterval); !b.take(source(maxBuckets), now) {
		t.Error("a source was refused when others' buckets were full again")
	}
	if n := len(b.full); n > maxBuckets {
		t.Errorf("table of %d, want at most %d", n, maxBuckets)
	}
}

// What is full again is forgotten, whether or not somebody needs its place.
func TestBucketsAreForgotten(t *testing.T) {
	var b buckets
	now := time.Unix(1000, 0)
	for i := range 100 {
		b.take(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), now)
	}
	now = now.Add(refusalBurst * refusalInterval)
	b.take(netip.MustParseAddr("198.51.100.1"), now)
	if n := len(b.full); n != 1 {
		t.Errorf("%d buckets are kept, want that of the last source", n)
	}
}
