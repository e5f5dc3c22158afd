package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// The option tags of RFC 3891, RFC 3911 and RFC 4538.
const (
	optionReplaces = "replaces"
	optionJoin     = "join"
	optionTDialog  = "tdialog"
)

// takeover is what an INVITE wants of the calls that there are. It is written before the call is known to others.
type takeover struct {
	replaces *Call
	joins    *Call
	target   *Call
	referrer string
}

// takeover reads what the INVITE m wants of the calls that there are. What the Config has no function for is ignored, as by who does not know the
// extension.
func (a *Agent) takeover(m *parser.Message) (*takeover, *refusal) {
	var t takeover
	replacing := a.cfg.OnReplaces != nil && m.Has(parser.HeaderReplaces)
	joining := a.cfg.OnJoin != nil && m.Has(parser.HeaderJoin)
	switch {
	case replacing && m.Has(parser.HeaderJoin), joining && m.Has(parser.HeaderReplaces):
		return nil, &refusal{status: parser.StatusBadRequest} // each contradicts the other (RFC 3891, Section 3)
	case replacing:
		r, err := m.Replaces()
		if err != nil {
			return nil, &refusal{status: parser.StatusBadRequest}
		}
		c, id := a.named(r.CallID, r.ToTag, r.FromTag)
		if status := c.replaceable(id, r.EarlyOnly); status != 0 {
			return nil, &refusal{status: status}
		}
		t.replaces = c
	case joining:
		j, err := m.Join()
		if err != nil {
			return nil, &refusal{status: parser.StatusBadRequest}
		}
		c, id := a.named(j.CallID, j.ToTag, j.FromTag)
		if status := c.joinable(id); status != 0 {
			return nil, &refusal{status: status}
		}
		t.joins = c
	}
	if d, err := m.TargetDialog(); err == nil { // a malformed one is ignored (RFC 4538, Section 4)
		t.target, _ = a.named(d.CallID, d.LocalTag, d.RemoteTag)
	}
	if by, err := m.Address(parser.HeaderReferredBy); err == nil {
		t.referrer = string(by.URI().Raw())
	}
	if t == (takeover{}) {
		return nil, nil
	}
	own := t // the usual INVITE costs none
	return &own, nil
}

// misplaced refuses a request that only an INVITE may be (RFC 3891, Section 3; RFC 3911, Section 4).
func (a *Agent) misplaced(m *parser.Message) *refusal {
	if m.Method() == parser.MethodInvite {
		return nil
	}
	if a.cfg.OnReplaces != nil && m.Has(parser.HeaderReplaces) || a.cfg.OnJoin != nil && m.Has(parser.HeaderJoin) {
		return &refusal{status: parser.StatusBadRequest}
	}
	return nil
}

// named returns the call that has the dialog with these tags, nil when there is none. A tag of 0 stands for none as well (RFC 3891, Section 3); what then
// names two dialogs names none.
func (a *Agent) named(callID, localTag, remoteTag []byte) (c *Call, id dialog.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, local := range spellings(localTag) {
		for _, remote := range spellings(remoteTag) {
			this := dialog.MakeID(callID, local, remote)
			switch other := a.dialogs[this]; {
			case other == nil:
			case c != nil:
				return nil, dialog.ID{}
			default:
				c, id = other, this
			}
		}
	}
	return c, id
}

func spellings(tag []byte) [][]byte {
	if string(tag) == "0" {
		return [][]byte{tag, nil}
	}
	return [][]byte{tag}
}

// replaceable returns the status with which an INVITE is refused that wants to replace c, in its dialog id, 0 when it may be asked whether it may
// (RFC 3891, Section 3). A nil Call is none.
func (c *Call) replaceable(id dialog.ID, earlyOnly bool) parser.Status {
	if c == nil {
		return parser.StatusDoesNotExist
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch s := c.session.State(); {
	case c.over(id):
		return parser.StatusDecline
	case s == dialog.Incoming, s == dialog.Ringing:
		return parser.StatusDoesNotExist // an early dialog that is not of our making
	case s == dialog.Calling, s == dialog.Proceeding:
		return 0
	case earlyOnly:
		return parser.StatusBusyHere
	}
	return 0
}

// joinable returns the status with which an INVITE is refused that wants to join c in its dialog id, 0 when it may be asked whether it may (RFC
// 3911, Section 4).
func (c *Call) joinable(id dialog.ID) parser.Status {
	if c == nil {
		return parser.StatusDoesNotExist
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over(id) {
		return parser.StatusDecline
	}
	return 0
}

// over reports whether the call is ending, or the dialog id is one that another won over. The caller holds c.mu.
func (c *Call) over(id dialog.ID) bool {
	switch c.session.State() {
	case dialog.CancelPending, dialog.Canceling, dialog.AnsweredHangup, dialog.Ending, dialog.Terminated:
		return true
	}
	return c.told || c.dialog != nil && c.dialog.ID() != id
}

// admitted asks the application whether the call may take another one over, and reports whether it goes on.
func (c *Call) admitted() bool {
	t := c.takes
	ok := true
	switch {
	case t == nil:
	case t.replaces != nil:
		ok = c.agent.cfg.OnReplaces(c, t.replaces)
	case t.joins != nil:
		ok = c.agent.cfg.OnJoin(c, t.joins)
	}
	if !ok {
		c.Reject(parser.StatusForbidden) // refused when the application said something else
	}
	return ok
}

// replace ends the call that c, which has just been answered, replaces: by BYE, or by CANCEL when nobody has answered it yet (RFC 3891, Section 3). The caller
// holds c.mu.
func (c *Call) replace() {
	if c.takes == nil || c.takes.replaces == nil {
		return
	}
	old := c.takes.replaces
	c.out.Put(func() {
		old.mu.Lock()
		old.because(ErrReplaced, false)
		old.step(dialog.Event{Kind: dialog.EventHangup})
		old.unlock()
	})
}

// Replaces returns the call that this one, which came in, takes the place of: Config.OnReplaces allowed it, and Answer ends it (RFC 3891). Nil: none.
func (c *Call) Replaces() *Call {
	if c.takes == nil {
		return nil
	}
	return c.takes.replaces
}

// Joins returns the call that this one, which came in, wants to join: Config.OnJoin allowed it, and the application mixes (RFC 3911). Nil: none.
func (c *Call) Joins() *Call {
	if c.takes == nil {
		return nil
	}
	return c.takes.joins
}

// TargetDialog returns the call whose dialog the INVITE of this one named, which proves that its sender knows it (RFC 4538). Nil: none.
func (c *Call) TargetDialog() *Call {
	if c.takes == nil {
		return nil
	}
	return c.takes.target
}

// ReferredBy returns the URI of who sent the caller here (RFC 3892), "" when nobody did. It is what the caller says, and proves nothing.
func (c *Call) ReferredBy() string {
	if c.takes == nil {
		return ""
	}
	return c.takes.referrer
}
