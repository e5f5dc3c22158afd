package ua

import "github.com/ringback-sip/ringback/parser"

// Reliability says which provisional responses are sent reliably, that is repeated until the caller's PRACK comes (RFC 3262).
type Reliability uint8

const (
	// ReliableAuto is the zero Reliability. A callee sends a response reliably when it carries a body and the caller supports that, and every
	// one when the caller requires it. A caller says that it supports it.
	ReliableAuto Reliability = iota
	// ReliableAlways: a callee sends every response reliably to a caller that supports it, and a caller requires it: a callee
	// without it answers 420.
	ReliableAlways
	// ReliableNever: a callee sends none, and answers a caller that requires it 420. A caller does not say that it supports it.
	ReliableNever
)

// option100rel is the option tag of RFC 3262.
const option100rel = "100rel"

// reliableTo reports whether a provisional response to the INVITE m, with a body or without, is sent reliably (RFC 3262, Section 3).
func (a *Agent) reliableTo(m *parser.Message, described bool) bool {
	required := m.HasTag(parser.HeaderRequire, option100rel)
	switch a.cfg.Reliable {
	case ReliableNever:
		return false
	case ReliableAlways:
		described = true
	}
	return required || described && m.HasTag(parser.HeaderSupported, option100rel)
}
