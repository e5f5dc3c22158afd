package ua

import (
	"fmt"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/registration"
)

// Unarmed returns what lives in a and has no deadline, which is nothing while nothing moves.
func (a *Agent) Unarmed() []string {
	var names []string
	if n := a.transactions.Unarmed(); n > 0 {
		names = append(names, fmt.Sprintf("%d transactions", n))
	}
	a.mu.Lock()
	calls := make([]*Call, 0, len(a.calls))
	for c := range a.calls {
		calls = append(calls, c)
	}
	a.mu.Unlock()
	for _, c := range calls {
		c.mu.Lock()
		if s := c.session.State(); s != dialog.Terminated && !c.timer.Armed() {
			names = append(names, fmt.Sprintf("call in state %v", s))
		}
		c.mu.Unlock()
	}
	for _, r := range a.liveRegistrations() {
		r.mu.Lock()
		if s := r.client.State(); s != registration.Ended && !r.timer.Armed() {
			names = append(names, fmt.Sprintf("registration in state %v", s))
		}
		r.mu.Unlock()
	}
	return names
}

// Wait makes every wait after a glare that of n. It is called before the agent does anything.
func (a *Agent) Wait(n uint32) { a.random = func() uint32 { return n } }
