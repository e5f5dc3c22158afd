package ua

import (
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// inviteExpiry returns when the INVITE m, which came at now, lapses: its Expires says how long it may wait for a final
// response, and nothing about the call (RFC 3261, Section 13.2.1). The zero Time is never.
func inviteExpiry(m *parser.Message, now time.Time) time.Time {
	seconds, err := m.Expires()
	if err != nil {
		return time.Time{}
	}
	return now.Add(time.Duration(seconds) * time.Second)
}

// fieldsExpiry is inviteExpiry for an INVITE that will have these fields.
func fieldsExpiry(fields []Field, now time.Time) time.Time {
	for _, f := range fields {
		if parser.ParseHeader(f.Name) != parser.HeaderExpires {
			continue
		}
		if seconds, err := strconv.ParseUint(f.Value, 10, 32); err == nil {
			return now.Add(time.Duration(seconds) * time.Second)
		}
	}
	return time.Time{}
}

// expiry returns when the INVITE lapses, the zero Time when it does not or has its answer. The caller holds c.mu.
func (c *Call) expiry() time.Time {
	switch c.session.State() {
	case dialog.Calling, dialog.Proceeding, dialog.Incoming, dialog.Ringing:
		return c.expires
	}
	return time.Time{}
}

// lapse ends a call whose INVITE has lapsed: the caller sends CANCEL, the callee 487 (RFC 3261, Sections 13.2.1 and
// 13.3.1). The caller holds c.mu.
func (c *Call) lapse(now time.Time) {
	at := c.expiry()
	if at.IsZero() || now.Before(at) {
		return
	}
	c.lapsed = true
	c.because(ErrCanceled, c.role == dialog.Callee)
	c.step(dialog.Event{Kind: dialog.EventHangup})
}
