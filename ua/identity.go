package ua

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// Identity is who a request outside a dialog comes from, beside its From (RFC 3323, RFC 3325). The zero Identity says nothing more.
type Identity struct {
	// Anonymous hides the caller: From is "Anonymous" <sip:anonymous@anonymous.invalid>, whatever From and Config.From say, Contact has no user of
	// theirs, and "Privacy: id" asks the network to keep to itself who it knows the caller to be (RFC 3323, Section 4.1.1.3; RFC 3325, Section 9.3).
	// Addresses in Via, Contact and bodies stay as they are: who wants those hidden, too, calls by way of a privacy service.
	Anonymous bool
	// Asserted is P-Asserted-Identity: who the caller is, as this agent vouches. Preferred is P-Preferred-Identity: which of its identities the caller
	// wants the proxy to vouch for. Each is a SIP, SIPS or tel URI, or one of both kinds, with or without a display name (RFC 3325, Section
	// 9.1): "Alice" <sip:alice@example.com>. They are for hosts in Config.TrustDomain alone: to any other one the request is not sent.
	Asserted, Preferred []string
}

const anonymous = `"Anonymous" <sip:anonymous@anonymous.invalid>`

// identity is an Identity that was read.
type identity struct {
	agent               *Agent
	anonymous           bool
	asserted, preferred []parser.NameAddr
}

// identify lets f come from who; what RFC 3325 does not allow is refused.
func (f *first) identify(a *Agent, who Identity) (err error) {
	f.identity = identity{agent: a, anonymous: who.Anonymous}
	if f.identity.asserted, err = readParties(who.Asserted); err != nil {
		return fmt.Errorf("sip: P-Asserted-Identity: %w", err)
	}
	if f.identity.preferred, err = readParties(who.Preferred); err != nil {
		return fmt.Errorf("sip: P-Preferred-Identity: %w", err)
	}
	if who.Anonymous {
		return f.setFrom(anonymous)
	}
	return nil
}

// parseParty reads a URI, or one in angle brackets behind a display name.
func parseParty(s string) (display string, uri parser.URI, err error) {
	if !strings.Contains(s, "<") {
		uri, err = parser.ParseURI([]byte(s)) // what follows a semicolon is the URI's
		return "", uri, err
	}
	a, err := parser.ParseNameAddr([]byte(s))
	if err != nil {
		return "", uri, err
	}
	return partyOf(a).Display, a.URI(), nil
}

func readParties(values []string) ([]parser.NameAddr, error) {
	var all []parser.NameAddr
	for _, v := range values {
		a, err := parser.ParseNameAddr([]byte(v))
		if err != nil {
			return nil, fmt.Errorf("%q: %w", v, err)
		}
		all = append(all, a)
	}
	if len(all) > 0 && !isIdentity(all) {
		return nil, fmt.Errorf("%q: want one SIP, SIPS or tel URI, or a tel URI and one of the others", values)
	}
	return all, nil
}

// isIdentity reports whether all is what stands in P-Asserted-Identity: one value, or two of which one is a number (RFC 3325, Section 9.1).
func isIdentity(all []parser.NameAddr) bool {
	numbers := 0
	for _, a := range all {
		switch tel := parser.EqualFold(a.URI().Scheme(), "tel"); {
		case tel:
			numbers++
		case !a.URI().IsSIP():
			return false
		}
	}
	return len(all) == 1 || len(all) == 2 && numbers == 1
}

// write writes what goes to h. An identity is told to nobody who is not trusted with it (RFC 3325, Sections 7 and 9.2).
func (i *identity) write(b *parser.Builder, h *transport.Hop) error {
	if len(i.asserted)+len(i.preferred) > 0 && !i.agent.trusts(h.Source().Addr()) {
		return fmt.Errorf("%v is not in Config.TrustDomain, which an identity is for", h.Source().Addr())
	}
	if i.anonymous {
		b.Header(parser.HeaderPrivacy, "id")
	}
	for _, v := range i.asserted {
		b.HeaderBytes(parser.HeaderPAssertedIdentity, v.AppendTo(nil))
	}
	for _, v := range i.preferred {
		b.HeaderBytes(parser.HeaderPPreferredIdentity, v.AppendTo(nil))
	}
	return nil
}

// trusts reports whether Config.TrustDomain lists addr.
func (a *Agent) trusts(addr netip.Addr) bool {
	addr = addr.Unmap()
	for _, p := range a.cfg.TrustDomain {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// Party is somebody: a display name, in plain text, and a URI.
type Party struct{ Display, URI string }

func partyOf(a parser.NameAddr) Party {
	return Party{string(bytes.ToValidUTF8(parser.Unquote(nil, a.Display()), []byte("\ufffd"))), string(a.URI().Raw())}
}

// asserted returns the P-Asserted-Identity of m, which came on h, nil when nobody vouches for it whom we trust.
func (a *Agent) asserted(h *transport.Hop, m *parser.Message) []Party {
	if h == nil || !m.Has(parser.HeaderPAssertedIdentity) || !a.trusts(h.Source().Addr()) {
		return nil
	}
	var all []parser.NameAddr
	for v, err := range m.Addresses(parser.HeaderPAssertedIdentity) {
		if err != nil {
			return nil
		}
		all = append(all, v)
	}
	if !isIdentity(all) {
		return nil
	}
	var parties []Party
	for _, v := range all {
		parties = append(parties, partyOf(v))
	}
	return parties
}

// Asserted returns who the sender is, as its proxy vouches for in P-Asserted-Identity (RFC 3325): nil when the request came from an address that is not in
// Config.TrustDomain, or says nothing or nonsense about it. In Message the field stands in any case, whoever wrote it. Where "Privacy: id" stands
// beside it, it is for nobody outside.
func (r *Request) Asserted() []Party {
	h, _ := r.tx.Conn().(*transport.Hop)
	return r.agent.asserted(h, r.Message())
}

// Asserted returns who the peer is, as its proxy vouches for in the INVITE, or in the 2xx to ours: see Request.Asserted. It is known as long as the call.
func (c *Call) Asserted() []Party {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.peer.asserted
}

// Peer returns who the peer says it is: From of its INVITE; for a caller whom it asked for. Nobody has to tell the truth there: see Asserted.
func (c *Call) Peer() Party {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.dialog == nil { // of a caller without an answer
		return Party{URI: string(c.cal.first.remote.Raw())}
	}
	return Party{c.peer.display, string(c.dialog.RemoteURI().Raw())}
}
