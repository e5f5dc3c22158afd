package siptest

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// proxySettings say what a proxy of a script does.
type proxySettings struct {
	next        string        // name of the party that gets what is not addressed further
	recordRoute bool          // stays on the path (RFC 3261, Section 16.6, item 4)
	realm       string        // asks for credentials, "" for not
	redirect    string        // answers 302 with this Contact
	status      parser.Status // answers everything with it
	silent      bool
	giveUp      parser.Status // what an INVITE that nobody answers is answered with; 0: 408
}

// proxy forwards what it gets, statefully and to one place. It follows Route and Request-URI and records its own route when
// told. It has no timer C, and it does not check what a digest says.
type proxy struct {
	exchanges
	proxySettings
	nextAddr  netip.Addr
	nextProxy bool // next forwards as well: it gets the Request-URI as it is
}

// forwarded is an INVITE or another request that a proxy sent on.
type forwarded struct {
	out       *sent
	rang      bool // it may be cancelled
	cancelled bool
}

func newProxy(s *station, name string, set proxySettings, next netip.Addr, nextProxy bool) *proxy {
	p := &proxy{exchanges: exchanges{station: s, name: name}, proxySettings: set, nextAddr: next, nextProxy: nextProxy}
	p.init()
	p.request, p.response = p.onRequest, p.onResponse
	p.ack = func(_ *arrival, m *parser.Message) {
		if b, to, ok := p.onward(m); ok && !p.silent {
			p.send(b, to)
		}
	}
	return p
}

// onRequest takes a new request.
func (p *proxy) onRequest(a *arrival) {
	invite := a.m.Method() == parser.MethodInvite
	switch {
	case p.silent:
	case a.m.Method() == parser.MethodCancel:
		p.cancel(a)
	case p.status != 0:
		p.respond(a, p.status, nil)
	case p.redirect != "":
		p.respond(a, parser.StatusMovedTemporarily, func(b *parser.Builder) { b.Header(parser.HeaderContact, "<"+p.redirect+">") })
	case p.realm != "" && toTag(a.m) == "" && !p.hasCredentials(a.m):
		p.respond(a, parser.StatusProxyAuthenticationRequired, func(b *parser.Builder) {
			b.Header(parser.HeaderProxyAuthenticate, fmt.Sprintf("Digest realm=%q, nonce=%q, qop=\"auth\", algorithm=MD5", p.realm, p.nonce()))
		})
	default:
		if invite {
			p.respond(a, parser.StatusTrying, nil)
		}
		p.forward(a)
	}
}

func (p *proxy) nonce() string { return "nonce-of-" + p.name }

// hasCredentials reports whether a value of Proxy-Authorization answers this proxy's challenge.
func (p *proxy) hasCredentials(m *parser.Message) bool {
	for f := range m.Fields() {
		if f.Header == parser.HeaderProxyAuthorization && bytes.Contains(f.Value, []byte(`realm="`+p.realm+`"`)) && bytes.Contains(f.Value, []byte(p.nonce())) {
			return true
		}
	}
	return false
}

// respond answers a itself.
func (p *proxy) respond(a *arrival, status parser.Status, more func(*parser.Builder)) {
	tag := ""
	if status != parser.StatusTrying {
		tag = p.token("t")
	}
	var b parser.Builder
	b.Reset(nil)
	b.Response(a.m, status, "", tag)
	if more != nil {
		more(&b)
	}
	p.answer(a, p.finish(&b))
}

// forward sends a on.
func (p *proxy) forward(a *arrival) {
	b, to, ok := p.onward(a.m)
	if !ok {
		p.respond(a, parser.StatusNotFound, nil)
		return
	}
	a.forwarded = &forwarded{}
	r := p.ask(b, to, func() {
		status := parser.StatusRequestTimeout
		if p.giveUp != 0 {
			status = p.giveUp
		}
		if a.m.Method() == parser.MethodInvite {
			p.respond(a, status, nil) // a request of another method is answered by nobody then (RFC 4320, Section 4.2)
		}
	})
	a.forwarded.out = r
	r.arrival = a
}

// onward returns m as it is sent on, and where to (RFC 3261, Section 16.6).
func (p *proxy) onward(m *parser.Message) ([]byte, way, bool) {
	uri, err := m.RequestURI()
	hops, err2 := m.MaxForwards()
	if err != nil || err2 != nil || hops == 0 {
		return nil, way{}, false
	}
	var routes []parser.NameAddr
	for r, err := range m.Routes() {
		if err == nil && (len(routes) > 0 || !p.isOwn(r.URI())) {
			routes = append(routes, r)
		}
	}
	target := uri
	switch {
	case len(routes) > 0:
		target = routes[0].URI()
	case p.next != "" && (p.isOwn(uri) || !p.isAddress(uri)):
		target, _ = parser.ParseURI([]byte(sipURI(string(uri.User()), p.nextAddr, p.protocol)))
		if !p.nextProxy || p.isOwn(uri) {
			uri = target // the location service knows where the user is
		}
	}
	to, ok := p.wayTo(target)
	if !ok {
		return nil, way{}, false
	}
	var b parser.Builder
	b.Reset(nil)
	b.RequestNamed(m.MethodName(), uri)
	b.Via(upper(to.protocol), p.sentBy(), p.branch())
	p.copyVias(&b, m)
	for _, r := range routes {
		b.HeaderBytes(parser.HeaderRoute, r.Raw())
	}
	if p.recordRoute && toTag(m) == "" && m.Method() == parser.MethodInvite {
		b.Header(parser.HeaderRecordRoute, "<"+p.uri("")+";lr>")
	}
	b.Int(parser.HeaderMaxForwards, hops-1)
	p.copyRest(&b, m, parser.HeaderVia, parser.HeaderRoute, parser.HeaderMaxForwards)
	return p.finish(&b), to, true
}

