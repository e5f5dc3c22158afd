package transaction

import "sync/atomic"

// Stats is what a layer holds now, and has done so far.
type Stats struct {
	Clients    int   // client transactions
	Servers    int   // server transactions
	Unanswered int   // of these, those whose final response was not sent yet
	Sources    int   // sources of the unanswered ones, as far as they have a limit
	Held       int64 // octets that Config.MaxMemory counts

	Refused uint64 // requests answered without a transaction, because of a limit
	Freed   uint64 // finished transactions that made room before their time

	Repeated uint64 // requests that came again, and opened no transaction
	Resent   uint64 // messages that were sent again
	Withheld uint64 // responses to INVITE that were not sent because too much went there: see Server.Left
	Strays   uint64 // responses that belong to no transaction
	Timeouts uint64 // transactions whose peer was silent to the end
}

// counters are the counters among Stats.
type counters struct {
	refused, freed, repeated, resent, withheld, strays, timeouts atomic.Uint64
}

// Stats returns the figures. Each gauge but Unanswered and Held is the length of a table.
func (l *Layer) Stats() Stats {
	return Stats{
		Clients:    l.clients.len(),
		Servers:    l.servers.len(),
		Unanswered: l.Unanswered(),
		Sources:    l.sources.len(),
		Held:       l.held.Load(),
		Refused:    l.counts.refused.Load(),
		Freed:      l.counts.freed.Load(),
		Repeated:   l.counts.repeated.Load(),
		Resent:     l.counts.resent.Load(),
		Withheld:   l.counts.withheld.Load(),
		Strays:     l.counts.strays.Load(),
		Timeouts:   l.counts.timeouts.Load(),
	}
}

// Counts returns the numbers of live client and server transactions.
func (l *Layer) Counts() (clients, servers int) { return l.clients.len(), l.servers.len() }

// Unanswered returns the number of server transactions whose final response was not handed to their connection yet.
func (l *Layer) Unanswered() int { return int(l.unanswered.Load()) }
