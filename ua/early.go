package ua

import (
	"context"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Early is one early dialog of a call that was placed: one of the phones that ring, or a machine that speaks before anybody answers. An INVITE that a
// proxy forks makes several, each with its own description of a session (RFC 3261, Section 13.2.2.1), and one of them at most wins. It is
// made by the agent and given to CallOptions.OnEarly. Its methods are safe for concurrent use.
type Early struct {
	call *Call
	id   dialog.ID
	done chan struct{}

	// The call's lock guards what follows.
	status       parser.Status
	body         Body
	acknowledged bool
	won, over    bool
}

// ID returns the dialog's identifier.
func (e *Early) ID() dialog.ID { return e.id }

// Status returns the status of its last provisional response.
func (e *Early) Status() parser.Status {
	e.call.mu.Lock()
	defer e.call.mu.Unlock()
	return e.status
}

// Body returns the session description that came first, a zero Body before: the answer to the INVITE's offer, or the offer of one who got none and
// whose reliable response carried it. Without a reliable response an answer is a preview (RFC 3261, Section 13.2.1).
func (e *Early) Body() Body {
	e.call.mu.Lock()
	defer e.call.mu.Unlock()
	return e.body
}

// Acknowledged reports whether a response was reliable, and so acknowledged by PRACK (RFC 3262).
func (e *Early) Acknowledged() bool {
	e.call.mu.Lock()
	defer e.call.mu.Unlock()
	return e.acknowledged
}

// Done is closed when the dialog is not early any more: it won, or another did, or it ended without an answer.
func (e *Early) Done() <-chan struct{} { return e.done }

// Won reports whether this phone answered the call first: its dialog is that of the Call.
func (e *Early) Won() bool {
	e.call.mu.Lock()
	defer e.call.mu.Unlock()
	return e.won
}

// Update is Call.Update in this dialog, before the call is answered: with an offer when a reliable response has completed the first exchange (RFC 3311, Section
// 5.1; RFC 3262), without one to tell this phone our address. ErrState when the dialog is not early any more and did not win.
func (e *Early) Update(ctx context.Context, offer Body) (answer Body, err error) {
	return e.call.change(ctx, dialog.OurUpdate, e, offer)
}

// changeable is Call.changeable for an UPDATE in e. The caller holds the call's lock.
func (e *Early) changeable() (*dialog.Dialog, bool) {
	c := e.call
	switch {
	case e.won:
		return c.changeable(dialog.OurUpdate)
	case e.over || c.removed:
		return nil, false
	}
	for _, l := range c.cal.legs {
		if l.early == e {
			return l.dialog, l.update
		}
	}
	return nil, false
}

// end ends e, once. The caller holds the call's lock.
func (e *Early) end(won bool) {
	if e == nil || e.over {
		return
	}
	e.over, e.won = true, won
	close(e.done)
}

// ring notes m, a provisional response in the dialog of l, and tells the application. The caller holds c.mu.
func (c *Call) ring(l *leg, m, own *parser.Message) {
	f := c.opts.OnEarly
	if f == nil || c.told || c.cal.won {
		return
	}
	if l.early == nil {
		l.early = &Early{call: c, id: l.dialog.ID(), done: make(chan struct{})}
	}
	e := l.early
	e.status, e.body = m.Status(), l.body
	if _, ok := c.reliableFrom(m); ok {
		e.acknowledged = true
	}
	c.tell(func() { f(e, own) })
}

// endEarly ends all early dialogs; winner is the one that was answered, if there is one. The caller holds c.mu.
func (c *Call) endEarly(winner *leg) {
	for _, l := range c.cal.legs {
		l.early.end(l == winner)
	}
}
