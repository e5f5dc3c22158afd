package siptest

import (
	"net"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// behindNAT makes a host behind a NAT at 192.0.2.1 and two outside of it.
func behindNAT(t *testing.T) (n *Network, nat *NAT, in, b, c socket) {
	t.Helper()
	n = NewNetwork(1, Conditions{})
	nat = n.NAT(netip.MustParseAddr("192.0.2.1"), 30*time.Second)
	in = open(t, nat.Host(netip.MustParseAddr("192.168.0.2")), 5060)
	return n, nat, in, open(t, n.Host(addrB), 5060), open(t, n.Host(addrC), 5060)
}

// pass sends text and returns what the receiver sees, the zero value when nothing comes.
func pass(t *testing.T, from, to socket, dst netip.AddrPort) netip.AddrPort {
	t.Helper()
	if _, err := from.WriteToUDPAddrPort([]byte("x"), dst); err != nil {
		t.Fatal(err)
	}
	to.SetReadDeadline(time.Now().Add(time.Millisecond))
	_, src, err := to.ReadFromUDPAddrPort(make([]byte, 1))
	if err != nil && !isTimeout(err) {
		t.Fatal(err)
	}
	return src
}

func TestNATMapsTheSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, in, b, c := behindNAT(t)
		defer n.Close()
		first := pass(t, in, b, local(b))
		if first.Addr() != nat.addr || first.Port() == 5060 {
			t.Errorf("seen as %v, want a port of %v that is not 5060", first, nat.addr)
		}
		if again := pass(t, in, c, local(c)); again != first {
			t.Errorf("another destination sees %v, want %v", again, first)
		}
		if back := pass(t, b, in, first); back != local(b) {
			t.Errorf("the answer comes from %v, want %v", back, local(b))
		}
	})
}

func TestNATLetsOnlyContactedPeersIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, in, b, c := behindNAT(t)
		defer n.Close()
		if got := pass(t, b, in, netip.AddrPortFrom(nat.addr, 5060)); got.IsValid() {
			t.Error("something came in without a mapping")
		}
		seen := pass(t, in, b, local(b))
		if got := pass(t, c, in, seen); got.IsValid() {
			t.Error("a peer that was not contacted came in")
		}
		other := open(t, n.public.hosts[addrB], 5070)
		if got := pass(t, other, in, seen); got.IsValid() {
			t.Error("another port of a contacted peer came in")
		}
		if got := pass(t, b, in, seen); got != local(b) {
			t.Errorf("the contacted peer is seen as %v", got)
		}
	})
}

func TestNATMappingExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, in, b, _ := behindNAT(t)
		defer n.Close()
		first := pass(t, in, b, local(b))
		for range 5 { // what is sent from inside keeps it
			time.Sleep(29 * time.Second)
			if again := pass(t, in, b, local(b)); again != first {
				t.Fatalf("seen as %v, want %v", again, first)
			}
		}
		time.Sleep(29 * time.Second)
		if got := pass(t, b, in, first); !got.IsValid() {
			t.Error("refused before the mapping expired")
		}
		time.Sleep(2 * time.Second) // what came in has not kept it (RFC 4787, REQ-6)
		if got := pass(t, b, in, first); got.IsValid() {
			t.Error("let in after the mapping expired")
		}
		if again := pass(t, in, b, local(b)); !again.IsValid() || again == first {
			t.Errorf("seen as %v after the mapping expired, want a new port", again)
		}
		if nat := n.public.nats[first.Addr()]; len(nat.in) != 1 || len(nat.out) != 1 {
			t.Errorf("%d mappings in, %d out, want one", len(nat.in), len(nat.out))
		}
	})
}

// A mapping that lives for one destination has closed for another that nothing was sent to for as long.
func TestNATForgetsPeers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, _, in, b, c := behindNAT(t)
		defer n.Close()
		first := pass(t, in, b, local(b))
		for range 2 {
			time.Sleep(20 * time.Second)
			if again := pass(t, in, c, local(c)); again != first {
				t.Fatalf("seen as %v, want %v", again, first)
			}
		}
		if got := pass(t, b, in, first); got.IsValid() {
			t.Error("a peer that was contacted 40 s ago came in")
		}
	})
}

func TestNATForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, in, b, _ := behindNAT(t)
		defer n.Close()
		first := pass(t, in, b, local(b))
		nat.Forget()
		if got := pass(t, b, in, first); got.IsValid() {
			t.Error("let in through a forgotten mapping")
		}
	})
}

func TestNATInsideIsDirect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, in, _, _ := behindNAT(t)
		defer n.Close()
		other := open(t, nat.Host(netip.MustParseAddr("192.168.0.3")), 5060)
		if got := pass(t, in, other, local(other)); got != local(in) {
			t.Errorf("seen as %v, want %v", got, local(in))
		}
		// Two NATs may use the same addresses inside.
		open(t, n.NAT(netip.MustParseAddr("192.0.2.9"), 0).Host(netip.MustParseAddr("192.168.0.2")), 5060)
	})
}

func TestNATPartitionAndConditionsNameTheOutside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, in, b, _ := behindNAT(t)
		defer n.Close()
		n.Partition(nat.addr, addrB)
		if got := pass(t, in, b, local(b)); got.IsValid() {
			t.Error("a partition of the NAT let something through")
		}
	})
}

func TestNATPortsRunOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, _, b, _ := behindNAT(t)
		defer n.Close()
		n.mu.Lock()
		defer n.mu.Unlock()
		var ports []uint16
		for i := range ephemeralLast - ephemeralFirst + 3 {
			if i == 2 {
				n.mu.Unlock()
				time.Sleep(time.Second)
				n.mu.Lock()
			}
			inside := netip.AddrPortFrom(netip.AddrFrom4([4]byte{192, 168, byte(i >> 14), byte(i >> 7 & 127)}), uint16(i&127+1))
			ports = append(ports, nat.outbound("udp", inside, local(b)).port)
		}
		if len(nat.in) != ephemeralLast-ephemeralFirst+1 || len(nat.out) != len(nat.in) {
			t.Errorf("%d mappings in, %d out", len(nat.in), len(nat.out))
		}
		last := ports[len(ports)-2:]
		slices.Sort(last)
		if !slices.Equal(last, ports[:2]) {
			t.Errorf("the ports %v were used again, want those of the two oldest, %v", last, ports[:2])
		}
	})
}

func TestStreamThroughNAT(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n, nat, _, _, _ := behindNAT(t)
		defer n.Close()
		in, out := nat.inside.hosts[netip.MustParseAddr("192.168.0.2")], n.public.hosts[addrB]
		ln := listen(t, out, 5060)
		near := dial(t, in, netip.AddrPortFrom(addrB, 5060))
		far, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if got := far.RemoteAddr().(*net.TCPAddr).AddrPort().Addr(); got != nat.addr {
			t.Errorf("the stream comes from %v, want %v", got, nat.addr)
		}
		for range 3 {
			exchange(t, near, far)
			time.Sleep(29 * time.Second)
		}
		time.Sleep(2 * time.Second)
		if _, err := far.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		near.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := near.Read(make([]byte, 1)); !isTimeout(err) {
			t.Errorf("got %v through a mapping that expired, want a timeout", err)
		}
		// Nobody opens a stream from outside.
		ln2 := listen(t, in, 5070)
		defer ln2.Close()
		if err := refused(t, out, netip.AddrPortFrom(nat.addr, 5070)); !isTimeoutOf(err) {
			t.Errorf("got %v for a stream from outside, want a timeout", err)
		}
		seen := pass(t, open(t, in, 5070), open(t, out, 7000), netip.AddrPortFrom(addrB, 7000))
		if c, err := out.Dial(t.Context(), "tcp", netip.AddrPortFrom(addrB, 7000), seen); !isTimeoutOf(err) {
			t.Errorf("got %v, %v for a stream through a mapping of UDP, want a timeout", c, err)
		}
	})
}
