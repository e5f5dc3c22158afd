package transport

import (
	"net/netip"

	"github.com/ringback-sip/ringback/parser"
)

// Literal returns the address that the host of a URI or Via is, IPv6 with or without brackets; false for a name, which only DNS can tell.
// localhost is 127.0.0.1 (RFC 6761, Section 6.3).
func Literal(host []byte) (netip.Addr, bool) {
	if parser.EqualFold(host, "localhost") {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	return parseHost(host)
}
