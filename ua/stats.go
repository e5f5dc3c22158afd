package ua

import (
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// Stats is what an agent holds now, and has done so far. Its own numbers but Panics are live objects, each the length of the
// table that holds them: after the deadlines all are back to zero. Those of the layers below stand in Transaction and
// Transport, counters of traffic among them.
type Stats struct {
	Transactions       int // client and server transactions
	ClientTransactions int
	ServerTransactions int
	Calls              int
	Dialogs            int // early and confirmed
	Registrations      int // of ours with registrars
	Connections        int // accepted stream connections
	Dialled            int // stream connections that we opened, or are opening
	Handlers           int // goroutines that run handlers, look up names, or wait for the next one
	Panics             int // of handlers, since New

	Transaction transaction.Stats
	Transport   transport.Stats
}

// Stats returns the figures. What it costs does not depend on how much lives.
func (a *Agent) Stats() Stats {
	x, t := a.transactions.Stats(), a.transport.Stats()
	a.mu.Lock()
	defer a.mu.Unlock()
	return Stats{
		Transactions:       x.Clients + x.Servers,
		ClientTransactions: x.Clients,
		ServerTransactions: x.Servers,
		Calls:              len(a.calls),
		Dialogs:            len(a.dialogs),
		Registrations:      len(a.registrations),
		Connections:        t.Accepted,
		Dialled:            t.Connections - t.Accepted,
		Handlers:           a.handlers.size() + a.lookups.size(),
		Panics:             int(a.panics.Load()),
		Transaction:        x,
		Transport:          t,
	}
}
