package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
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
