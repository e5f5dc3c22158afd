package main

import (
	"bytes"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// realm decides whom a server answers for: which user, and which domains are its own (RFC 3261, Section 16.4 speaks
// of the domains that an element is responsible for).
type realm struct {
	echo  string           // the user who answers, "*" for everybody everywhere
	names map[string]bool  // domains and host names, in lower case; any port
	name  string           // that passwords are for, and that all own domains have as one
	fixed []netip.AddrPort // addresses that the flags name; port 0 stands for any

	addrs atomic.Pointer[[]netip.AddrPort] // fixed, and the bound ones
}

// newRealm makes a realm of the flags. Until bound is called the addresses are those that the flags name, which
// are all that a peer can know of by then.
func newRealm(echo string, domains, listen, advertise []string) (*realm, error) {
	r := &realm{echo: echo, names: make(map[string]bool)}
	for _, d := range domains {
		u, err := place(d)
		if err != nil || u.Port() != 0 {
			return nil, fmt.Errorf("-domain %q: want a domain such as example.com, without user, port or scheme", d)
		}
		r.add(u)
	}
	for _, l := range listen {
		proto, addr, _ := strings.Cut(l, ":")
		if _, err := transport.ParseProtocol(proto); err != nil {
			return nil, fmt.Errorf("-listen %q: %v; want PROTO:HOST:PORT such as udp:127.0.0.1:5060", l, err)
		}
		host, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, fmt.Errorf("-listen %q: want PROTO:HOST:PORT such as udp:127.0.0.1:5060 or tcp:[::1]:5060", l)
		}
		if port == "0" {
			addr = strings.TrimSuffix(addr, ":0") // a port that nobody can know of yet: see bound
		}
		u, err := place(addr)
		if err != nil || host == "" {
			return nil, fmt.Errorf("-listen %q: want an address and a port such as 127.0.0.1:5060; 0.0.0.0 is every address", l)
		}
		if port != "0" || !isLiteral(u) {
			r.add(u)
		}
	}
	for _, a := range advertise {
		u, err := place(withoutProtocol(a))
		if err != nil {
			return nil, fmt.Errorf("-advertise %q: want [PROTO:]HOST[:PORT] such as sip.example.com or udp:192.0.2.1:5060", a)
		}
		r.add(u)
	}
	r.addrs.Store(&r.fixed)
	r.name = realmName(domains, listen)
	return r, nil
}

// realmName is the first domain, else the first address that is one.
func realmName(domains, listen []string) string {
	if len(domains) > 0 {
		return domainKey([]byte(domains[0]))
	}
	for _, l := range listen {
		_, addr, _ := strings.Cut(l, ":")
		if host, _, err := net.SplitHostPort(addr); err == nil {
			if a, err := netip.ParseAddr(host); err != nil || !a.IsUnspecified() {
				return host
			}
		}
	}
	return "localhost"
}

// domain returns the domain that u's host stands for: all that are served are one. "" is none of them.
func (r *realm) domain(u parser.URI) string {
	if r.everybody() || r.owns(u) {
		return r.name
	}
	return ""
}

// withoutProtocol cuts PROTO: off an -advertise value.
func withoutProtocol(s string) string {
	if proto, rest, ok := strings.Cut(s, ":"); ok {
		if _, err := transport.ParseProtocol(proto); err == nil {
			return rest
		}
	}
	return s
}

// place parses host[:port], which is the whole of a URI but its scheme.
func place(s string) (parser.URI, error) {
	u, err := parser.ParseURI([]byte("sip:" + s))
	if err == nil && (len(u.User()) > 0 || strings.ContainsAny(s, "@;?")) {
		err = fmt.Errorf("%q is more than a host and a port", s)
	}
	return u, err
}

// isLiteral reports whether u's host is an address.
func isLiteral(u parser.URI) bool {
	_, ok := literal(u.Host())
	return ok
}

