package ua

import (
	"context"
	"errors"
	"slices"

	"github.com/ringback-sip/ringback/parser"
)

// maxRedirects bounds the addresses that one request may be sent on to: two servers that name each other, and one that names ever new
// ones, come to an end.
const maxRedirects = 8

// redirections is where a request may go that was redirected (RFC 3261, Section 8.1.3.4): the target set, of which each address is tried once.
type redirections struct {
	allow func(from, to parser.URI) bool // Config.Redirect
	first parser.URI                     // whom the application asked for
	set   []parser.URI                   // those that were tried at the start
	tried int                            // of set
	proxy parser.URI                     // of a 305, to be passed once
}

// redirections begins the target set of f.
func (a *Agent) redirections(f *first) *redirections {
	allow := a.cfg.Redirect
	if allow == nil {
		allow = stillSecure
	}
	return &redirections{allow: allow, first: f.uri, set: []parser.URI{f.uri}, tried: 1}
}

// stillSecure reports whether a request may go on from one URI to another when nobody was asked: one to a SIPS URI only to another such.
func stillSecure(from, to parser.URI) bool { return to.IsSIPS() || !from.IsSIPS() }

// next changes f to what is to be tried after err, and reports false when that is the last word: the agent's or the caller's own, a refusal by
// the user (6xx), or no address is left. A redirection adds its addresses; any other failure of one of them is followed by the next.
func (r *redirections) next(f *first, err error) bool {
	var refused *ResponseError
	switch {
	case errors.As(err, &refused) && refused.Status < 400:
		r.add(refused.Message)
		if refused.Status == parser.StatusUseProxy && r.usesProxy(f) {
			return true
		}
	case r.tried == 1, refused != nil && refused.Status >= 600: // not one that was redirected; or the user's last word
		return false
	}
	for _, over := range [...]error{context.Canceled, context.DeadlineExceeded, ErrCanceled, ErrClosed, ErrTooMany} {
		if errors.Is(err, over) {
			return false
		}
	}
	if r.tried == len(r.set) {
		return false
	}
	f.uri, f.targets = r.set[r.tried], nil
	r.tried++
	f.number++
	return true
}

// add adds the Contacts of a redirection, those of the highest q first.
func (r *redirections) add(m *parser.Message) {
	if m.Status() == parser.StatusUseProxy {
		for c, err := range m.Contacts() {
			if err == nil && c.URI().IsSIP() && r.allow(r.first, c.URI()) {
				r.proxy = own(c.URI())
				break
			}
		}
		return
	}
	type target struct {
		uri parser.URI
		q   int
	}
	var found []target
	for c, err := range m.Contacts() {
		if err != nil || c.IsWildcard() || !c.URI().IsSIP() {
			continue
		}
		q, err := c.Q()
		if err != nil {
			q = 0
		}
		// The method and the headers in it are somebody else's wishes, and not followed (RFC 3261, Section 19.1.5).
		if uri, err := requestURI(own(c.URI())); err == nil {
			found = append(found, target{uri, q})
		}
	}
	slices.SortStableFunc(found, func(a, b target) int { return b.q - a.q })
	for _, t := range found {
		known := slices.ContainsFunc(r.set, func(u parser.URI) bool { return u.Equal(t.uri) })
		if !known && len(r.set) <= maxRedirects && r.allow(r.first, t.uri) {
			r.set = append(r.set, t.uri)
		}
	}
}

// usesProxy sends f once more, by way of the proxy that a 305 named (RFC 3261, Section 21.3.4), unless that was done before.
func (r *redirections) usesProxy(f *first) bool {
	if r.proxy.IsZero() || f.route != nil {
		return false
	}
	way, err := parseProxy(string(r.proxy.Raw()))
	if err != nil {
		return false
	}
	f.route, f.targets = way, nil
	f.number++
	return true
}

// own returns a copy of u, which may be part of a message.
func own(u parser.URI) parser.URI {
	c, _ := parser.ParseURI(slices.Clone(u.Raw())) // as before
	return c
}
