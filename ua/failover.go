package ua

import (
	"errors"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// failover is how long after its first try a request may begin another one: two targets that say nothing, and a little.
func (a *Agent) failover() time.Duration { return 128*a.cfg.T1 + a.cfg.T4 }

// retrier is a user of a request that has a say in whether it goes to another target, because it holds more than an answer: a call.
type retrier interface {
	// retry is asked before the next try, and prepares for it.
	retry() bool
}

// Response passes a response on, unless it is one that sends the request to the next target: "failure occurs if the transaction layer
// reports a 503 error response" (RFC 3263, Section 4.3).
func (o *outgoing) Response(t *transaction.Client, m *parser.Message) {
	if len(o.agent.cfg.Advertise) == 0 {
		o.agent.mapped.learn(o.way(), m)
	}
	if m.Status() == parser.StatusServiceUnavailable {
		o.busy(m)
		if o.leave(t) && o.next(errNoTarget) == nil {
			return
		}
	} else {
		o.worked()
	}
	o.mu.Lock()
	o.tx, o.heard = t, true
	o.mu.Unlock()
	o.user.Response(t, m)
}

// Failed tries the next target when this one could not be reached or said nothing at all (RFC 3263, Section 4.3), else passes the error on.
func (o *outgoing) Failed(t *transaction.Client, err error) {
	o.mu.Lock()
	over := slices.Contains(o.over, t) // its ACK was lost; the request is elsewhere by now
	heard := o.heard
	o.mu.Unlock()
	if over {
		return
	}
	if !heard {
		o.denied(err)
		if o.worth(t, err) && o.leave(t) {
			if err = o.next(err); err == nil {
				return
			}
		}
	}
	o.user.Failed(t, err)
}

// worth reports whether another target is worth a try after err. A BYE that was not answered in time is not sent again: by then
// nothing depends on it, and the call has to end.
func (o *outgoing) worth(t *transaction.Client, err error) bool {
	if !errors.Is(err, transaction.ErrTimeout) {
		return true
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	// The host that said nothing over TCP, where a large request goes first, says nothing over UDP.
	o.targets = slices.DeleteFunc(o.targets, func(n target) bool { return n.large && n.Addr == o.at.Addr })
	return t.Request().Method() != parser.MethodBye
}

// leave reports whether there is another target, and whoever waits agrees to it. Then nobody hears of t any more.
func (o *outgoing) leave(t *transaction.Client) bool {
	o.mu.Lock()
	ok := len(o.targets) > 0 && time.Since(o.begun) <= o.agent.failover()
	o.mu.Unlock()
	if !ok {
		return false
	}
	if r, is := o.user.(retrier); is && !r.retry() {
		return false
	}
	o.mu.Lock()
	o.over = append(o.over, t)
	o.mu.Unlock()
	return true
}

// denied remembers that the target of this try does not work, unless it is we who do not.
func (o *outgoing) denied(err error) {
	for _, ours := range [...]error{transport.ErrClosed, transport.ErrLimit, transport.ErrNoSocket} {
		if errors.Is(err, ours) {
			return
		}
	}
	if t, ok := o.target(); ok {
		o.agent.denials.Failed(t, time.Now())
	}
}

// busy remembers for how long the target of this try wants no other request: one that does not say means this one alone
// (RFC 3261, Section 21.5.4).
func (o *outgoing) busy(m *parser.Message) {
	after, err := m.RetryAfter()
	if t, ok := o.target(); ok && err == nil {
		o.agent.denials.Busy(t, time.Now(), time.Duration(after.Seconds)*time.Second)
	}
}

// worked remembers that the target of this try works.
func (o *outgoing) worked() {
	if t, ok := o.target(); ok {
		o.agent.denials.Worked(t)
	}
}

// target returns the target of this try; false for a flow, beside which there is no other.
func (o *outgoing) target() (transport.Target, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.at, o.at.Protocol != 0 && o.at.Flow == (transport.Flow{})
}
