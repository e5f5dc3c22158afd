package ua

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/ringback-sip/ringback/parser"
)

// route is a pre-existing route set: the servers that a request outside a dialog passes on its way (RFC 3261, Section 8.1.1.1). The nil route is
// none.
type route []parser.URI

var errRoute = errors.New("want a SIP or SIPS URI, such as sip:proxy.example.com;lr")

// parseRoute reads the URIs of a route set.
func parseRoute(uris []string) (route, error) {
	var r route
	for _, s := range uris {
		u, err := parser.ParseURI([]byte(s))
		if err == nil && !u.IsSIP() {
			err = errRoute
		}
		if err == nil {
			u, err = requestURI(u)
		}
		if err != nil {
			return nil, fmt.Errorf("sip: route %q: %w", s, err)
		}
		r = append(r, u)
	}
	return r, nil
}

// parseProxy reads the URI of an outbound proxy, which is one loose route: "provisioning [...] of a pre-existing route set containing a
// single URI" (RFC 3261, Section 8.1.2). A URI without lr gets it.
func parseProxy(uri string) (route, error) {
	if uri == "" {
		return nil, nil
	}
	r, err := parseRoute([]string{uri})
	if err != nil || !r.strict() {
		return r, err
	}
	return parseRoute([]string{string(append(bytes.Clone(r[0].Raw()), ";lr"...))})
}

// strict reports whether the first server on the way would take the place of the Request-URI: it knows nothing of loose routing (RFC
// 3261, Section 12.2.1.1).
func (r route) strict() bool {
	if len(r) == 0 {
		return false
	}
	_, loose := r[0].Param("lr")
	return !loose
}

// requestURI returns the Request-URI of a request for target.
func (r route) requestURI(target parser.URI) parser.URI {
	if r.strict() {
		return r[0]
	}
	return target
}

// nextHop returns the URI that says where to send a request for target (RFC 3261, Section 8.1.2).
func (r route) nextHop(target parser.URI) parser.URI {
	if len(r) == 0 {
		return target
	}
	return r[0]
}

// write writes Route. Where the first server is the Request-URI, target is the last of the rest (RFC 3261, Section 12.2.1.1).
func (r route) write(b *parser.Builder, target parser.URI) {
	rest := r
	if r.strict() {
		rest = r[1:]
	}
	for _, u := range rest {
		b.Address(parser.HeaderRoute, "", u, "")
	}
	if r.strict() {
		b.Address(parser.HeaderRoute, "", target, "")
	}
}

// follows returns r and the servers of next behind it, which may begin where r ends.
func (r route) follows(next route) route {
	if len(r) > 0 && len(next) > 0 && r[len(r)-1].Equal(next[0]) {
		next = next[1:]
	}
	return append(r[:len(r):len(r)], next...)
}
