package transport

import (
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Direction says which way a message went.
type Direction uint8

// The directions.
const (
	In Direction = iota + 1
	Out
)

// String returns "in" or "out".
func (d Direction) String() string {
	switch d {
	case In:
		return "in"
	case Out:
		return "out"
	}
	return ""
}

// Event is one message as it passed a socket: what a ladder, a capture file or a log is made of.
type Event struct {
	Time      time.Time
	Direction Direction
	Protocol  Protocol
	Local     netip.AddrPort
	Remote    netip.AddrPort
	Bytes     []byte // the message; valid until the function returns, and not to be written
	Dropped   string // why it went no further; "" when it did
}

// Why a message goes no further, beside the errors of package parser.
const (
	dropNotOurs  = "response to somebody else: its top Via is not ours"
	dropManyVias = "response with more than one Via"
	dropNobody   = "nobody receives"
	dropNoReturn = "request without a way back"
	dropTrailing = "octets behind the message in one of WebSocket"
	dropBudget   = "answer withheld: too much for what came from that address"
)

// trace tells Config.Trace of b; without one it costs a comparison.
func (l *Layer) trace(d Direction, f Flow, b []byte, dropped string) {
	if l.cfg.Trace == nil {
		return
	}
	l.cfg.Trace(Event{time.Now(), d, f.protocol, f.local, f.remote, b, dropped})
}

// traceWire is trace for a message that is sent.
func (l *Layer) traceWire(f Flow, w parser.Wire) {
	if l.cfg.Trace == nil {
		return
	}
	l.trace(Out, f, w.AppendTo(nil), "")
}

// lost counts and traces a message that was to be sent and was not, because of err.
func (l *Layer) lost(f Flow, w parser.Wire, err error) {
	l.counts.unsent.Add(1)
	if l.cfg.Trace != nil {
		l.trace(Out, f, w.AppendTo(nil), err.Error())
	}
}
