package transport

import (
	"net/netip"

	"github.com/ringback-sip/ringback/parser"
)

// maxAliases bounds how many names one connection may be found by: a certificate can hold thousands.
const maxAliases = 64

// reuse lets s be found as a connection to every domain that its peer proved to be, at addr: a request goes out on it when both the address
// and the domain that was resolved fit (RFC 5923, Sections 8.1 and 8.2). l.mu is held.
func (l *Layer) reuse(s *stream, addr netip.AddrPort) {
	if _, there := l.streams[s]; !there || s.peer.protocol != TLS {
		return
	}
	for _, name := range s.proved {
		p := peer{TLS, addr, name}
		if open := l.remotes[p]; len(s.aliases) >= maxAliases || open != nil && open.takes() {
			continue
		}
		l.remotes[p] = s
		s.aliases = append(s.aliases, p)
	}
}

// alias obeys the alias parameter of via, on top of a request that came on an accepted connection: whoever proved its domain by a certificate may
// have requests sent back on it, at the address that it advertises. From anybody else the parameter has no meaning and does no
// harm (RFC 5923, Section 8.2).
func (l *Layer) alias(f Flow, via parser.Via) {
	s := f.stream
	if s == nil || f.protocol != TLS || !s.source.IsValid() || len(s.proved) == 0 {
		return
	}
	if _, ok := via.Param("alias"); !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	// The host of sent-by is what the peer claims; the address that it has is `received`.
	l.reuse(s, netip.AddrPortFrom(f.remote.Addr(), viaPort(TLS, via)))
}
