package ua

import (
	"fmt"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Dialog returns the identifier of the call's dialog with the tags as those who made them spelled them, for CallOptions.Replaces and what else names it to
// others; see ID for what else it is.
func (c *Call) Dialog() dialog.ID {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dialog != nil {
		return c.dialog.Spelled()
	}
	return dialog.ID{CallID: c.id, LocalTag: c.cal.first.tag}
}

// checkTakeover refuses options that contradict each other, or name nothing that can be written.
func (o *CallOptions) checkTakeover() error {
	none := dialog.ID{}
	if o.Replaces != none && o.Join != none {
		return fmt.Errorf("sip: Replaces and Join contradict each other (RFC 3911, Section 4)")
	}
	if o.ReferredBy != "" {
		if _, err := parser.ParseURI([]byte(o.ReferredBy)); err != nil {
			return fmt.Errorf("sip: ReferredBy %q: %w", o.ReferredBy, err)
		}
	}
	return nil
}

// writeTakeover writes what the INVITE wants of the calls of its receiver, whose tags are the other way round.
func (o *CallOptions) writeTakeover(b *parser.Builder) error {
	none := dialog.ID{}
	if id := o.Replaces; id != none {
		b.Header(parser.HeaderRequire, optionReplaces) // else who does not know it would take just another call
		b.HeaderBytes(parser.HeaderReplaces, parser.Replaces{CallID: []byte(id.CallID), ToTag: tagOrZero(id.RemoteTag),
			FromTag: tagOrZero(id.LocalTag), EarlyOnly: o.EarlyOnly}.AppendTo(nil))
	}
	if id := o.Join; id != none {
		b.Header(parser.HeaderRequire, optionJoin)
		b.HeaderBytes(parser.HeaderJoin, parser.Join{CallID: []byte(id.CallID), ToTag: tagOrZero(id.RemoteTag),
			FromTag: tagOrZero(id.LocalTag)}.AppendTo(nil))
	}
	if id := o.TargetDialog; id != none {
		b.HeaderBytes(parser.HeaderTargetDialog, parser.TargetDialog{CallID: []byte(id.CallID), LocalTag: tagOrZero(id.RemoteTag),
			RemoteTag: tagOrZero(id.LocalTag)}.AppendTo(nil))
	}
	if o.ReferredBy != "" {
		uri, err := parser.ParseURI([]byte(o.ReferredBy))
		if err != nil {
			return err
		}
		b.Address(parser.HeaderReferredBy, "", uri, "")
	}
	return nil
}

// tagOrZero returns the tag as it stands in a field that names a dialog: 0 for none (RFC 3891, Section 6.1).
func tagOrZero(tag string) []byte {
	if tag == "" {
		return []byte("0")
	}
	return []byte(tag)
}
