package siptest

import (
	"net"
	"net/netip"
	"os"
	"slices"
	"syscall"
)

// Host is a machine on a [Network]: sockets are opened on it. Make it with [Network.Host] or [NAT.Host].
type Host struct {
	n         *Network
	realm     *realm
	addrs     []netip.Addr
	packets   map[netip.AddrPort]*packetConn
	listeners map[netip.AddrPort]*listener
	port      uint16 // the last ephemeral port given out
}

// Addr returns the host's first address.
func (h *Host) Addr() netip.Addr { return h.addrs[0] }

// Crash ends every socket of the host as a crash of its process does: nobody at the other end is told, and whoever sends
// on a stream that was open finds it reset. The host stays reachable and may open new sockets.
func (h *Host) Crash() {
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	h.crash()
}

func (h *Host) crash() {
	for _, c := range h.packets {
		c.close()
	}
	for _, l := range h.listeners {
		l.close()
	}
	for c := range h.n.streams {
		if c.host == h {
			c.vanish()
		}
	}
}

// Reset resets every stream of the host at this moment, as [Conditions].Reset does by chance.
func (h *Host) Reset() {
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	for c := range h.n.streams {
		if c.host == h {
			c.reset()
		}
	}
}

// bind returns the address to bind a socket to: addr, with an ephemeral port if it has none. An unspecified address is
// every one of the host. used says whether a socket is bound to exactly an address.
func (h *Host) bind(addr netip.AddrPort, used func(netip.AddrPort) bool) (netip.AddrPort, error) {
	ip := addr.Addr().Unmap()
	if !ip.IsValid() {
		ip = netip.IPv4Unspecified()
	}
	if !ip.IsUnspecified() && !slices.Contains(h.addrs, ip) {
		return netip.AddrPort{}, os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)
	}
	// A port is taken by a socket on the same address, on every address, or, for every address, on any.
	taken := func(port uint16) bool {
		for _, a := range append([]netip.Addr{netip.IPv4Unspecified(), netip.IPv6Unspecified()}, h.addrs...) {
			if a.Is4() == ip.Is4() && (a == ip || a.IsUnspecified() || ip.IsUnspecified()) && used(netip.AddrPortFrom(a, port)) {
				return true
			}
		}
		return false
	}
	if port := addr.Port(); port != 0 {
		if taken(port) {
			return netip.AddrPort{}, os.NewSyscallError("bind", syscall.EADDRINUSE)
		}
		return netip.AddrPortFrom(ip, port), nil
	}
	for range ephemeralLast - ephemeralFirst + 1 {
		if port := h.ephemeral(); !taken(port) {
			return netip.AddrPortFrom(ip, port), nil
		}
	}
	return netip.AddrPort{}, os.NewSyscallError("bind", syscall.EADDRINUSE)
}

// The ports that are given out, as Linux does.
const ephemeralFirst, ephemeralLast = 32768, 60999

// ephemeral returns the next port in turn.
func (h *Host) ephemeral() uint16 {
	if h.port < ephemeralFirst || h.port >= ephemeralLast {
		h.port = ephemeralFirst
	} else {
		h.port++
	}
	return h.port
}

// source returns the address that the host sends from to an address of to's family, from a socket bound to local.
func (h *Host) source(local, to netip.Addr) (netip.Addr, bool) {
	if local.IsValid() && !local.IsUnspecified() {
		return local, local.Is4() == to.Is4()
	}
	for _, a := range h.addrs {
		if a.Is4() == to.Is4() {
			return a, true
		}
	}
	return netip.Addr{}, false
}

// lookup finds what is bound to addr, or to its port on every address.
func lookup[T any](m map[netip.AddrPort]*T, addr netip.AddrPort) *T {
	if x := m[addr]; x != nil {
		return x
	}
	any := netip.IPv4Unspecified()
	if addr.Addr().Is6() {
		any = netip.IPv6Unspecified()
	}
	return m[netip.AddrPortFrom(any, addr.Port())]
}

// opError wraps err the way package net does.
func opError(op, network string, local, remote net.Addr, err error) error {
	return &net.OpError{Op: op, Net: network, Source: local, Addr: remote, Err: err}
}
