package transport

import (
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Stats is what a layer holds now, and has done so far.
type Stats struct {
	Sockets     int   // UDP sockets
	Listeners   int   // of connections
	Connections int   // accepted and dialled, those being dialled included
	Accepted    int   // connections that a peer opened
	Dialled     int   // connections that we opened, or are opening
	Dialing     int   // connections that are being opened
	Sources     int   // IPv4 addresses and IPv6 /64s that opened the accepted ones
	Limited     int   // sources that lately had a stateless error answer
	Accounts    int   // sources that lately sent datagrams
	KeptAlive   int   // UDP flows that are kept alive
	HalfRead    int64 // octets of read buffers beyond the small one of each connection

	Received  uint64 // messages that arrived
	Sent      uint64 // messages handed to the system
	Overrun   uint64 // datagrams that the kernel dropped because nobody read them in time, as far as it has said; on Linux
	Dropped   uint64 // messages that arrived and went no further
	Malformed uint64 // of these: what could not be read
	Astray    uint64 // of these: responses to somebody else
	Unsent    uint64 // messages that were to be sent and were not
	Refused   uint64 // stateless error answers
	Withheld  uint64 // answers not sent because too much went to that address already
	Rejected  uint64 // connections turned away, or that made room, because of a limit
}

// counts are the counters among Stats.
type counts struct {
	received, sent, overrun, dropped, malformed, astray, unsent, refused, withheld, rejected atomic.Uint64
}

// Stats returns the figures. Each gauge is the length of the table that it speaks of.
func (l *Layer) Stats() Stats {
	s := Stats{
		Limited:   l.refusals.len(time.Now()),
		Accounts:  l.budgets.len(),
		KeptAlive: l.bindings.len(),
		HalfRead:  l.halfRead.Load(),
		Received:  l.counts.received.Load(),
		Sent:      l.counts.sent.Load(),
		Overrun:   l.counts.overrun.Load(),
		Dropped:   l.counts.dropped.Load(),
		Malformed: l.counts.malformed.Load(),
		Astray:    l.counts.astray.Load(),
		Unsent:    l.counts.unsent.Load(),
		Refused:   l.counts.refused.Load(),
		Withheld:  l.counts.withheld.Load(),
		Rejected:  l.counts.rejected.Load(),
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Sockets = len(l.sockets)
	s.Listeners = len(l.listeners)
	s.Connections = len(l.streams)
	for _, n := range l.sources {
		s.Accepted += n
	}
	s.Dialled = s.Connections - s.Accepted
	s.Dialing = len(l.dialing)
	s.Sources = len(l.sources)
	return s
}

// Connections returns the number of connections, accepted and dialled, those being dialled included.
func (l *Layer) Connections() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.streams)
}

// withhold counts and traces an answer that is not sent.
func (l *Layer) withhold(f Flow, w parser.Wire) {
	l.counts.withheld.Add(1)
	if l.cfg.Trace != nil {
		l.trace(Out, f, w.AppendTo(nil), dropBudget)
	}
}
