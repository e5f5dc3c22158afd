package transport

import (
	"fmt"
	"maps"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// advertised is one entry of Config.Advertise.
type advertised struct {
	protocol Protocol   // 0: any
	addr     netip.Addr // zero: the host is a name
	text     string     // host[:port]
}

// parseAdvertised parses "[proto:]host[:port]".
func parseAdvertised(entry string) (advertised, parser.Via, error) {
	a := advertised{text: entry}
	wrong := func(err error) (advertised, parser.Via, error) {
		return a, parser.Via{}, fmt.Errorf("advertise %q: want [proto:]host[:port]: %w", entry, err)
	}
	// What stands before the first colon is a protocol when it is known as one, or when more colons follow.
	if first, rest, found := strings.Cut(entry, ":"); found && !strings.HasPrefix(entry, "[") {
		p, err := ParseProtocol(first)
		switch {
		case err == nil:
			a.protocol, a.text = p, rest
		case strings.Contains(rest, ":"):
			return wrong(err)
		}
	}
	// The parser judges what may stand in a Via; parameters may not stand here.
	via, err := parser.ParseVia([]byte("SIP/2.0/UDP " + a.text))
	if err != nil {
		return wrong(err)
	}
	if strings.ContainsAny(a.text, "; \t\r\n") {
		return wrong(errNotHostPort)
	}
	if addr, ok := parseHost(via.Host()); ok {
		if !unicast(addr) {
			return wrong(errNotUnicast)
		}
		a.addr = addr
	}
	return a, via, nil
}

// fits reports whether a may stand for p towards remote.
func (a advertised) fits(p Protocol, remote netip.Addr) bool {
	family := !a.addr.IsValid() || !remote.IsValid() || a.addr.Is4() == remote.Is4()
	return family && (a.protocol == 0 || a.protocol == p)
}

// advertise returns what Config.Advertise says for p towards remote, "" when nothing.
func (l *Layer) advertise(p Protocol, remote netip.Addr) string {
	for _, a := range l.advertised {
		if a.fits(p, remote) {
			return a.text
		}
	}
	return ""
}

// sentByText returns a as host[:port] for a Via and Contact, without port when a has none.
func sentByText(a netip.AddrPort) string {
	dst := appendHost(make([]byte, 0, maxAddr+len("[]:65535")), a.Addr())
	if a.Port() != 0 {
		dst = append(dst, ':')
		dst = strconv.AppendUint(dst, uint64(a.Port()), 10)
	}
	return string(dst)
}

// maxClaims bounds the table of our own sent-bys: the addresses of one host with the ports of its listeners.
const maxClaims = 1024

// claim remembers host and port (0: the default) as a sent-by that we put into requests, so that responses which name it
// are let in.
func (l *Layer) claim(host []byte, port int) {
	var scratch [128]byte
	text := appendClaim(scratch[:0], host, port)
	if claims := l.claims.Load(); claims != nil && ((*claims)[string(text)] || len(*claims) >= maxClaims) {
		return
	}
	key := string(text)
	l.mu.Lock()
	defer l.mu.Unlock()
	// Readers look at the map without a lock, so it is replaced, never written.
	claims := map[string]bool{key: true}
	if old := l.claims.Load(); old != nil {
		maps.Copy(claims, *old)
	}
	l.claims.Store(&claims)
}

// claimAddr is claim for an address.
func (l *Layer) claimAddr(a netip.AddrPort) {
	var scratch [maxAddr + 2]byte
	l.claim(appendHost(scratch[:0], a.Addr()), int(a.Port()))
}

// appendClaim appends the key of a sent-by: the host in lower case, and always a port.
func appendClaim(dst, host []byte, port int) []byte {
	for _, c := range host {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		dst = append(dst, c)
	}
	if port == 0 {
		port = defaultPort
	}
	dst = append(dst, ':')
	return strconv.AppendInt(dst, int64(port), 10)
}

// ours reports whether via's sent-by is one that we put into requests, or local, the own address of the connection on
// which the response came (RFC 3261, Section 18.1.2). Does not allocate when it is spelled as we spell it.
func (l *Layer) ours(via parser.Via, local netip.AddrPort) bool {
	claims := l.claims.Load()
	var scratch [128]byte
	key := appendClaim(scratch[:0], via.Host(), via.Port())
	if claims != nil && (*claims)[string(key)] {
		return true
	}
	addr, ok := parseHost(via.Host())
	if !ok {
		return false
	}
	// IPv6 has many spellings, and a peer may have written its own.
	if addr == local.Addr() && via.Port() == int(local.Port()) {
		return true
	}
	var host [maxAddr + 2]byte
	key = appendClaim(scratch[:0], appendHost(host[:0], addr), via.Port())
	return claims != nil && (*claims)[string(key)]
}
