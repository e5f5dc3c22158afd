package ua

import (
	"maps"
	"slices"

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
	Connections        int // accepted stream connections
	Dialled            int // stream connections that we opened, or are opening
	Handlers           int // goroutines that run handlers, look up names, or wait for the next one
	Panics             int // of handlers, since New
	Unarmed            int // calls and transactions without a deadline: 0 while nothing moves

	Transaction transaction.Stats
	Transport   transport.Stats
}

// Stats returns the figures. It looks at every call and transaction: ask every few seconds, not every millisecond.
func (a *Agent) Stats() Stats {
	x, t := a.transactions.Stats(), a.transport.Stats()
	calls := a.liveCalls()
	unarmed := a.transactions.Unarmed()
	for _, c := range calls {
		if !c.armed() {
			unarmed++
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return Stats{
		Transactions:       x.Clients + x.Servers,
		ClientTransactions: x.Clients,
		ServerTransactions: x.Servers,
		Calls:              len(a.calls),
		Dialogs:            len(a.dialogs),
		Connections:        t.Accepted,
		Dialled:            t.Connections - t.Accepted,
		Handlers:           a.handlers.size() + a.lookups.size(),
		Panics:             int(a.panics.Load()),
		Unarmed:            unarmed,
		Transaction:        x,
		Transport:          t,
	}
}

// liveCalls returns the calls there are.
func (a *Agent) liveCalls() []*Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.calls))
}

// armed reports whether the call has a deadline or is over.
func (c *Call) armed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.removed || c.timer.Armed()
}
