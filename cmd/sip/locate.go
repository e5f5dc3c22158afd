package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"slices"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/resolver"
)

// locating is how the commands that send requests find the peer.
type locating struct {
	dns      string
	resolver *resolver.Resolver
}

func (l *locating) flags(fs *flag.FlagSet) {
	fs.StringVar(&l.dns, "dns", "", "look names up at the DNS server `HOST[:PORT]` (default those of this machine)")
}

// open makes the resolver.
func (l *locating) open() error {
	var cfg resolver.Config
	if l.dns != "" {
		at, err := netip.ParseAddrPort(l.dns)
		if err != nil {
			addr, ok := literal([]byte(l.dns))
			if !ok {
				return fmt.Errorf("-dns %q: want a numeric address, such as 192.0.2.53 or [2001:db8::53]:5353", l.dns)
			}
			at = netip.AddrPortFrom(addr, 53)
		}
		cfg.Servers = []netip.AddrPort{at}
	}
	l.resolver = resolver.New(&cfg)
	return nil
}

func (l *locating) close() { l.resolver.Close() }

// errWay is in the error about a peer to which no way leads from this machine.
var errWay = errors.New("there is no way from here")

// sources returns the addresses of this machine from which requests for uri leave, that of the first target first.
func (l *locating) sources(ctx context.Context, uri parser.URI) ([]netip.Addr, error) {
	targets, err := l.resolver.Locate(ctx, uri)
	if err != nil {
		return nil, err
	}
	var all []netip.Addr
	for _, t := range targets {
		var from netip.Addr
		from, err = source(t.Addr)
		switch {
		case err != nil:
			err = fmt.Errorf("%w to %s: %w", errWay, t.Addr.Addr(), err)
		case !slices.Contains(all, from):
			all = append(all, from)
		}
	}
	if len(all) == 0 {
		return nil, err
	}
	return all, nil
}

// source returns the address that packets to target leave from. Connecting a datagram socket asks for the route
// and sends nothing.
func source(target netip.AddrPort) (netip.Addr, error) {
	conn, err := net.Dial("udp", target.String())
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	ap, err := netip.ParseAddrPort(conn.LocalAddr().String())
	return ap.Addr().Unmap().WithZone(""), err
}

// notFound reports whether err is about what DNS says, or about the way: the peer may be there, but not for us and not now.
func notFound(err error) bool {
	return errors.Is(err, resolver.ErrNoServer) || errors.Is(err, resolver.ErrLookup) || errors.Is(err, errWay)
}
