package transport

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"
)

func TestChoose(t *testing.T) {
	tests := []struct {
		name   string
		bounds []string // "!" before a wildcard that takes both families
		remote string
		source string // "": not known
		want   int
	}{
		{"nothing", nil, "192.0.2.9", "", -1},
		{"only the other family", []string{"[::]:5060"}, "192.0.2.9", "", -1},
		{"by family", []string{"[2001:db8::1]:5060", "192.0.2.1:5060"}, "192.0.2.9", "", 1},
		{"by family, IPv6", []string{"192.0.2.1:5060", "[2001:db8::1]:5060"}, "2001:db8::9", "", 1},
		{"the route's", []string{"0.0.0.0:5060", "192.0.2.1:5060", "10.0.0.1:5060"}, "10.0.0.9", "10.0.0.1", 2},
		{"a wildcard else", []string{"192.0.2.1:5060", "0.0.0.0:5060"}, "10.0.0.9", "10.0.0.1", 1},
		{"loopback for loopback", []string{"192.0.2.1:5060", "127.0.0.1:5060"}, "127.0.0.9", "", 1},
		{"not loopback for others", []string{"127.0.0.1:5060", "192.0.2.1:5060"}, "192.0.2.9", "", 1},
		{"the first of equals", []string{"192.0.2.1:5060", "192.0.2.1:5070"}, "192.0.2.9", "", 0},
		{"the last resort of the family", []string{"127.0.0.1:5060"}, "192.0.2.9", "", 0},
		{"a wildcard of both families", []string{"![::]:5060"}, "192.0.2.9", "", 0},
		{"rather one of its own", []string{"![::]:5060", "127.0.0.1:5060"}, "192.0.2.9", "", 1},
	}
	for _, tt := range tests {
		var bounds []bound
		for _, b := range tt.bounds {
			dual := b[0] == '!'
			if dual {
				b = b[1:]
			}
			bounds = append(bounds, bound{ap(b), dual})
		}
		var source netip.Addr
		if tt.source != "" {
			source = netip.MustParseAddr(tt.source)
		}
		if got := choose(bounds, netip.MustParseAddr(tt.remote), source); got != tt.want {
			t.Errorf("%s: choose = %d, want %d", tt.name, got, tt.want)
		}
	}
}

// routed is a Config.Dial for "udp" that tells a route's source, and counts.
func routed(source string, asked *int) func(context.Context, string, netip.AddrPort, netip.AddrPort) (net.Conn, error) {
	return func(_ context.Context, network string, _, remote netip.AddrPort) (net.Conn, error) {
		if network != "udp" {
			return nil, errors.ErrUnsupported
		}
		*asked++
		conn, other := newPipe(ap(source), remote)
		return conn, other.Close()
	}
}

func TestRouteSourceIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		l := New(&Config{Dial: routed("192.0.2.1:40000", &asked)})
		for range 3 {
			source, err := l.routeSource(ap("198.51.100.1:5060"))
			if err != nil || source != netip.MustParseAddr("192.0.2.1") {
				t.Fatalf("routeSource = %v, %v", source, err)
			}
		}
		if asked != 1 {
			t.Errorf("asked %d times, want once", asked)
		}
		time.Sleep(routeAge)
		if _, err := l.routeSource(ap("198.51.100.1:5060")); err != nil || asked != 2 {
			t.Errorf("after %v: asked %d times (%v), want twice", routeAge, asked, err)
		}
		for i := range maxRoutes + 10 {
			l.routes.put(netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}), netip.Addr{}, time.Now())
		}
		if n := len(l.routes.known); n > maxRoutes {
			t.Errorf("%d routes are remembered, want at most %d", n, maxRoutes)
		}
	})
}

func TestRouteSourceOfTheSystem(t *testing.T) {
	l := New(nil)
	for _, remote := range []string{"127.0.0.1:5060", "[::1]:5060"} {
		source, err := l.routeSource(ap(remote))
		if err != nil || !source.IsLoopback() || source.Is4() != ap(remote).Addr().Is4() {
			t.Errorf("routeSource(%s) = %v, %v, want a loopback address", remote, source, err)
		}
	}
}

// A wildcard socket without a route cannot say who it is, unless it is told.
func TestHopWithoutRouteNeedsAnAddress(t *testing.T) {
	dial := newDialler().dial
	for _, advertise := range [][]string{nil, {"sip.example.com"}} {
		s := realStation(t, Config{Dial: dial, Advertise: advertise})
		if err := s.ServePacket(newPacketConn("0.0.0.0:5060")); err != nil {
			t.Fatal(err)
		}
		for _, p := range []Protocol{UDP, TCP} {
			h, err := s.Hop(Target{Protocol: p, Addr: ap("192.0.2.9:5060")})
			if (err == nil) != (advertise != nil) {
				t.Errorf("%v, advertised %v: Hop = %v", p, advertise, err)
			}
			if err == nil && h.SentBy() != "sip.example.com" {
				t.Errorf("%v: SentBy = %q", p, h.SentBy())
			}
		}
	}
}
