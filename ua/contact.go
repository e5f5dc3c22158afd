package ua

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

var errContact = errors.New("want a SIP or SIPS URI without headers and method, and parameters of one line")

// check refuses what could not stand in Contact.
func (c Contact) check() error {
	uri := c.URI
	if uri == "" {
		uri = "sip:a" + escapedUser(c.User) + "@localhost"
	}
	a, err := parser.ParseNameAddr([]byte("<" + uri + ">" + c.params()))
	if err == nil {
		u := a.URI()
		_, method := u.Param("method")
		if !u.IsSIP() || method || len(u.Headers()) > 0 || strings.ContainsAny(c.Params, "\r\n") {
			err = errContact
		}
	}
	if err != nil {
		return fmt.Errorf("sip: contact <%s>%s: %w", uri, c.params(), err)
	}
	return nil
}

// params returns Params as they follow the address.
func (c Contact) params() string {
	if c.Params == "" {
		return ""
	}
	return ";" + c.Params
}

// escapedUser returns user as it stands in a URI.
func escapedUser(user string) string { return string(parser.AppendUser(nil, []byte(user))) }

// contact writes the Contact of a message that makes a dialog or refreshes its target: the same each time, unless the way is
// another (RFC 3261, Section 12.2.1.1).
func (c *Call) contact(b *parser.Builder, h *transport.Hop) {
	own, p := c.agent.cfg.Contact, c.me
	if c.opts.Contact != (Contact{}) || c.cal.first.identity.anonymous { // whom Config would give away
		own = c.opts.Contact
	}
	if own.User != "" {
		p.user = escapedUser(own.User)
	}
	switch secure := strings.HasPrefix(strings.ToLower(own.URI), "sips:"); {
	case own.URI != "" && (secure || !p.secure): // a call to a SIPS URI names no other (RFC 3261, Section 8.1.1.8)
		b.Header(parser.HeaderContact, "<"+own.URI+">"+own.params())
	case p.gruu != "" && own.User == "":
		b.Header(parser.HeaderContact, "<"+p.gruu+">"+own.params())
	default:
		s := contact(p.user, h, c.agent.mapped.at(h), p.secure)
		if p.ob {
			s = strings.TrimSuffix(s, ">") + ";ob>"
		}
		b.Header(parser.HeaderContact, s+own.params())
	}
}

// maxMapped bounds what is remembered of addresses that NATs gave us. What is forgotten is told again by the next response.
const maxMapped = 1024

// mapped is how peers see us that a NAT stands before, over UDP: the received and rport of their responses to our requests (RFC 3581, Section
// 4). Each peer is told its own view in the Contact of calls: that is where it can reach us, as long as something passes now and then, and no peer
// decides what others are told. Safe for concurrent use.
type mapped struct {
	mu    sync.Mutex // guards peers
	peers map[netip.AddrPort]string
}

// learn takes a response to a request of ours that went by h.
func (p *mapped) learn(h *transport.Hop, m *parser.Message) {
	if h == nil || h.Protocol() != transport.UDP {
		return
	}
	seen := ""
	if translated(m) {
		seen = seenAs(m)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	switch peer := h.Source(); {
	case p.peers[peer] == seen:
	case seen == "":
		delete(p.peers, peer)
	default:
		if p.peers == nil {
			p.peers = make(map[netip.AddrPort]string)
		}
		for other := range p.peers {
			if len(p.peers) < maxMapped {
				break
			}
			delete(p.peers, other)
		}
		p.peers[peer] = seen
	}
}

// at returns host and port at which the peer of h reaches us.
func (p *mapped) at(h *transport.Hop) string {
	if h.Protocol() == transport.UDP {
		p.mu.Lock()
		seen := p.peers[h.Source()]
		p.mu.Unlock()
		if seen != "" {
			return seen
		}
	}
	return h.SentBy()
}

// seenAs returns the address that the request came from which m answers, "" when m does not say.
func seenAs(m *parser.Message) string {
	via, err := m.Via()
	if err != nil {
		return ""
	}
	host, literal := transport.Literal(via.Host())
	if v, ok := via.Param("received"); ok {
		if host, err = netip.ParseAddr(strings.Trim(string(v), "[]")); err != nil {
			return ""
		}
		host, literal = host.Unmap().WithZone(""), true
	}
	port, _ := via.RPort()
	if port == 0 {
		port = via.Port()
	}
	switch {
	case !literal:
		return ""
	case port == 0 && host.Is6():
		return "[" + host.String() + "]"
	case port == 0:
		return host.String()
	}
	return netip.AddrPortFrom(host, uint16(port)).String()
}
