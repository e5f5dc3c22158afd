package transport

// hops are the ways back that requests over datagrams took last. Such a way is the same for all requests of one peer, and nothing of it
// changes, so that they share one Hop: a trunk's thousands of transactions hold one instead of as many. The zero hops is
// empty; it is for one reader.
type hops struct{ last *[hopSlots]*Hop }

// hopSlots is how many peers a reader tells apart. A peer that finds its slot taken costs a Hop for each request that is kept.
const hopSlots = 64

// slot returns the slot of h's peer.
func (s *hops) slot(h *Hop) **Hop {
	if s.last == nil {
		s.last = new([hopSlots]*Hop)
	}
	a := h.flow.remote.Addr().As16()
	return &s.last[(uint16(a[15])+h.flow.remote.Port())%hopSlots]
}

// known returns a Hop that does what h does, h itself when there is none.
func (s *hops) known(h *Hop) *Hop {
	if o := *s.slot(h); o != nil && o.flow == h.flow && o.to == h.to && o.account == h.account {
		return o
	}
	return h
}

// keep remembers h, which nobody changes any more.
func (s *hops) keep(h *Hop) { *s.slot(h) = h }