// add makes u's host one of the own.
func (r *realm) add(u parser.URI) {
	addr, ok := literal(u.Host())
	switch {
	case !ok:
		r.names[domainKey(u.Host())] = true
	case !addr.IsUnspecified():
		r.fixed = append(r.fixed, netip.AddrPortFrom(addr, uint16(u.Port()))) // the parser refuses ports above 65535
	}
}

// bound adds what the sockets are bound to; of a wildcard, all addresses that this machine has now.
func (r *realm) bound(locals []transport.Local) {
	addrs := slices.Clone(r.fixed)
	for _, l := range locals {
		if !l.Addr.Addr().IsUnspecified() {
			addrs = append(addrs, l.Addr)
			continue
		}
		for _, a := range interfaces() {
			addrs = append(addrs, netip.AddrPortFrom(a, l.Addr.Port()))
		}
	}
	r.addrs.Store(&addrs)
}

// interfaces returns the addresses of this machine, none when the system does not tell.
func interfaces() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var addrs []netip.Addr
	for _, a := range all {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			addrs = append(addrs, p.Addr().Unmap())
		}
	}
	return addrs
}

// everybody reports whether every user of every domain is answered for.
func (r *realm) everybody() bool { return r.echo == "*" }

// serves reports whether a request for u is for this server: for itself, or for the user who answers.
func (r *realm) serves(u parser.URI) bool {
	if r.everybody() {
		return true
	}
	if !r.owns(u) {
		return false
	}
	user := u.User()
	if len(user) == 0 {
		return true
	}
	// Escapes are decoded before users are compared (RFC 3261, Section 19.1.4), and users are case-sensitive.
	return string(parser.Unescape(nil, user)) == r.echo
}

// owns reports whether u's host is one of the own domains or addresses. A URI without port names the address
// whatever the port; one with a port has to name that of a socket.
func (r *realm) owns(u parser.URI) bool {
	host, port := u.Host(), u.Port()
	if r.names[domainKey(host)] {
		return true
	}
	addr, ok := transport.Literal(host)
	if !ok {
		return false
	}
	for _, a := range *r.addrs.Load() {
		if a.Addr() == addr && (port == 0 || a.Port() == 0 || int(a.Port()) == port) {
			return true
		}
	}
	return false
}

// reaches reports whether a request for u, the contact of a phone, would come back to us. Unlike owns it takes a port that is not written for the
// default: another program of this machine may be a phone.
func (r *realm) reaches(u parser.URI) bool {
	port := u.Port()
	switch {
	case !r.owns(u):
		return false
	case port == 0 && !isLiteral(u): // SRV records say where
		return true
	case port == 0 && u.IsSIPS():
		port = 5061
	case port == 0:
		port = 5060
	}
	addr, literal := transport.Literal(u.Host())
	for _, a := range *r.addrs.Load() {
		if (a.Port() == 0 || int(a.Port()) == port) && (!literal || a.Addr() == addr) {
			return true
		}
	}
	return false
}

// media returns the address to name in a session description, where nothing will be sent to: the one that the caller
// dialled, if it is an own one, else the first of the own, else the zero Addr.
func (r *realm) media(invite *parser.Message) netip.Addr {
	if u, err := invite.RequestURI(); err == nil && r.owns(u) {
		if addr, ok := literal(u.Host()); ok {
			return addr
		}
	}
	if addrs := *r.addrs.Load(); len(addrs) > 0 {
		return addrs[0].Addr()
	}
	return netip.Addr{}
}

// domainKey returns the form in which domain names are compared: lower case, without the root's dot.
func domainKey(host []byte) string {
	return string(bytes.ToLower(bytes.TrimSuffix(host, []byte("."))))
}

// literal parses the host of a URI as an address.
func literal(host []byte) (netip.Addr, bool) {
	host = bytes.TrimSuffix(bytes.TrimPrefix(host, []byte("[")), []byte("]"))
	addr, err := netip.ParseAddr(string(host))
	return addr.Unmap(), err == nil
}
