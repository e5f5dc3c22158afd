package siptest

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

var (
	addrA = netip.MustParseAddr("10.0.0.1")
	addrB = netip.MustParseAddr("10.0.0.2")
	addrC = netip.MustParseAddr("10.0.0.3")
)

// socket is what ListenPacket promises to return.
type socket interface {
	net.PacketConn
	ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
}

// open opens a UDP socket on h.
func open(t *testing.T, h *Host, port uint16) socket {
	t.Helper()
	c, err := h.ListenPacket(netip.AddrPortFrom(h.Addr(), port))
	if err != nil {
		t.Fatal(err)
	}
	return c.(socket)
}

// local returns the address that c is bound to.
func local(c net.PacketConn) netip.AddrPort { return c.LocalAddr().(*net.UDPAddr).AddrPort() }

// got is a datagram as a test saw it.
type got struct {
	text string
	from netip.AddrPort
	at   time.Duration // since the test began
}

// collect reads from c until it is closed.
func collect(c socket) <-chan []got {
	all := make(chan []got, 1)
	start := time.Now()
	go func() {
		var list []got
		b := make([]byte, 2048)
		for {
			n, from, err := c.ReadFromUDPAddrPort(b)
			if err != nil {
				all <- list
				return
			}
			list = append(list, got{string(b[:n]), from, time.Since(start)})
		}
	}()
	return all
}

// texts returns what was read.
func texts(list []got) []string {
	var s []string
	for _, g := range list {
		s = append(s, g.text)
	}
	return s
}

// shower sends count numbered datagrams from one host to another, one every gap, and returns what arrived.
func shower(t *testing.T, seed uint64, c Conditions, count int, gap time.Duration) []got {
	t.Helper()
	n := NewNetwork(seed, c)
	a, b := open(t, n.Host(addrA), 5060), open(t, n.Host(addrB), 5060)
	all := collect(b)
	for i := range count {
		if _, err := a.WriteToUDPAddrPort(fmt.Append(nil, i), local(b)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(gap)
	}
	time.Sleep(time.Minute)
	n.Close()
	return <-all
}

func TestDatagramTakesItsDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := shower(t, 1, Conditions{Delay: 30 * time.Millisecond}, 3, time.Second)
		if len(got) != 3 {
			t.Fatalf("got %d datagrams, want 3", len(got))
		}
		for i, g := range got {
			if want := time.Duration(i)*time.Second + 30*time.Millisecond; g.at != want {
				t.Errorf("datagram %d arrived at %v, want %v", i, g.at, want)
			}
			if want := netip.AddrPortFrom(addrA, 5060); g.from != want {
				t.Errorf("datagram %d came from %v, want %v", i, g.from, want)
			}
		}
	})
}

func TestPerfectNetworkKeepsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := shower(t, 1, Conditions{Delay: time.Millisecond}, 300, 0)
		if len(got) != 300 {
			t.Fatalf("got %d datagrams, want 300", len(got))
		}
		for i, g := range got {
			if g.text != fmt.Sprint(i) {
				t.Fatalf("datagram %d is %q", i, g.text)
			}
		}
	})
}

// Each share is what it says, whatever the others are. Some of what is held back is overtaken by nothing.
func TestDatagramShares(t *testing.T) {
	const count = 6000
	for _, tt := range []struct {
		name               string
		c                  Conditions
		lost, twice, moved float64
	}{
		{"loss", Conditions{Loss: 0.2}, 0.2, 0, 0},
		{"duplicates", Conditions{Duplicate: 0.05}, 0, 0.05, 0},
		{"reorder", Conditions{Reorder: 0.3}, 0, 0, 0.3},
		{"all of it", Conditions{Loss: 0.2, Duplicate: 0.05, Reorder: 0.3, Delay: 5 * time.Millisecond}, 0.2, 0.05, 0.3},
		{"everything is lost", Conditions{Loss: 1}, 1, 0, 0},
		{"everything comes twice", Conditions{Duplicate: 1}, 0, 1, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := shower(t, 7, tt.c, count, time.Millisecond)
				seen := map[string]int{}
				late, highest := 0, -1
				for _, g := range got {
					var i int
					fmt.Sscan(g.text, &i)
					if seen[g.text]++; seen[g.text] > 1 {
						continue
					}
					if i < highest {
						late++
					}
					highest = max(highest, i)
				}
				twice := len(got) - len(seen)
				check := func(what string, n int, of int, want float64) {
					if share := float64(n) / float64(max(of, 1)); share < want-0.03 || share > want+0.02 {
						t.Errorf("%s: got a share of %.3f, want %.3f", what, share, want)
					}
				}
				check("lost", count-len(seen), count, tt.lost)
				check("twice", twice, len(seen), tt.twice)
				check("late", late, len(seen), tt.moved)
			})
		})
	}
}

func TestJitterStaysInItsBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := shower(t, 3, Conditions{Delay: 10 * time.Millisecond, Jitter: 40 * time.Millisecond}, 1000, time.Second)
		low, high := time.Hour, time.Duration(0)
		for i, g := range got {
			d := g.at - time.Duration(i)*time.Second
			low, high = min(low, d), max(high, d)
		}
		if low < 10*time.Millisecond || low > 11*time.Millisecond || high < 49*time.Millisecond || high >= 50*time.Millisecond {
			t.Errorf("delays from %v to %v, want 10ms to 50ms", low, high)
		}
	})
}

// A failure that a seed showed is shown by that seed again.
func TestSeedDecides(t *testing.T) {
	c := Conditions{Loss: 0.2, Duplicate: 0.05, Reorder: 0.3, Delay: 5 * time.Millisecond, Jitter: 5 * time.Millisecond}
	runs := map[uint64][]got{}
	for _, seed := range []uint64{1, 1, 2} {
		synctest.Test(t, func(t *testing.T) {
			got := shower(t, seed, c, 500, time.Millisecond)
			if before := runs[seed]; before != nil && !slices.Equal(got, before) {
				t.Errorf("seed %d did something else the second time", seed)
			}
			runs[seed] = got
		})
	}
	if slices.Equal(texts(runs[1]), texts(runs[2])) {
		t.Error("two seeds did the same")
	}
}

// With the same seed less loss loses none of what more loss let through: shares can be compared.
func TestSharesAreIndependent(t *testing.T) {
	arrived := func(c Conditions) map[string]bool {
		seen := map[string]bool{}
		synctest.Test(t, func(t *testing.T) {
			for _, g := range shower(t, 5, c, 1000, time.Millisecond) {
				seen[g.text] = true
			}
		})
		return seen
	}
	little, much := arrived(Conditions{Loss: 0.1, Reorder: 0.9}), arrived(Conditions{Loss: 0.3})
	for text := range much {
		if !little[text] {
			t.Fatalf("datagram %s arrived with a loss of 30 %% and not with 10 %%", text)
		}
	}
}

func TestPartition(t *testing.T) {
	none := netip.Addr{}
	for _, tt := range []struct {
		name string
		a, b netip.Addr
		want []string
	}{
		{"the two", addrA, addrB, nil},
		{"the two, named the other way", addrB, addrA, nil},
		{"sender from everybody", addrA, none, nil},
		{"receiver from everybody", none, addrB, nil},
		{"everybody", none, none, nil},
		{"others", addrA, addrC, []string{"during"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := NewNetwork(1, Conditions{})
				a, b := open(t, n.Host(addrA), 5060), open(t, n.Host(addrB), 5060)
				n.Host(addrC)
				all := collect(b)
				for _, step := range []struct {
					text string
					do   func()
				}{
					{"before", func() {}},
					{"during", func() { n.Partition(tt.a, tt.b) }},
					{"after", func() { n.Heal(tt.b, tt.a) }},
				} {
					step.do()
					if _, err := a.WriteToUDPAddrPort([]byte(step.text), local(b)); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Second)
				}
				n.Close()
				want := append(append([]string{"before"}, tt.want...), "after")
				if got := texts(<-all); !slices.Equal(got, want) {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}

// Conditions can be set for one way, for all ways from an address and for all ways to it; the more exact goes first.
func TestConditionsOfAWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: 1 * time.Second})
		defer n.Close()
		n.SetConditions(addrA, addrB, Conditions{Delay: 2 * time.Second})
		n.SetConditions(addrB, netip.Addr{}, Conditions{Delay: 3 * time.Second})
		n.SetConditions(netip.Addr{}, addrC, Conditions{Delay: 4 * time.Second})
		sockets := map[string]socket{}
		for name, addr := range map[string]netip.Addr{"a": addrA, "b": addrB, "c": addrC} {
			sockets[name] = open(t, n.Host(addr), 5060)
		}
		for _, tt := range []struct {
			from, to string
			want     time.Duration
		}{
			{"a", "b", 2 * time.Second}, {"b", "a", 3 * time.Second}, {"b", "c", 3 * time.Second}, {"a", "c", 4 * time.Second}, {"c", "a", time.Second},
			{"a", "a", 0},
		} {
			start := time.Now()
			if _, err := sockets[tt.from].WriteToUDPAddrPort([]byte("x"), local(sockets[tt.to])); err != nil {
				t.Fatal(err)
			}
			if _, _, err := sockets[tt.to].ReadFromUDPAddrPort(make([]byte, 1)); err != nil {
				t.Fatal(err)
			}
			if got := time.Since(start); got != tt.want {
				t.Errorf("%s to %s took %v, want %v", tt.from, tt.to, got, tt.want)
			}
		}
	})
}

