package siptest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// listen opens a listener on h.
func listen(t *testing.T, h *Host, port uint16) net.Listener {
	t.Helper()
	l, err := h.Listen(netip.AddrPortFrom(h.Addr(), port))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dial opens a stream from h.
func dial(t *testing.T, h *Host, to netip.AddrPort) net.Conn {
	t.Helper()
	c, err := h.Dial(t.Context(), "tcp", netip.AddrPort{}, to)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// refused returns the error of a stream that does not come about within five minutes.
func refused(t *testing.T, h *Host, to netip.AddrPort) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	c, err := h.Dial(ctx, "tcp", netip.AddrPort{}, to)
	if err == nil {
		c.Close()
		t.Error("the stream came about")
	}
	return err
}

func isTimeoutOf(err error) bool { return errors.Is(err, syscall.ETIMEDOUT) }

// pipe returns the two ends of a stream.
func pipe(t *testing.T, n *Network) (near, far net.Conn) {
	t.Helper()
	l := listen(t, n.Host(addrB), 5060)
	near = dial(t, n.Host(addrA), netip.AddrPortFrom(addrB, 5060))
	far, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return near, far
}

// exchange sends an octet each way.
func exchange(t *testing.T, a, b net.Conn) {
	t.Helper()
	for _, way := range [][2]net.Conn{{a, b}, {b, a}} {
		if _, err := way[0].Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := way[1].Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
	}
}

// noise returns n octets.
func noise(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{})
	r.Read(b)
	return b
}

// What is written arrives whole and in order, in both directions at once, whatever the conditions do that is not a reset.
func TestStreamIsWhole(t *testing.T) {
	for _, tt := range []struct {
		name string
		c    Conditions
	}{
		{"perfect", Conditions{}},
		{"delayed", Conditions{Delay: 20 * time.Millisecond, Jitter: 80 * time.Millisecond}},
		{"cut and stalling", Conditions{Delay: time.Millisecond, CutSegments: true, Stall: 0.1}},
		{"conditions of datagrams", Conditions{Loss: 0.5, Reorder: 0.5, Duplicate: 0.5}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(1, tt.c)
				defer n.Close()
				near, far := pipe(t, n)
				want := noise(300000) // several windows
				var wg sync.WaitGroup
				for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
					wg.Go(func() {
						if k, err := way[0].Write(want); k != len(want) || err != nil {
							t.Errorf("wrote %d, %v", k, err)
						}
					})
					wg.Go(func() {
						got := make([]byte, len(want))
						if _, err := io.ReadFull(way[1], got); err != nil {
							t.Error(err)
						}
						if !bytes.Equal(got, want) {
							t.Error("what arrived is not what was written")
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

func TestStreamIsCutAtArbitraryOctets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{CutSegments: true})
		defer n.Close()
		near, far := pipe(t, n)
		cuts := map[int]bool{}
		for range 300 {
			near.Write(noise(100))
			for at := 0; at < 100; {
				k, err := far.Read(make([]byte, 1000))
				if err != nil {
					t.Fatal(err)
				}
				if at += k; at > 100 {
					t.Fatal("a Read went over the end of what was written")
				}
				cuts[at] = true
			}
		}
		if len(cuts) < 95 {
			t.Errorf("cut at %d of 100 octets", len(cuts))
		}
	})
}

func TestStreamStalls(t *testing.T) {
	t.Run("10s", func(t *testing.T) { stalls(t, 10*time.Second, 10*time.Second) })
	t.Run("zero", func(t *testing.T) { stalls(t, 0, 2*time.Second) })
}

// stalls measures the stalls with StallFor set.
func stalls(t *testing.T, set, want time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Millisecond, Stall: 0.5, StallFor: set})
		defer n.Close()
		near, far := pipe(t, n)
		stalled, longest := 0, time.Duration(0)
		for range 200 {
			before := time.Now()
			near.Write([]byte("x"))
			far.Read(make([]byte, 1))
			d := time.Since(before)
			if longest = max(longest, d); d > time.Millisecond {
				stalled++
			}
		}
		if stalled < 80 || stalled > 120 {
			t.Errorf("%d of 200 pieces stalled, want about half", stalled)
		}
		if longest < want*9/10 || longest > want+time.Millisecond {
			t.Errorf("the longest stall is %v, want almost %v", longest, want)
		}
	})
}

