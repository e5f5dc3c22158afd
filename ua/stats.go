package ua

import (
	"maps"
	"slices"
)

// Stats counts an agent's live objects: each number is the length of the table that holds them. After the deadlines
// all are back to zero.
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
}

// Stats returns the numbers of live objects.
func (a *Agent) Stats() Stats {
	clients, servers := a.transactions.Counts()
	t := a.transport.Stats()
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
		Transactions:       clients + servers,
		ClientTransactions: clients,
		ServerTransactions: servers,
		Calls:              len(a.calls),
		Dialogs:            len(a.dialogs),
		Connections:        t.Accepted,
		Dialled:            t.Connections - t.Accepted,
		Handlers:           a.handlers.size() + a.lookups.size(),
		Panics:             int(a.panics.Load()),
		Unarmed:            unarmed,
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
