package ua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Snapshot returns the call's signalling state as bytes, with which another process can go on: see Agent.Restore. It can be taken at any time while
// the call is established, else ErrState, and is worth taking again when the peer moved: after each re-INVITE or UPDATE. Who can read it can
// end the call: keep it as you keep keys. A change of the session that is on its way is not part of it.
func (c *Call) Snapshot() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dialog == nil || c.told {
		return nil, ErrState
	}
	s, err := dialog.NewSnapshot(c.dialog, c.session)
	if err != nil {
		return nil, ErrState
	}
	s.User, s.SIPS, s.Update, s.Timer = c.me.user, c.me.secure, c.peer.update, c.refresher
	m := c.mediaOf(c.dialog)
	s.Local, s.Remote = described(m.local), described(m.remote)
	b, err := s.AppendTo(nil)
	if err != nil {
		return nil, fmt.Errorf("sip: snapshot: %w", err)
	}
	return b, nil
}

// Restore goes on with a call of another process, which must not use it any more. It asks the peer whether it is still there, by UPDATE, which also
// tells it our address, where the peer allows that, else by OPTIONS (then our address has to be the first process' own), and blocks until the peer
// answered. The call is over, and Restore returns why, when the peer knows nothing of it (481), cannot be reached or says nothing; when ctx ends
// first, the call is hung up. opts may be nil; only OnState, OnOffer and Contact of it mean something here.
//
// CSeq numbers go on 65536 higher, because the first process may have used some after the snapshot. What hangs on a connection of the first process
// is lost with that: a peer that can only be reached on its own connection (RFC 7118) is not found again. Errors besides those of a call
// are dialog.ErrSnapshot for bytes that are no snapshot, ErrExists when the agent has that call already, ErrTooMany and ErrClosed.
func (a *Agent) Restore(ctx context.Context, snapshot []byte, opts *CallOptions) (*Call, error) {
	s, err := dialog.ReadSnapshot(snapshot)
	if err != nil {
		return nil, fmt.Errorf("sip: restore: %w", err)
	}
	c := newCall(a, s.Dialog.Role())
	if opts != nil {
		own := *opts
		c.opts = &own
	}
	if err := a.addCall(c); err != nil {
		return nil, err
	}
	s.Dialog.Jump()
	c.mu.Lock()
	if err := c.resume(s); err != nil {
		c.remove()
		c.unlock()
		return nil, err
	}
	c.unlock()
	if err := c.probe(ctx, s.Update); err != nil {
		return nil, err
	}
	return c, nil
}

// resume makes c the call that s was taken of. The caller holds c.mu.
func (c *Call) resume(s *dialog.Snapshot) error {
	d := s.Dialog
	if !c.agent.reserve(d.ID(), c) {
		return ErrExists
	}
	now := time.Now()
	c.id, c.dialog, c.dialogs = d.ID().CallID, d, []dialog.ID{d.ID()}
	c.me, c.peer = me{user: s.User, secure: s.SIPS, gruu: c.agent.globally(d.LocalURI())}, peer{update: s.Update}
	c.session = dialog.ResumeSession(c.role, c.agent.timing, s.Ends, now)
	c.state = c.session.State()
	c.asks(d)
	c.refresher = s.Timer.Resume(c.agent.cfg.timed())
	if c.role == dialog.Caller {
		c.cal.legs = []*leg{{dialog: d}}
		c.cal.won = true
	}
	m := c.mediaOf(d)
	m.agreed(Body(s.Local), Body(s.Remote))
	if c.body = m.remote; !m.local.IsZero() && !m.remote.IsZero() { // a session stands, whoever offered it
		m.x.Step(dialog.Local, dialog.CarryInvite, true)
		m.x.Step(dialog.Remote, dialog.CarrySuccess, true)
	}
	c.arm(now)
	return nil
}

// described returns b as a snapshot has it: without octets it is none.
func described(b Body) dialog.Description {
	if len(b.Data) == 0 {
		return dialog.Description{}
	}
	return dialog.Description(b)
}

// reserve is addDialog for a dialog that may be there already: false.
func (a *Agent) reserve(id dialog.ID, c *Call) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.dialogs[id] != nil {
		return false
	}
	a.dialogs[id] = c
	return true
}

// probe asks the peer of a restored call whether it is still there, and ends the call when it is not.
func (c *Call) probe(ctx context.Context, update bool) error {
	var err error
	if update {
		_, err = c.Update(ctx, Body{}) // which refreshes the session as well
	} else {
		_, err = c.Options(ctx)
	}
	var refused *ResponseError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		c.hangup()
		return ctx.Err()
	case errors.As(err, &refused) && dialog.ScopeOf(parser.MethodInfo, refused.Status) == dialog.ScopeTransaction:
		return nil // it knows the call, or it would have said so
	}
	c.mu.Lock()
	c.because(err, refused != nil)
	c.step(dialog.Event{Kind: dialog.EventDead})
	c.unlock()
	if why := c.Err(); why != nil {
		return why
	}
	return err
}