// A reset takes what is on its way with it, in both directions, and both ends learn of it; what has arrived can
// be read.
func TestStreamResetLosesWhatIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Second})
		defer n.Close()
		n.Record()
		near, far := pipe(t, n)
		near.Write([]byte("arrived"))
		time.Sleep(2 * time.Second)
		n.SetConditions(addrA, addrB, Conditions{Delay: time.Second, Reset: 1})
		near.Write([]byte("lost"))
		near.Write([]byte("lost too"))
		time.Sleep(time.Second / 2)
		far.Write([]byte("lost back"))
		time.Sleep(time.Second)
		b := make([]byte, 100)
		if k, err := far.Read(b); string(b[:k]) != "arrived" || err != nil {
			t.Errorf("got %q, %v, want what had arrived", b[:k], err)
		}
		for _, end := range []net.Conn{near, far} {
			if k, err := end.Read(b); k != 0 || !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("Read: got %q, %v, want ECONNRESET", b[:k], err)
			}
			if _, err := end.Write(b); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("Write: got %v, want ECONNRESET", err)
			}
			if err := end.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}
		for _, p := range n.Packets()[1:] {
			if p.Fate != Lost {
				t.Errorf("%q is recorded as %v, want lost", p.Data, p.Fate)
			}
		}
		if len(n.streams) != 0 {
			t.Errorf("%d ends are left", len(n.streams))
		}
	})
}

func TestHostReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, far := pipe(t, n)
		other := dial(t, n.Host(addrC), netip.AddrPortFrom(addrB, 5060))
		n.public.hosts[addrA].Reset()
		for _, end := range []net.Conn{near, far} {
			if _, err := end.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("got %v, want ECONNRESET", err)
			}
		}
		other.SetReadDeadline(time.Now().Add(time.Second))
		if _, err := other.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("a stream of other hosts: got %v, want a timeout", err)
		}
	})
}

// The share of resets is one of pieces: with 2 % a stream of 50 pieces seldom ends.
func TestStreamResetShare(t *testing.T) {
	resets, pieces := 0, 0
	for seed := range uint64(200) {
		synctest.Test(t, func(t *testing.T) {
			n := NewNetwork(seed, Conditions{Reset: 0.02})
			defer n.Close()
			near, far := pipe(t, n)
			for range 50 {
				near.Write([]byte("x"))
				pieces++
				if _, err := far.Read(make([]byte, 1)); err != nil {
					resets++
					return
				}
			}
		})
	}
	if share := float64(resets) / float64(pieces); share < 0.015 || share > 0.025 {
		t.Errorf("got a share of %.4f, want 0.02", share)
	}
}

func TestStreamClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Millisecond})
		defer n.Close()
		near, far := pipe(t, n)
		near.Write([]byte("last words"))
		near.Close()
		if got, err := io.ReadAll(far); string(got) != "last words" || err != nil {
			t.Errorf("got %q, %v, want what was written before Close, then EOF", got, err)
		}
		// The other end may still write, and learns only then that nobody is there.
		if _, err := far.Write([]byte("x")); err != nil {
			t.Errorf("first Write: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := far.Write([]byte("x")); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("second Write: got %v, want ECONNRESET", err)
		}
		for name, err := range map[string]error{
			"Close":       near.Close(),
			"SetDeadline": near.SetDeadline(time.Time{}),
			"Read":        func() error { _, err := near.Read(make([]byte, 1)); return err }(),
			"Write":       func() error { _, err := near.Write(nil); return err }(),
		} {
			if !isClosed(err) {
				t.Errorf("%s of a closed end: got %v, want net.ErrClosed", name, err)
			}
		}
	})
}

