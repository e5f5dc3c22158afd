package transport

import "net/netip"

// Origin returns the flow that the message came on: to the address that sent it, whatever its Via says (RFC 5626, Section 3). The flow may have
// ended meanwhile. That of a way towards a Target is the flow that it names, else none.
func (h *Hop) Origin() Flow {
	switch {
	case !h.away, h.only:
		return h.flow
	}
	return Flow{}
}

// Towards returns the flow from the same UDP socket and address to another peer; of a connection, the zero Flow.
func (f Flow) Towards(remote netip.AddrPort) Flow {
	if f.socket == nil {
		return Flow{}
	}
	f.remote = unmap(remote)
	return f
}
