package resolver

import (
	"net/netip"
	"slices"
	"strings"
)

// parseHosts reads hosts(5): an address on each line, and the names that have it.
func parseHosts(text string) map[string][]netip.Addr {
	all := make(map[string][]netip.Addr)
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		a, err := netip.ParseAddr(words[0])
		if err != nil {
			continue
		}
		for _, w := range words[1:] {
			if name := key(w); !slices.Contains(all[name], a) {
				all[name] = append(all[name], a.Unmap())
			}
		}
	}
	return all
}

// local returns the addresses of names that nobody has to be asked for. ok is false for all others.
func local(name string) (addrs []netip.Addr, ok bool) {
	switch {
	case name == "localhost", strings.HasSuffix(name, ".localhost"):
		// RFC 6761, Section 6.3. IPv4 first: it is what SIP programs on one host listen on.
		return []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}, true
	case name == "invalid", strings.HasSuffix(name, ".invalid"):
		return nil, true // RFC 6761, Section 6.4; WebSocket clients are called so (RFC 7118, Section 5)
	}
	if a, err := netip.ParseAddr(name); err == nil { // written as the target of an SRV record, where only names belong
		return []netip.Addr{a.Unmap()}, true
	}
	return nil, false
}

// interleaved returns the addresses of both families in turn, IPv6 first: a family that does not work here costs one try at a time
// (RFC 7984, Section 4; RFC 8305, Section 4). Addresses of one family keep their order.
func interleaved(v6, v4 []netip.Addr) []netip.Addr {
	var all []netip.Addr
	for i := range max(len(v6), len(v4)) {
		for _, family := range [...][]netip.Addr{v6, v4} {
			if i < len(family) && !slices.Contains(all, family[i]) {
				all = append(all, family[i])
			}
		}
	}
	return all
}
