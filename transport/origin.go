package transport

// Origin returns the flow that the message came on: to the address that sent it, whatever its Via says (RFC 5626, Section 3). The flow may have
// ended meanwhile. That of a way towards a Target is the flow that it names, else none.
func (h *Hop) Origin() Flow {
	switch {
	case !h.away, h.only:
		return h.flow
	}
	return Flow{}
}
