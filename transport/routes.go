package transport

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"time"
)

// A route's source is asked for again after routeAge, since hosts move between networks, and a full table is emptied.
const (
	routeAge  = 10 * time.Second
	maxRoutes = 1024
)

// routes remembers which local address packets to a peer leave from. The zero routes is ready; it is safe for concurrent use.
type routes struct {
	mu    sync.Mutex // guards known
	known map[netip.Addr]route
}

type route struct {
	source netip.Addr
	until  time.Time
}

// get returns what is known of the route to remote, the zero Addr when nothing.
func (r *routes) get(remote netip.Addr, now time.Time) netip.Addr {
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.known[remote]; now.Before(known.until) {
		return known.source
	}
	return netip.Addr{}
}

// put remembers that packets to remote leave from source.
func (r *routes) put(remote, source netip.Addr, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || len(r.known) >= maxRoutes {
		r.known = make(map[netip.Addr]route)
	}
	r.known[remote] = route{source, now.Add(routeAge)}
}

// routeSource returns the local address that packets to remote leave from. It asks by connecting a datagram socket,
// which sends nothing and does not wait.
func (l *Layer) routeSource(remote netip.AddrPort) (netip.Addr, error) {
	now := time.Now()
	if source := l.routes.get(remote.Addr(), now); source.IsValid() {
		return source, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	conn, err := l.dial(ctx, UDP.Network(), netip.AddrPort{}, remote)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("find the own address towards %s: %w", remote.Addr(), err)
	}
	source := addrPort(conn.LocalAddr()).Addr().WithZone("")
	_ = conn.Close()
	if !source.IsValid() || source.IsUnspecified() {
		return netip.Addr{}, fmt.Errorf("no own address towards %s: listen on an address, or advertise one", remote.Addr())
	}
	l.routes.put(remote.Addr(), source, now)
	return source, nil
}

// bound is a local address that something listens on.
type bound struct {
	addr netip.AddrPort
	dual bool // an IPv6 wildcard that may take IPv4 too
}

// choose returns the index of the address in bounds that suits traffic with remote best, -1 when none does: the one
// that the route takes (source, if known), else a wildcard, else one that is loopback exactly when remote is, else
// any of the family.
func choose(bounds []bound, remote, source netip.Addr) int {
	best, bestRank := -1, 0
	for i, b := range bounds {
		rank := 0
		switch a := b.addr.Addr(); {
		case a.Is4() != remote.Is4():
			if b.dual && remote.Is4() {
				rank = 1
			}
		case a == source:
			rank = 5
		case a.IsUnspecified():
			rank = 4
		case a.IsLoopback() == remote.IsLoopback():
			rank = 3
		default:
			rank = 2
		}
		if rank > bestRank {
			best, bestRank = i, rank
		}
	}
	return best
}

// pick is choose with the route looked up where it can make a difference.
func (l *Layer) pick(bounds []bound, remote netip.AddrPort) int {
	family := 0
	for _, b := range bounds {
		if b.addr.Addr().Is4() == remote.Addr().Is4() {
			family++
		}
	}
	var source netip.Addr
	if family > 1 {
		// Without a route the other rules decide.
		source, _ = l.routeSource(remote)
	}
	return choose(bounds, remote.Addr(), source)
}
