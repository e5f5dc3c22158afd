package resolver

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// goal is what is looked for.
type goal struct {
	name      string               // the URI's maddr, or its host: TARGET of RFC 3263, Section 4
	trust     string               // its host: what a certificate has to be for, whatever DNS made of it (RFC 5922, Section 4)
	secure    bool                 // the scheme is sips
	protocols []transport.Protocol // that the domain may choose from, the most wanted first
}

// target returns the URI's maddr, or its host.
func target(uri parser.URI) []byte {
	if maddr, ok := uri.Param("maddr"); ok {
		return maddr
	}
	return uri.Host()
}

// locate chooses transport, port and addresses (RFC 3263, Sections 4.1 and 4.2). The host of uri is a name.
func (r *Resolver) locate(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
	g := goal{name: key(string(target(uri))), trust: string(uri.Host()), secure: uri.IsSIPS(), protocols: r.cfg.Protocols}
	p, err := explicit(uri)
	if err != nil {
		return nil, err
	}
	named := p != 0
	if g.secure {
		g.protocols = slices.DeleteFunc(slices.Clone(g.protocols), func(p transport.Protocol) bool { return !p.Secure() })
	}
	if !named {
		p = implied(g)
	}
	_, known := r.known(g.name)
	switch port := uri.Port(); {
	case p == 0:
		return nil, errNoTLS
	case port > 0:
		// Only addresses are asked for, also when it is the default port (RFC 3263, Section 4.2).
		return r.byAddress(ctx, g, p, uint16(port)) // the parser refuses ports above 65535
	case known: // DNS is not asked about it at all
		return r.byAddress(ctx, g, p, serviceOf(p).port)
	case named:
		return r.bySRV(ctx, g, []lead{leadTo(g.name, p)}, p)
	}
	targets, err := r.byNAPTR(ctx, g)
	if err != nil || len(targets) > 0 {
		return targets, err
	}
	var leads []lead
	for _, p := range g.protocols {
		if p != transport.WS && p != transport.WSS { // these are found by NAPTR or by name (RFC 7118, Section 5.5)
			leads = append(leads, leadTo(g.name, p))
		}
	}
	return r.bySRV(ctx, g, leads, p)
}

var errNoTLS = errors.New("a sips URI needs tls, which is not among Config.Protocols")

// implied returns the protocol for a name about which neither the URI nor DNS says more: "the client SHOULD use TCP for a SIPS URI, and
// UDP for a SIP URI" (RFC 3263, Section 4.1). 0 means that none will do.
func implied(g goal) transport.Protocol {
	p := transport.UDP
	if g.secure {
		p = transport.TLS // over TCP
	}
	if slices.Contains(g.protocols, p) || len(g.protocols) == 0 {
		return p
	}
	return g.protocols[0]
}

// byNAPTR lets the domain choose. No targets and no error mean that it does not.
func (r *Resolver) byNAPTR(ctx context.Context, g goal) ([]transport.Target, error) {
	answer, err := r.query(ctx, g.name, TypeNAPTR)
	if err != nil {
		return nil, err
	}
	if r.alarm.missed(g.name, offersTLS(answer.NAPTR)) {
		r.cfg.Logger.Warn("a domain that offered TLS does not any more: this may be an attack", "domain", g.name)
	}
	var refused error
	for left := pointers(answer.NAPTR, g.protocols); len(left) > 0; {
		// Where a record can be used, those of a higher order are not (RFC 3403, Section 4.1): they are less than what the domain wants,
		// without TLS perhaps.
		n := 1
		for n < len(left) && left[n].Order == left[0].Order {
			n++
		}
		var leads []lead
		for _, p := range left[:n] {
			leads = append(leads, lead{p.Replacement, p.protocol})
		}
		left = left[n:]
		found, err := r.follow(ctx, leads)
		switch {
		case err != nil:
			return nil, err
		case len(found.servers) > 0:
			return r.targets(ctx, g, found.servers)
		case len(found.refused) > 0:
			refused = errRefused
		}
	}
	return nil, refused
}

var errRefused = fmt.Errorf("%w: the domain says that there is none", ErrNoServer)

// bySRV finds the servers of the leads, and those at the address of the name itself, over p, where there is no record.
func (r *Resolver) bySRV(ctx context.Context, g goal, leads []lead, p transport.Protocol) ([]transport.Target, error) {
	found, err := r.follow(ctx, leads)
	switch {
	case err != nil:
		return nil, err
	case len(found.servers) > 0:
		return r.targets(ctx, g, found.servers)
	case slices.Contains(found.refused, p):
		return nil, errRefused
	}
	return r.byAddress(ctx, g, p, serviceOf(p).port)
}

// byAddress finds the addresses of the name.
func (r *Resolver) byAddress(ctx context.Context, g goal, p transport.Protocol, port uint16) ([]transport.Target, error) {
	return r.targets(ctx, g, []server{{p, g.name, port}})
}
