package ua

import (
	"context"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// Of the Info packages that a peer names no more than these are remembered, and none with a longer name.
const (
	maxPackages    = 32
	maxPackageName = 64
)

// packages are the Info packages that a call's peer takes (RFC 6086, Section 5.2.2). The call's lock guards it.
type packages struct{ names []string }

// read takes the set that m, an INVITE or a response to one, tells; one that tells none leaves it alone.
func (p *packages) read(m *parser.Message) {
	if !m.Has(parser.HeaderRecvInfo) {
		return
	}
	p.names = nil
	for item, err := range m.Items(parser.HeaderRecvInfo) {
		if err != nil || len(item.Text()) > maxPackageName {
			continue
		}
		if p.names = append(p.names, string(item.Text())); len(p.names) == maxPackages {
			return
		}
	}
}

// has reports whether the peer takes INFO of the package name.
func (p *packages) has(name string) bool {
	return slices.ContainsFunc(p.names, func(own string) bool { return strings.EqualFold(own, name) })
}

// Info sends an INFO inside the call's dialog, with header fields of the application: of the package pkg, which may have parameters ("foo;bar=1"), or, with an
// empty pkg, of none, as DTMF goes in an application/dtmf-relay body (RFC 6086, Sections 2 and 4.2.1). It returns the final response as Options does.
// ErrInfoPackage: the peer did not say that it takes this package.
func (c *Call) Info(ctx context.Context, pkg string, body Body, header ...Field) (*parser.Message, error) {
	if err := checkFields(header, parser.HeaderVia, parser.HeaderContact); err != nil {
		return nil, err
	}
	if pkg != "" {
		name, _, _ := strings.Cut(pkg, ";")
		c.mu.Lock()
		taken := c.packages.has(strings.TrimSpace(name))
		c.mu.Unlock()
		if !taken {
			return nil, ErrInfoPackage
		}
	}
	return c.ask(ctx, within{method: parser.MethodInfo, body: body, fields: func(b *parser.Builder, _ *transport.Hop) {
		if pkg != "" {
			b.Header(parser.HeaderInfoPackage, pkg)
			if !body.IsZero() {
				b.Header(parser.HeaderContentDisposition, "Info-Package") // RFC 6086, Section 4.3.1
			}
		}
		writeFields(b, header)
	}})
}

// InfoPackage returns the name of the Info package that an INFO is of, "" when it is of none (RFC 6086, Section 7.2). Its parameters stand in
// Message.
func (r *Request) InfoPackage() string {
	item, err := r.Message().Item(parser.HeaderInfoPackage)
	if err != nil {
		return ""
	}
	return string(item.Text())
}

// willing writes the packages that we take, also none, into an answer to m, which told some (RFC 6086, Section 5.2.3).
func (a *Agent) willing(b *parser.Builder, m *parser.Message) {
	if m.Has(parser.HeaderRecvInfo) {
		b.Header(parser.HeaderRecvInfo, a.recvInfo)
	}
}

// informed takes an INFO in the call's dialog (RFC 6086, Section 4.2.2).
func (c *Call) informed(t *transaction.Server, m *parser.Message) {
	a := c.agent
	if m.Has(parser.HeaderInfoPackage) {
		item, err := m.Item(parser.HeaderInfoPackage)
		if err != nil {
			a.respond(t, m, parser.StatusBadRequest, "", nil)
			return
		}
		if !slices.ContainsFunc(a.cfg.RecvInfo, func(own string) bool { return parser.EqualFold(item.Text(), own) }) {
			a.respond(t, m, parser.StatusBadInfoPackage, "", func(b *parser.Builder) {
				b.Header(parser.HeaderRecvInfo, a.recvInfo)
			})
			return
		}
	}
	if f := a.checkBody(m); f != nil {
		f.send(a, t, m)
		return
	}
	c.hand(t, m)
}