// What is sent later on a shorter way arrives earlier.
func TestWaysDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Second})
		defer n.Close()
		n.SetConditions(addrA, addrB, Conditions{Delay: time.Minute})
		a, b, c := open(t, n.Host(addrA), 5060), open(t, n.Host(addrB), 5060), open(t, n.Host(addrC), 5060)
		start := time.Now()
		for _, to := range []socket{b, c} {
			if _, err := a.WriteToUDPAddrPort([]byte("x"), local(to)); err != nil {
				t.Fatal(err)
			}
		}
		c.ReadFrom(make([]byte, 1))
		if d := time.Since(start); d != time.Second {
			t.Errorf("the shorter way took %v, want 1s", d)
		}
		b.ReadFrom(make([]byte, 1))
		if d := time.Since(start); d != time.Minute {
			t.Errorf("the longer way took %v, want 1m", d)
		}
	})
}

func TestRecordSaysWhatBecameOfEachPacket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Millisecond})
		defer n.Close()
		n.Record()
		a, b := open(t, n.Host(addrA), 5060), open(t, n.Host(addrB), 5060)
		send := func(text string, to netip.AddrPort) {
			if _, err := a.WriteToUDPAddrPort([]byte(text), to); err != nil {
				t.Fatal(err)
			}
		}
		send("arrives", local(b))
		send("no socket", netip.AddrPortFrom(addrB, 9))
		send("no host", netip.AddrPortFrom(addrC, 9))
		n.Partition(addrA, addrB)
		send("cut", local(b))
		n.Heal(addrA, addrB)
		n.SetConditions(addrA, addrB, Conditions{Duplicate: 1})
		send("twice", local(b))
		time.Sleep(time.Second)
		send("on its way", local(b))
		var got []string
		for _, p := range n.Packets() {
			got = append(got, fmt.Sprint(string(p.Data), " ", p.Fate, " ", p.Copy))
		}
		want := []string{"arrives delivered false", "no socket unreachable false", "no host unreachable false", "cut lost false",
			"twice delivered false", "twice delivered true", "on its way travelling false", "on its way travelling true"}
		if !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// Close wakes whoever waits and leaves no goroutine: synctest.Test would not return otherwise.
func TestCloseEndsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := NewNetwork(1, Conditions{Delay: time.Hour})
		a, b := n.Host(addrA), n.Host(addrB)
		pc := open(t, a, 5060)
		ln := listen(t, b, 5060)
		errs := make(chan error)
		go func() { _, _, err := pc.ReadFrom(make([]byte, 1)); errs <- err }()
		go func() { _, err := ln.Accept(); errs <- err }()
		go func() {
			_, err := a.Dial(t.Context(), "tcp", netip.AddrPort{}, netip.AddrPortFrom(addrB, 5060))
			errs <- err
		}()
		synctest.Wait()
		if _, err := pc.WriteToUDPAddrPort([]byte("x"), netip.AddrPortFrom(addrB, 5060)); err != nil {
			t.Fatal(err)
		}
		n.Close()
		n.Close()
		for range 3 {
			if err := <-errs; !isClosed(err) {
				t.Errorf("got %v, want net.ErrClosed", err)
			}
		}
		if _, err := a.ListenPacket(netip.AddrPort{}); !isClosed(err) {
			t.Errorf("ListenPacket after Close: got %v, want net.ErrClosed", err)
		}
		if _, err := a.Listen(netip.AddrPort{}); !isClosed(err) {
			t.Errorf("Listen after Close: got %v, want net.ErrClosed", err)
		}
	})
}

func TestHostWithoutAddressOfItsOwnPanics(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(n *Network)
	}{
		{"none", func(n *Network) { n.Host() }},
		{"taken by a host", func(n *Network) { n.Host(addrA) }},
		{"taken by a NAT", func(n *Network) { n.Host(addrB) }},
		{"NAT on a host's", func(n *Network) { n.NAT(addrA, 0) }},
		{"invalid", func(n *Network) { n.Host(netip.Addr{}) }},
		{"taken behind the NAT", func(n *Network) { nat := n.NAT(addrC, 0); nat.Host(addrA); nat.Host(addrA) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := NewNetwork(1, Conditions{})
			defer n.Close()
			n.Host(addrA)
			n.NAT(addrB, 0)
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			tt.do(n)
		})
	}
}
