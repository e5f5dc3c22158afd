package siptest

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func isClosed(err error) bool { return errors.Is(err, net.ErrClosed) }

// isTimeout reports whether err is a deadline's, said in both ways that package net knows.
func isTimeout(err error) bool {
	var ne net.Error
	return errors.Is(err, os.ErrDeadlineExceeded) && errors.As(err, &ne) && ne.Timeout()
}

func TestPacketReadDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		c := open(t, n.Host(addrA), 5060)
		start := time.Now()
		for _, tt := range []struct {
			name string
			set  func()
			want time.Duration // when the read fails, after set
		}{
			{"in the future", func() { c.SetReadDeadline(time.Now().Add(5 * time.Second)) }, 5 * time.Second},
			{"still passed", func() {}, 0},
			{"in the past", func() { c.SetReadDeadline(start) }, 0},
			{"both", func() { c.SetDeadline(time.Now().Add(time.Second)) }, time.Second},
			{"moved while a read waits", func() {
				c.SetReadDeadline(time.Now().Add(time.Second))
				time.AfterFunc(500*time.Millisecond, func() { c.SetReadDeadline(start.Add(time.Hour)) })
				time.AfterFunc(2*time.Second, func() { c.SetReadDeadline(start) })
			}, 2 * time.Second},
		} {
			tt.set()
			before := time.Now()
			_, _, err := c.ReadFrom(make([]byte, 1))
			if !isTimeout(err) {
				t.Errorf("%s: got %v, want a timeout", tt.name, err)
			}
			if got := time.Since(before); got != tt.want {
				t.Errorf("%s: read failed after %v, want %v", tt.name, got, tt.want)
			}
		}
		// A deadline taken away lets the next read through.
		c.SetDeadline(time.Time{})
		time.AfterFunc(time.Hour, func() { c.WriteTo([]byte("x"), c.LocalAddr()) })
		if k, _, err := c.ReadFrom(make([]byte, 1)); k != 1 || err != nil {
			t.Errorf("got %d, %v, want 1 octet", k, err)
		}
	})
}

func TestPacketWriteDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		c := open(t, n.Host(addrA), 5060)
		c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := c.WriteTo([]byte("x"), c.LocalAddr()); err != nil {
			t.Errorf("before the deadline: %v", err)
		}
		time.Sleep(time.Second)
		if _, err := c.WriteTo([]byte("x"), c.LocalAddr()); !isTimeout(err) {
			t.Errorf("after the deadline: got %v, want a timeout", err)
		}
	})
}

func TestPacketWriteErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		c := open(t, n.Host(addrA), 5060)
		for _, tt := range []struct {
			name string
			size int
			to   net.Addr
			want error
		}{
			{"largest", 65507, &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 1}, nil},
			{"too large", 65508, &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 1}, syscall.EMSGSIZE},
			{"no port", 1, &net.UDPAddr{IP: net.IPv4(10, 0, 0, 1)}, syscall.EINVAL},
			{"other family", 1, &net.UDPAddr{IP: net.ParseIP("2001:db8::1"), Port: 1}, syscall.ENETUNREACH},
			{"other network", 1, &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 1}, syscall.EINVAL},
		} {
			k, err := c.WriteTo(make([]byte, tt.size), tt.to)
			if !errors.Is(err, tt.want) || err == nil && k != tt.size {
				t.Errorf("%s: got %d, %v, want %v", tt.name, k, err, tt.want)
			}
		}
		c.Close()
		if _, err := c.WriteTo(nil, c.LocalAddr()); !isClosed(err) {
			t.Errorf("closed: got %v", err)
		}
		if err := c.Close(); !isClosed(err) {
			t.Errorf("closed twice: got %v", err)
		}
		if err := c.SetDeadline(time.Time{}); !isClosed(err) {
			t.Errorf("deadline of a closed socket: got %v", err)
		}
	})
}

// What the reader does not take is bounded; what is lost for it is a datagram, not the socket.
func TestPacketQueueIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		n.Record()
		a, b := open(t, n.Host(addrA), 5060), open(t, n.Host(addrB), 5060)
		for _, size := range []int{1000, 0} {
			for range 1000 {
				if _, err := a.WriteToUDPAddrPort(make([]byte, size), local(b)); err != nil {
					t.Fatal(err)
				}
			}
			time.Sleep(time.Second)
			read := 0
			b.SetReadDeadline(time.Now())
			b.SetReadDeadline(time.Now().Add(time.Second))
			for {
				if _, _, err := b.ReadFrom(make([]byte, 2000)); err != nil {
					break
				}
				read++
			}
			if want := 212992 / (size + 512); read != want {
				t.Errorf("read %d datagrams of %d octets, want %d", read, size, want)
			}
		}
		overflow := 0
		for _, p := range n.Packets() {
			if p.Fate == Overflow {
				overflow++
			}
		}
		if want := 2000 - 212992/1512 - 212992/512; overflow != want {
			t.Errorf("%d datagrams are recorded as overflow, want %d", overflow, want)
		}
	})
}

func TestPacketTruncatedByItsReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		c := open(t, n.Host(addrA), 5060)
		buf := []byte("abcdef")
		c.WriteTo(buf, c.LocalAddr())
		copy(buf, "xxxxxx") // the socket has its own copy
		c.WriteTo([]byte("gh"), c.LocalAddr())
		b := make([]byte, 4)
		var got [][]byte
		for range 2 {
			k, _, err := c.ReadFrom(b)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, bytes.Clone(b[:k]))
		}
		if string(got[0]) != "abcd" || string(got[1]) != "gh" {
			t.Errorf("got %q, want abcd and gh", got)
		}
	})
}

func TestBind(t *testing.T) {
	any4, any6 := netip.IPv4Unspecified(), netip.IPv6Unspecified()
	six := netip.MustParseAddr("2001:db8::1")
	for _, tt := range []struct {
		name string
		addr netip.AddrPort
		want error
	}{
		{"other port", netip.AddrPortFrom(addrA, 5061), nil},
		{"other address", netip.AddrPortFrom(addrB, 5060), nil},
		{"mapped address", netip.AddrPortFrom(netip.MustParseAddr("::ffff:10.0.0.2"), 5060), nil},
		{"same", netip.AddrPortFrom(addrA, 5060), syscall.EADDRINUSE},
		{"every address", netip.AddrPortFrom(any4, 5060), syscall.EADDRINUSE},
		{"every address, other port", netip.AddrPortFrom(any4, 5062), nil},
		{"every address of the other family", netip.AddrPortFrom(any6, 5060), nil},
		{"below every address", netip.AddrPortFrom(addrA, 5070), syscall.EADDRINUSE},
		{"below every address of the other family", netip.AddrPortFrom(six, 5070), nil},
		{"not of this host", netip.AddrPortFrom(addrC, 5060), syscall.EADDRNOTAVAIL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := NewNetwork(1, Conditions{})
			defer n.Close()
			h := n.Host(addrA, addrB, six)
			open(t, h, 5060)
			if _, err := h.ListenPacket(netip.AddrPortFrom(any4, 5070)); err != nil {
				t.Fatal(err)
			}
			c, err := h.ListenPacket(tt.addr)
			if !errors.Is(err, tt.want) {
				t.Fatalf("UDP: got %v, want %v", err, tt.want)
			}
			if err == nil && local(c) != netip.AddrPortFrom(tt.addr.Addr().Unmap(), tt.addr.Port()) {
				t.Errorf("bound to %v", local(c))
			}
			if _, err := h.Listen(tt.addr); err != nil && !errors.Is(err, syscall.EADDRNOTAVAIL) {
				t.Errorf("a UDP socket took a TCP port: %v", err)
			}
		})
	}
}

func TestBindWithoutPort(t *testing.T) {
	n := NewNetwork(1, Conditions{})
	defer n.Close()
	h := n.Host(addrA)
	seen := map[netip.AddrPort]bool{}
	for range 100 {
		a := local(open(t, h, 0))
		if a.Port() == 0 || seen[a] {
			t.Fatalf("bound to %v", a)
		}
		seen[a] = true
	}
}

// A socket on every address answers from the host's address of the right family.
func TestUnspecifiedSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		h := n.Host(addrA, addrB)
		c, err := h.ListenPacket(netip.MustParseAddrPort("0.0.0.0:5060"))
		if err != nil {
			t.Fatal(err)
		}
		peer := open(t, n.Host(addrC), 5060)
		peer.WriteToUDPAddrPort([]byte("x"), netip.AddrPortFrom(addrB, 5060))
		_, from, err := c.ReadFrom(make([]byte, 1))
		if err != nil {
			t.Fatal(err)
		}
		c.WriteTo([]byte("y"), from)
		_, back, err := peer.ReadFromUDPAddrPort(make([]byte, 1))
		if want := netip.AddrPortFrom(addrA, 5060); err != nil || back != want {
			t.Errorf("got %v, %v, want %v", back, err, want)
		}
	})
}

func TestCrashOfPacketSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{})
		defer n.Close()
		h := n.Host(addrA)
		c := open(t, h, 5060)
		c.SetReadDeadline(time.Now().Add(time.Hour))
		all := collect(c)
		h.Crash()
		if c.(*packetConn).read.timer != nil {
			t.Error("a timer is left")
		}
		if got := <-all; got != nil {
			t.Errorf("got %v", got)
		}
		open(t, h, 5060) // the port is free again
	})
}
