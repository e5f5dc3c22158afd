package ua

import "github.com/ringback-sip/ringback/parser"

// peer is what the other side of a call said that it can do, in its INVITE or in the 2xx to ours.
type peer struct {
	update bool // it allows UPDATE (RFC 3311, Section 5.1)
}

// peerOf returns what m says.
func peerOf(m *parser.Message) peer {
	return peer{update: m.Allows(parser.MethodUpdate)}
}
