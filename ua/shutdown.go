package ua

import (
	"context"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Shutdown ends the agent: new work is answered 503, every call is ended (CANCEL, BYE, 503 to what nobody answered yet), every registration is removed, what was asked already is
// answered, and then all sockets are closed and all goroutines over. It returns ctx's error when calls, registrations, transactions or handlers were
// left by then; calls, registrations and transactions are dropped. A handler that calls it waits for itself: let it do so on another goroutine.
func (a *Agent) Shutdown(ctx context.Context) error {
	a.draining.Store(true)
	a.unregister(ctx)
	err := a.endCalls(ctx)
	if e := a.waitUnregistered(ctx); err == nil {
		err = e
	}
	for _, r := range a.liveRegistrations() {
		r.close()
	}
	if e := a.finish(ctx); err == nil {
		err = e
	}
	a.handlers.close()
	a.transactions.Shutdown()
	a.over.Do(func() { close(a.closed) })
	if a.resolver != nil {
		a.resolver.Close()
	}
	if e := a.transport.Shutdown(ctx); err == nil {
		err = e
	}
	a.dropCalls()
	a.lookups.close()
	for _, p := range []*pool{a.handlers, a.lookups} {
		if e := p.wait(ctx); err == nil {
			err = e
		}
	}
	return err
}

// endCalls hangs up every call and waits for the last one's end.
func (a *Agent) endCalls(ctx context.Context) error {
	calls := a.liveCalls() // there will be no more
	a.mu.Lock()
	var idle chan struct{}
	if len(a.calls) > 0 {
		if a.idle == nil {
			a.idle = make(chan struct{})
		}
		idle = a.idle
	}
	a.mu.Unlock()
	if idle == nil {
		return nil
	}
	for _, c := range calls {
		if ctx.Err() != nil {
			break // the rest is dropped
		}
		if c.role == dialog.Caller || c.reject(parser.StatusServiceUnavailable, "", retryLater) != nil {
			c.hangup()
		}
	}
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// finish waits until every request that was taken has its answer.
func (a *Agent) finish(ctx context.Context) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for a.transactions.Unanswered() > 0 {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// dropCalls drops the calls that Shutdown could not end in time: their handlers see Done.
func (a *Agent) dropCalls() {
	for _, c := range a.liveCalls() {
		c.mu.Lock()
		c.because(ErrClosed, false)
		c.end()
		c.remove()
		c.arm(time.Now())
		c.unlock()
	}
}
