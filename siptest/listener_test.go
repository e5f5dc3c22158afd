package siptest

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestDialTakesARoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		n.SetConditions(addrA, addrB, Conditions{Delay: 100 * time.Millisecond})
		n.SetConditions(addrB, addrA, Conditions{Delay: 30 * time.Millisecond})
		before := time.Now()
		near, far := pipe(t, n)
		if d := time.Since(before); d != 130*time.Millisecond {
			t.Errorf("took %v, want 130ms", d)
		}
		if near.LocalAddr().String() != far.RemoteAddr().String() || near.RemoteAddr().String() != far.LocalAddr().String() {
			t.Errorf("near %v %v, far %v %v", near.LocalAddr(), near.RemoteAddr(), far.LocalAddr(), far.RemoteAddr())
		}
		if got := near.RemoteAddr().String(); got != "10.0.0.2:5060" {
			t.Errorf("connected to %s", got)
		}
	})
}

func TestDialErrors(t *testing.T) {
	six := netip.MustParseAddrPort("[2001:db8::1]:5060")
	for _, tt := range []struct {
		name          string
		network       string
		local, remote netip.AddrPort
		timeout       time.Duration
		want          error
		after         time.Duration
	}{
		{"nobody listens", "tcp", netip.AddrPort{}, netip.AddrPortFrom(addrB, 1), time.Hour, syscall.ECONNREFUSED, 20 * time.Millisecond},
		{"nobody is there", "tcp", netip.AddrPort{}, netip.AddrPortFrom(addrC, 5060), time.Hour, syscall.ETIMEDOUT, 127 * time.Second},
		{"nobody is there, in time", "tcp", netip.AddrPort{}, netip.AddrPortFrom(addrC, 5060), 5 * time.Second, context.DeadlineExceeded, 5 * time.Second},
		{"other family", "tcp", netip.AddrPort{}, six, time.Hour, syscall.ENETUNREACH, 0},
		{"no port", "tcp", netip.AddrPort{}, netip.AddrPortFrom(addrB, 0), time.Hour, syscall.EADDRNOTAVAIL, 0},
		{"from an address of another host", "tcp", netip.AddrPortFrom(addrB, 0), netip.AddrPortFrom(addrB, 5060), time.Hour, syscall.EADDRNOTAVAIL, 0},
		{"a connection that is there", "tcp", netip.AddrPortFrom(addrA, 7000), netip.AddrPortFrom(addrB, 5060), time.Hour, syscall.EADDRINUSE, 0},
		{"UDP", "udp", netip.AddrPort{}, netip.AddrPortFrom(addrB, 5060), time.Hour, net.UnknownNetworkError("udp"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(1, Conditions{Delay: 10 * time.Millisecond})
				defer n.Close()
				a := n.Host(addrA)
				listen(t, n.Host(addrB), 5060)
				if _, err := a.Dial(t.Context(), "tcp", netip.AddrPortFrom(addrA, 7000), netip.AddrPortFrom(addrB, 5060)); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				before := time.Now()
				c, err := a.Dial(ctx, tt.network, tt.local, tt.remote)
				if c != nil || !errors.Is(err, tt.want) {
					t.Fatalf("got %v, %v, want %v", c, err, tt.want)
				}
				var op *net.OpError
				if !errors.As(err, &op) || op.Op != "dial" {
					t.Errorf("%v is no net.OpError of dial", err)
				}
				if d := time.Since(before); d != tt.after {
					t.Errorf("failed after %v, want %v", d, tt.after)
				}
			})
		})
	}
}

func TestDialIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Second})
		defer n.Close()
		a := n.Host(addrA)
		listen(t, n.Host(addrB), 5060)
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		if _, err := a.Dial(ctx, "tcp", netip.AddrPort{}, netip.AddrPortFrom(addrB, 5060)); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		time.Sleep(time.Minute)
		if len(n.streams) != 0 {
			t.Errorf("%d ends are left", len(n.streams))
		}
	})
}

// A partition during which somebody dials only delays the stream.
func TestDialOverPartition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		n.Partition(addrA, netip.Addr{})
		time.AfterFunc(4*time.Second, func() { n.Heal(addrA, netip.Addr{}) })
		before := time.Now()
		pipe(t, n)
		if d := time.Since(before); d != 7*time.Second { // tries at 0, 1, 3 and 7 s
			t.Errorf("took %v, want 7s", d)
		}
	})
}

func TestListenerBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		a, b := n.Host(addrA), n.Host(addrB)
		l := listen(t, b, 5060)
		for range backlog {
			dial(t, a, netip.AddrPortFrom(addrB, 5060))
		}
		time.AfterFunc(2*time.Second, func() {
			if _, err := l.Accept(); err != nil {
				t.Error(err)
			}
		})
		before := time.Now()
		dial(t, a, netip.AddrPortFrom(addrB, 5060))
		if d := time.Since(before); d != 3*time.Second {
			t.Errorf("a dial to a full listener took %v, want 3s", d)
		}
	})
}

func TestListenerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		a, b := n.Host(addrA), n.Host(addrB)
		l := listen(t, b, 5060)
		waiting := dial(t, a, netip.AddrPortFrom(addrB, 5060))
		l.Close()
		if _, err := waiting.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
			t.Errorf("a stream that was not accepted: got %v, want ECONNRESET", err)
		}
		if err := refused(t, a, netip.AddrPortFrom(addrB, 5060)); !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("got %v, want ECONNREFUSED", err)
		}
		if _, err := l.Accept(); !isClosed(err) {
			t.Errorf("Accept: got %v", err)
		}
		if err := l.Close(); !isClosed(err) {
			t.Errorf("closed twice: got %v", err)
		}
		listen(t, b, 5060) // the port is free again
	})
}

func TestListenerDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		l := listen(t, n.Host(addrA), 5060)
		l.(*listener).SetDeadline(time.Now().Add(time.Second))
		before := time.Now()
		if _, err := l.Accept(); !isTimeout(err) || time.Since(before) != time.Second {
			t.Errorf("got %v after %v, want a timeout after 1s", err, time.Since(before))
		}
	})
}
