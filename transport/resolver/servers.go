package resolver

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

const (
	// maxHosts bounds the servers of a domain whose addresses are looked up, maxAddrs the addresses of one of them, and maxTargets
	// the targets that all of them make. A domain can name thousands, and nobody waits for as many tries.
	maxHosts   = 16
	maxAddrs   = 8
	maxTargets = 32
)

// lead is a name that may have SRV records, and the protocol that their servers speak.
type lead struct {
	name     string
	protocol transport.Protocol
}

// leadTo returns the lead to the servers of a domain for a protocol.
func leadTo(domain string, p transport.Protocol) lead { return lead{serviceOf(p).srv + domain, p} }

// server is a host that SRV records name.
type server struct {
	protocol transport.Protocol
	host     string
	port     uint16
}

// found is where leads lead to.
type found struct {
	servers []server             // in the order in which they are tried
	refused []transport.Protocol // that the domain says are not there
}

// follow asks for the SRV records of all leads at the same time. Servers of an earlier lead come first (RFC 3263, Section 4.1: "The
// client MAY use any transport protocol it desires which is supported by the server").
func (r *Resolver) follow(ctx context.Context, leads []lead) (found, error) {
	answers := make([]Answer, len(leads))
	errs := make([]error, len(leads))
	each(len(leads), func(i int) { answers[i], errs[i] = r.query(ctx, leads[i].name, TypeSRV) })
	var f found
	var failed error
	secureFailed := false
	for i, l := range leads {
		switch {
		case errs[i] != nil:
			failed = errs[i]
			secureFailed = secureFailed || l.protocol.Secure()
			continue
		case secureFailed && !l.protocol.Secure():
			continue // whoever can make look-ups fail must not choose that there is no TLS
		case unavailable(answers[i].SRV):
			f.refused = append(f.refused, l.protocol)
		}
		for _, s := range ordered(usable(answers[i].SRV), r.intn) {
			f.servers = append(f.servers, server{l.protocol, key(s.Target), s.Port})
		}
	}
	if len(f.servers) == 0 && failed != nil {
		return found{}, failed
	}
	return f, nil
}

// targets returns the targets that the servers make: every address of every server, in their order (RFC 3263, Section 4.2; RFC 7984,
// Section 4). A server whose addresses cannot be found is left out, unless that is all of them.
func (r *Resolver) targets(ctx context.Context, g goal, servers []server) ([]transport.Target, error) {
	servers = servers[:min(len(servers), maxHosts)]
	var hosts []string // each once, whatever it serves
	for _, s := range servers {
		if !slices.Contains(hosts, s.host) {
			hosts = append(hosts, s.host)
		}
	}
	addrs := make([][]netip.Addr, len(hosts))
	errs := make([]error, len(hosts))
	each(len(hosts), func(i int) { addrs[i], errs[i] = r.addresses(ctx, hosts[i]) })
	var all []transport.Target
	for _, s := range servers {
		for _, a := range addrs[slices.Index(hosts, s.host)] {
			t := transport.Target{Protocol: s.protocol, Addr: netip.AddrPortFrom(a, s.port)}
			if s.protocol != transport.UDP && s.protocol != transport.TCP {
				t.Name = g.trust
			}
			if len(all) < maxTargets && !slices.Contains(all, t) {
				all = append(all, t)
			}
		}
	}
	if len(all) > 0 {
		return all, nil
	}
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: %s has no address", ErrNoServer, servers[0].host)
}

// addresses returns the addresses of a host, of both families. None and no error mean that it has none.
func (r *Resolver) addresses(ctx context.Context, host string) ([]netip.Addr, error) {
	if addrs, ok := r.known(host); ok {
		return addrs, nil
	}
	var last error
	conf := r.conf()
	for _, name := range conf.names(host) {
		var families [2]Answer
		var errs [2]error
		each(2, func(i int) { families[i], errs[i] = r.query(ctx, name, [...]Type{TypeAAAA, TypeA}[i]) })
		if all := interleaved(families[0].Addrs, families[1].Addrs); len(all) > 0 {
			return all[:min(len(all), maxAddrs)], nil
		}
		for _, err := range errs {
			if err != nil {
				last = err
			}
		}
	}
	return nil, last
}

// known returns the addresses of a name that DNS is not asked about.
func (r *Resolver) known(name string) ([]netip.Addr, bool) {
	if addrs, ok := local(name); ok {
		return addrs, true
	}
	addrs, ok := r.hosts.get(time.Now())[name]
	return addrs, ok
}

// each runs f for 0 to n-1 at the same time, and returns when all have ended.
func each(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n - 1 {
		all.Go(func() { f(i + 1) })
	}
	if n > 0 {
		f(0)
	}
	all.Wait()
}
