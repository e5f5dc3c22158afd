package siptest

import (
	"net/netip"

	"github.com/ringback-sip/ringback/internal/sdp"
)

// SDP returns an offer of one inactive PCMU or PCMA stream at addr, of media type application/sdp.
func SDP(addr netip.Addr) []byte { return sdp.Offer(addr) }

// Answer returns an answer to offer for a party at addr: a stream of PCMU or PCMA is accepted as inactive, every
// other one refused (RFC 3264, Section 6). The error says what is wrong with offer.
func Answer(offer []byte, addr netip.Addr) ([]byte, error) { return sdp.Answer(offer, addr) }
