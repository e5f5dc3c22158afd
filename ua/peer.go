package ua

import (
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// peer is what the other side of a call said about itself, in its INVITE or in the 2xx to ours.
type peer struct {
	update   bool    // it allows UPDATE (RFC 3311, Section 5.1)
	display  string  // of its From
	asserted []Party // who it is, by the word of somebody trusted
}

// peerOf returns what m says, which came on h.
func (a *Agent) peerOf(h *transport.Hop, m *parser.Message) peer {
	p := peer{update: m.Allows(parser.MethodUpdate), asserted: a.asserted(h, m)}
	if from, err := m.From(); err == nil && m.IsRequest() {
		p.display = partyOf(from).Display
	}
	return p
}
