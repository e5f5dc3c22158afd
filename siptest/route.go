package siptest

import "net/netip"

// leave returns the address that the receiver at dst sees when h sends from src, and the mapping of the NAT on the way,
// which is made or refreshed; nil when there is none. The lock is held.
func (n *Network) leave(h *Host, protocol string, src, dst netip.AddrPort) (netip.AddrPort, *mapping) {
	nat := h.realm.nat
	if nat == nil || h.realm.hosts[dst.Addr()] != nil {
		return src, nil
	}
	m := nat.outbound(protocol, src, dst)
	return netip.AddrPortFrom(nat.addr, m.port), m
}

// find returns the host that gets what comes from src, as leave returned it, to dst out of a realm, and the address there; nil
// when nobody does.
func (n *Network) find(r *realm, protocol string, src, dst netip.AddrPort) (*Host, netip.AddrPort) {
	if h := r.hosts[dst.Addr()]; h != nil {
		return h, dst
	}
	if h := n.public.hosts[dst.Addr()]; h != nil {
		return h, dst
	}
	nat := n.public.nats[dst.Addr()]
	if nat == nil || protocol != "udp" {
		return nil, dst
	}
	inside, ok := nat.inbound(src, dst.Port())
	if !ok {
		return nil, dst
	}
	return nat.inside.hosts[inside.Addr()], inside
}
