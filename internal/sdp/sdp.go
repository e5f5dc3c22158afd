// Package sdp writes the smallest audio description that a peer accepts and answers any valid offer with
// one. It serves programs and tests that place calls without media: every stream it accepts is inactive.
// Who has media brings their own bodies; nothing else in this module looks into them.
//
// Specifications: RFC 4566 (the format), RFC 3264 (offer and answer), RFC 3551 (the static payload types).
package sdp

import (
	"math/rand/v2"
	"net/netip"
	"strconv"
)

// ContentType is the media type of every description that this package writes.
const ContentType = "application/sdp"

// discard is the port of the streams that are described: nothing is sent while a stream is inactive, and
// port 0 would refuse it (RFC 3264, Section 5.1).
const discard = "9"

// Offer returns an offer of one inactive audio stream, PCMU or PCMA, at addr. Each offer has a session
// identifier of its own (RFC 3264, Section 5). An IPv4-mapped addr counts as IPv4, a zone is left out, the
// zero Addr is written as 0.0.0.0.
func Offer(addr netip.Addr) []byte {
	b := appendSession(nil, addr)
	b = append(b, "t=0 0\r\nm=audio "+discard+" RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=inactive\r\n"...)
	return b
}

// Answer returns an answer to offer for a party at addr, which is written as in Offer. It has one media
// line for each of the offer's, in order (RFC 3264, Section 6): a stream of PCMU or PCMA over RTP/AVP is accepted as inactive with the format
// that the offer prefers, every other one is refused with port 0. Refusing all of them is no error here.
//
// The error is an Error when offer is not a valid description or exceeds the limits of this package. Neither
// offer nor the answer keeps the other's bytes. The time spent is linear in the length of offer.
func Answer(offer []byte, addr netip.Addr) ([]byte, error) {
	var d description
	if err := d.parse(offer); err != nil {
		return nil, err
	}
	b := appendSession(nil, addr)
	for _, t := range d.times {
		// The time of a session is not negotiated: it is the offer's (RFC 3264, Section 6).
		b = append(b, "t="...)
		b = append(b, t...)
		b = append(b, "\r\n"...)
	}
	for _, m := range d.media {
		b = appendMedia(b, m)
	}
	return b, nil
}

// appendSession appends the lines v=, o=, s= and c=.
func appendSession(b []byte, addr netip.Addr) []byte {
	addr = addr.Unmap().WithZone("")
	if !addr.IsValid() {
		addr = netip.IPv4Unspecified()
	}
	kind := " IN IP4 "
	if addr.Is6() {
		kind = " IN IP6 "
	}
	// Both numbers must fit a signed 64-bit integer; 18 digits always do (RFC 3264, Section 5).
	const low, high = 1e17, 1e18
	b = append(b, "v=0\r\no=- "...)
	b = strconv.AppendInt(b, low+rand.Int64N(high-low), 10)
	b = append(b, " 1"+kind...)
	b = addr.AppendTo(b)
	b = append(b, "\r\ns=-\r\nc="+kind[1:]...)
	b = addr.AppendTo(b)
	return append(b, "\r\n"...)
}

// appendMedia appends the media lines that answer m.
func appendMedia(b []byte, m media) []byte {
	b = append(b, "m="...)
	b = append(b, m.kind...)
	format, codec := m.choose()
	if codec == "" {
		// A refused stream still names a format, which nobody reads (RFC 3264, Section 6).
		b = append(b, " 0 "...)
		b = append(b, m.proto...)
		b = append(b, ' ')
		b = append(b, m.format()...)
		return append(b, "\r\n"...)
	}
	b = append(b, " "+discard+" RTP/AVP "...)
	b = append(b, format...)
	b = append(b, "\r\na=rtpmap:"...)
	b = append(b, format...)
	return append(b, " "+codec+"\r\na=inactive\r\n"...)
}
