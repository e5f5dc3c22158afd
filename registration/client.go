package registration

import "time"

// Client is one registration of a user agent client: a pure machine. A Client that is not Ended always has a deadline: see [Client.Next]
// and [Deadlines]. Use [NewClient]. Not safe for concurrent use.
type Client struct {
	timing   Timing
	state    State
	interval time.Duration // what to ask for
	deadline time.Time     // when the REGISTER that is under way is given up; zero: none is
	next     time.Time     // when the next REGISTER is due; zero: one is under way
	expires  time.Time     // of the binding; zero: there is none

	since     time.Time // when the binding was made on this flow; zero: it is not
	failures  int       // REGISTERs in a row
	recovered bool      // after a flow failed there was one without a long wait
	brief     int       // 423 in a row
	moved     int       // 3xx in a row
}

// NewClient returns the Client of a REGISTER that was sent just now and asks for interval. It starts in [Trying]; one that persists starts in
// [Registering], and goes on when the first REGISTER fails.
func NewClient(t Timing, interval time.Duration, persist bool, now time.Time) *Client {
	c := &Client{timing: t.withDefaults(), interval: interval}
	if persist {
		c.state = Registering
	}
	c.deadline = now.Add(c.timing.Request)
	return c
}

// State returns the present state.
func (c *Client) State() State { return c.state }

// Interval returns the expiration interval to ask for: that of NewClient, or what a registrar wanted at least (RFC 3261, Section 10.2.8).
func (c *Client) Interval() time.Duration { return c.interval }

// Expires returns when the binding expires, the zero Time when there is none.
func (c *Client) Expires() time.Time { return c.expires }

// Next returns the time at which Step wants an EventTimer, the zero time when c is Ended. It may change with each Step.
func (c *Client) Next() time.Time { return earlier(earlier(c.deadline, c.next), c.expires) }

// earlier returns the earlier of two times, of which the zero Time is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Step tells c what happened and appends what is to be done to dst. An EventTimer that comes early does nothing.
func (c *Client) Step(dst []Action, e Event, now time.Time) []Action {
	if e.Kind == EventTimer {
		switch {
		case due(c.deadline, now):
			e.Kind = eventDeadline
		case due(c.expires, now):
			e.Kind = eventLapse
		case due(c.next, now):
			e.Kind = eventRefresh
		default:
			return dst
		}
	}
	c.limit(&e)
	next, todo := step(c.state, e.Kind)
	c.arm(next, todo, e, now)
	for _, a := range todo {
		if a == actionNone {
			break
		}
		dst = append(dst, a)
	}
	return dst
}

// due reports whether the moment at, if it is set, has come.
func due(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// limit makes a failure of an answer that would have another REGISTER sent at once, for ever.
func (c *Client) limit(e *Event) {
	if e.Kind == EventTooBrief {
		if c.brief++; c.brief > maxBrief || e.Min <= c.interval {
			e.Kind = EventFailure
		} else if c.state < UnregisterPending {
			// "A UA that receives a 423 response MAY retry the registration after making the expiration interval of all contact
			// addresses in the REGISTER request equal to or greater than the expiration interval within the Min-Expires header field" (RFC 3261, Section 10.2.8).
			c.interval = e.Min
		}
	}
	if e.Kind == EventMoved {
		if c.moved++; c.moved > maxMoved {
			e.Kind = EventFailure
		}
	}
	if e.Kind != EventTooBrief && e.Kind != EventMoved && e.Kind <= EventTransportError {
		c.brief, c.moved = 0, 0
	}
}

// arm enters the state next and sets the times at which it is looked at again.
func (c *Client) arm(next State, todo actions, e Event, now time.Time) {
	prev := c.state
	c.state = next
	switch {
	case next == Ended:
		c.deadline, c.next, c.expires = time.Time{}, time.Time{}, time.Time{}
	case todo[0] == ActionRegister:
		c.deadline, c.next = now.Add(c.timing.Request), time.Time{}
	case todo[0] == ActionUnregister:
		c.deadline, c.next = now.Add(c.timing.Remove), time.Time{}
	case next == Registered && e.Kind == EventOK:
		c.bound(e, now)
	case next == Waiting && prev == Retrying: // the next REGISTER is due when it was
	case (next == Waiting || next == Retrying) && prev != next:
		c.deadline = time.Time{}
		c.next = now.Add(c.pause(e, now))
	}
	if !next.Bound() {
		c.expires = time.Time{}
	}
	if next == Waiting || next == Registering {
		c.since = time.Time{}
	}
}

// bound takes the 2xx that e tells of.
func (c *Client) bound(e Event, now time.Time) {
	if c.since.IsZero() {
		c.since = now
	}
	c.deadline = time.Time{}
	c.expires = now.Add(e.Granted)
	c.next = now.Add(c.timing.refresh(e.Granted, e.Chance))
}

// pause returns how long to wait after a failure. The flow that fails first is replaced almost at once: RFC 5626, Section 4.5, has a wait only when
// that did not help. One that fails again before it has proved itself counts as a REGISTER that failed.
func (c *Client) pause(e Event, now time.Time) time.Duration {
	if !c.since.IsZero() && now.Sub(c.since) >= c.timing.Proven {
		c.failures, c.recovered = 0, false
	}
	if e.Kind == EventFlowFailed && !c.recovered {
		c.recovered = true
		return part(c.timing.Recover, e.Chance)
	}
	c.failures++
	return c.timing.retry(c.failures, e)
}
