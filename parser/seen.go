package parser

// seen is what Check has read and found well formed, so that nobody reads it again: the Request-URI, the topmost Via, From, To
// and CSeq. It knows where their parts are, by offsets alone.
type seen struct {
	viaAt    span // of length 0: it has not been read
	via      viaParts
	from, to seenAddress
	uri      uriParts
	cseq     seenCSeq
	hasURI   bool
}

// seenAddress is a NameAddr that has been read.
type seenAddress struct {
	at  span // of length 0: it has not been read
	uri uriParts
	nameAddrParts
}

// seenCSeq is a CSeq that has been read.
type seenCSeq struct {
	name   span // of length 0: it has not been read
	number uint32
	method Method
}

// address returns the place for h, nil for a header that is read whenever it is asked for.
func (s *seen) address(h Header) *seenAddress {
	switch h {
	case HeaderFrom:
		return &s.from
	case HeaderTo:
		return &s.to
	}
	return nil
}

// forget makes s know nothing.
func (s *seen) forget() {
	s.viaAt, s.from.at, s.to.at, s.cseq.name = span{}, span{}, span{}, span{}
	s.hasURI = false
}

// noteVia keeps v, the topmost Via, which starts at off.
func (s *seen) noteVia(v *Via, off int) {
	s.viaAt, s.via = spanOf(off, off+len(v.raw)), v.viaParts
}

// note keeps a, which starts at off.
func (s *seenAddress) note(a *NameAddr, off int) {
	*s = seenAddress{spanOf(off, off+len(a.raw)), a.uri.uriParts, a.nameAddrParts}
}

// value returns the NameAddr that was noted, from b.
func (s *seenAddress) value(b []byte) NameAddr {
	raw := s.at.of(b)
	return NameAddr{raw, URI{s.uriAt.of(raw), s.uri}, s.nameAddrParts}
}
