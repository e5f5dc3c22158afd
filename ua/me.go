package ua

import (
	"strings"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// me is the address at which the peer reaches us inside the call's dialogs: what stands in Contact, but for the way it is written for.
type me struct {
	user   string
	secure bool
	gruu   string // that stands for it wherever it is, if there is one (RFC 5627, Section 3.3)
	ob     bool   // what comes in the dialog is to come over the flow that made it (RFC 5626, Section 4.3)
}

// meOf returns the address that reached us with the INVITE m.
func (a *Agent) meOf(m *parser.Message) me {
	p := me{secure: dialog.SecureContact(m)}
	if to, err := m.To(); err == nil {
		p.gruu = a.globally(to.URI())
	}
	if uri, err := m.RequestURI(); err == nil {
		p.user = string(uri.User())
	}
	return p
}

// contact writes the Contact of a message that makes a dialog or refreshes its target: the same each time, unless the way is
// another (RFC 3261, Section 12.2.1.1).
func (p me) contact(b *parser.Builder, h *transport.Hop) {
	if p.gruu != "" {
		b.Header(parser.HeaderContact, "<"+p.gruu+">")
		return
	}
	s := contact(p.user, h, p.secure)
	if p.ob {
		s = strings.TrimSuffix(s, ">") + ";ob>"
	}
	b.Header(parser.HeaderContact, s)
}