// isOwn reports whether u is this proxy's address.
func (p *proxy) isOwn(u parser.URI) bool {
	w, ok := p.wayTo(u)
	return ok && w.addr == netip.AddrPortFrom(p.host.Addr(), sipPort)
}

// isAddress reports whether the host of u is an address: what is not is a domain that the next party serves.
func (p *proxy) isAddress(u parser.URI) bool {
	_, ok := p.wayTo(u)
	return ok
}

// copyVias copies the Via values of a request, the top one with where it came from (RFC 3261, Section 18.2.1).
func (p *proxy) copyVias(b *parser.Builder, m *parser.Message) {
	top := true
	for v, err := range m.Vias() {
		if err != nil {
			continue
		}
		if top {
			// The Builder knows how to write what the station recorded; of its response only this field is wanted.
			var r parser.Builder
			r.Reset(nil)
			r.Response(m, parser.StatusTrying, "", "")
			var own parser.Message
			if own.Parse(p.finish(&r)) == nil {
				v, _ = own.Via()
			}
		}
		top = false
		b.HeaderBytes(parser.HeaderVia, v.Raw())
	}
}

// copyRest copies the fields that are not left out, and the body.
func (p *proxy) copyRest(b *parser.Builder, m *parser.Message, out ...parser.Header) {
	for f := range m.Fields() {
		skip := f.Header == parser.HeaderContentLength || f.Header == parser.HeaderContentType
		for _, h := range out {
			skip = skip || f.Header == h
		}
		switch {
		case skip:
		case f.Header == parser.HeaderUnknown:
			b.Field(string(f.Name), string(f.Value))
		default:
			b.HeaderBytes(f.Header, f.Value)
		}
	}
	if len(m.Body()) > 0 {
		b.Body(string(m.Raw(parser.HeaderContentType)), m.Body())
	}
}

// onResponse sends a response back, 100 left out (RFC 3261, Section 16.7).
func (p *proxy) onResponse(r *sent, m *parser.Message) {
	a := r.arrival
	if a == nil || m.Status() == parser.StatusTrying {
		p.mayCancel(a)
		return
	}
	var b parser.Builder
	b.Reset(nil)
	to, _ := m.To()
	b.Response(a.m, m.Status(), string(m.Reason()), string(to.Tag()))
	p.copyRest(&b, m, parser.HeaderVia, parser.HeaderFrom, parser.HeaderTo, parser.HeaderCallID, parser.HeaderCSeq)
	back := p.finish(&b)
	if m.Status().Success() && m.Method() == parser.MethodInvite {
		// Each one is passed on; who made it repeats it.
		a.last, a.final = back, true
		p.send(back, p.back(a.m, a.from))
		return
	}
	p.answer(a, back)
	if m.Status().Provisional() {
		p.mayCancel(a)
	}
}

// cancel answers a CANCEL and cancels what was forwarded (RFC 3261, Section 16.10).
func (p *proxy) cancel(c *arrival) {
	a := p.arrivals[arrivalKey(c.m, true)]
	if a == nil {
		p.respond(c, parser.StatusDoesNotExist, nil)
		return
	}
	p.respond(c, parser.StatusOK, nil)
	if a.forwarded != nil && !a.final && !a.forwarded.cancelled {
		a.forwarded.cancelled = true
		if a.forwarded.rang {
			p.sendCancel(a)
		}
	}
}

// mayCancel remembers that a provisional response has come, and sends a CANCEL that waited for it (RFC 3261, Section 9.1).
func (p *proxy) mayCancel(a *arrival) {
	if a == nil || a.forwarded == nil || a.forwarded.rang {
		return
	}
	a.forwarded.rang = true
	if a.forwarded.cancelled {
		p.sendCancel(a)
	}
}

func (p *proxy) sendCancel(a *arrival) {
	var b parser.Builder
	b.Reset(nil)
	b.Cancel(a.forwarded.out.m)
	p.ask(p.finish(&b), a.forwarded.out.to, nil)
}

// parseProxy reads the settings of a proxy: `to p2 record-route challenge atlanta`.
func parseProxy(words []string) (proxySettings, error) {
	var s proxySettings
	for len(words) > 0 {
		name, rest := words[0], words[1:]
		switch name {
		case "record-route":
			s.recordRoute = true
			words = rest
			continue
		case "silent":
			s.silent = true
			words = rest
			continue
		}
		if len(rest) == 0 {
			return s, fmt.Errorf("%q is no setting of a proxy or lacks its value", name)
		}
		value := rest[0]
		words = rest[1:]
		var err error
		switch name {
		case "to":
			s.next = value
		case "challenges":
			s.realm = value
		case "redirects":
			s.redirect = value
		case "answers":
			s.status, err = parseStatus(value)
		case "gives-up":
			s.giveUp, err = parseStatus(value)
		default:
			err = fmt.Errorf("%q is no setting of a proxy", name)
		}
		if err != nil {
			return s, err
		}
	}
	if s.next == "" && s.redirect == "" && s.status == 0 && !s.silent && !s.recordRoute {
		return s, fmt.Errorf("a proxy needs something to do: %s", strings.Join([]string{"to", "redirects", "answers", "silent"}, ", "))
	}
	return s, nil
}