func TestStreamCloseWithUnreadDataResets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, far := pipe(t, n)
		far.Write([]byte("never read"))
		time.Sleep(time.Second)
		near.Close()
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want ECONNRESET", err)
		}
	})
}

func TestStreamCloseWakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, _ := pipe(t, n)
		errs := make(chan error)
		go func() { _, err := near.Read(make([]byte, 1)); errs <- err }()
		go func() { _, err := near.Write(noise(100000)); errs <- err }()
		synctest.Wait()
		near.Close()
		for range 2 {
			if err := <-errs; !isClosed(err) {
				t.Errorf("got %v, want net.ErrClosed", err)
			}
		}
	})
}

func TestStreamDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, far := pipe(t, n)
		near.SetReadDeadline(time.Now().Add(3 * time.Second))
		before := time.Now()
		if _, err := near.Read(make([]byte, 1)); !isTimeout(err) || time.Since(before) != 3*time.Second {
			t.Errorf("Read: got %v after %v, want a timeout after 3s", err, time.Since(before))
		}
		near.SetWriteDeadline(time.Now().Add(5 * time.Second))
		before = time.Now()
		k, err := near.Write(noise(100000))
		if k != 65536 || !isTimeout(err) || time.Since(before) != 5*time.Second {
			t.Errorf("Write: got %d, %v after %v, want a window and a timeout after 5s", k, err, time.Since(before))
		}
		near.SetDeadline(time.Time{})
		go io.CopyN(io.Discard, far, 65536+10)
		if _, err := near.Write(noise(10)); err != nil {
			t.Errorf("Write after the deadline was taken away: %v", err)
		}
	})
}

func TestStreamOverPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, far := pipe(t, n)
		n.Partition(addrA, addrB)
		near.Write([]byte("one "))
		near.Write([]byte("two"))
		time.Sleep(time.Minute)
		n.Heal(addrA, addrB)
		got := make([]byte, 7)
		if _, err := io.ReadFull(far, got); string(got) != "one two" || err != nil {
			t.Errorf("got %q, %v after the partition healed", got, err)
		}

		n.Partition(addrA, addrB)
		near.Write([]byte("x"))
		before := time.Now()
		if _, err := near.Read(make([]byte, 1)); !isTimeoutOf(err) {
			t.Errorf("got %v, want ETIMEDOUT", err)
		}
		if d := time.Since(before); d < 10*time.Minute || d > 30*time.Minute {
			t.Errorf("the sender gave up after %v, want some fifteen minutes", d)
		}
		// The other end knows nothing of it until it sends.
		n.Heal(addrA, addrB)
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := far.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want ECONNRESET", err)
		}
	})
}

// Who waits for room at a host that crashed finds out as one does who sends.
func TestStreamWriterAtCrashedHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, _ := pipe(t, n)
		errs := make(chan error)
		go func() { _, err := near.Write(noise(200000)); errs <- err }()
		time.Sleep(time.Second)
		n.public.hosts[addrB].Crash()
		if err := <-errs; !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("got %v, want ECONNRESET", err)
		}
	})
}

func TestStreamToCrashedHost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		near, far := pipe(t, n)
		n.public.hosts[addrB].Crash()
		if _, err := far.Read(make([]byte, 1)); !isClosed(err) {
			t.Errorf("at the crashed end: got %v", err)
		}
		near.SetReadDeadline(time.Now().Add(time.Hour))
		if _, err := near.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("the other end was told: %v", err)
		}
		near.SetReadDeadline(time.Time{})
		if _, err := near.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, err := near.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("after a Write: got %v, want ECONNRESET", err)
		}
		if err := refused(t, n.public.hosts[addrA], netip.AddrPortFrom(addrB, 5060)); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("a new stream: got %v, want ECONNREFUSED", err)
		}
	})
}
