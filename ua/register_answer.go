package ua

import (
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
)

// granted is what a 2xx to REGISTER says (RFC 3261, Section 10.2.4; RFC 3327; RFC 3608; RFC 5626; RFC 5627).
type granted struct {
	bindings []Binding
	expires  time.Duration // of our own, the one that ends first
	bound    bool          // there is time left for each of ours

	outbound  bool          // the flow is one of RFC 5626
	every     time.Duration // Flow-Timer; 0: none
	service   route         // Service-Route, in order
	path      []string      // Path, in order
	public    string        // the GRUUs
	temporary string
}

// bindings returns the Contacts of a 2xx to REGISTER, which came at now.
func bindings(m *parser.Message, now time.Time) []Binding {
	var all []Binding
	for c, err := range m.Contacts() {
		if err != nil || c.IsWildcard() {
			continue
		}
		all = append(all, Binding{URI: string(c.URI().Raw()), Expires: now.Add(grantOf(c, m)), Value: string(c.Raw())})
	}
	return all
}

// grantOf returns how long a Contact of a 2xx stands: its expires parameter, else the Expires of the response. Section 10.3 wants the former; there are
// registrars that know only the latter.
func grantOf(c parser.NameAddr, m *parser.Message) time.Duration {
	seconds, ok := c.Expires()
	if !ok {
		if n, err := m.Expires(); err == nil {
			seconds = n
		} else {
			seconds = int(defaultInterval / time.Second)
		}
	}
	return time.Duration(seconds) * time.Second
}

// read reads the 2xx m to a REGISTER with the contacts sent, that asked for so much.
func (r *enrolment) read(m *parser.Message, sent []parser.NameAddr, asked time.Duration, now time.Time) granted {
	g := granted{bindings: bindings(m, now), outbound: r.opts.RegID > 0 && m.HasTag(parser.HeaderRequire, "outbound"), every: seconds(m, parser.HeaderFlowTimer)}
	found := 0
	for c, err := range m.Contacts() {
		if err != nil || c.IsWildcard() {
			continue
		}
		own := r.isOwn(c)
		if own {
			g.public, g.temporary = gruuOf(c, "pub-gruu"), gruuOf(c, "temp-gruu")
		}
		if !own && !contains(sent, c.URI()) {
			continue
		}
		if e := grantOf(c, m); found == 0 || e < g.expires {
			g.expires = e
		}
		found++
	}
	if found == 0 {
		// Ours must be listed (RFC 3261, Section 10.3). Servers between us and the registrar that write another address into the request do not write
		// it back into the answer.
		g.expires = asked
		if n, err := m.Expires(); err == nil {
			g.expires = time.Duration(n) * time.Second
		}
	}
	g.bound = g.expires > 0
	for c, err := range m.Addresses(parser.HeaderServiceRoute) {
		if err != nil || !c.URI().IsSIP() {
			g.service = nil // half a way leads nowhere
			break
		}
		if u, err := parser.ParseURI(append([]byte(nil), c.URI().Raw()...)); err == nil {
			g.service = append(g.service, u)
		}
	}
	for p := range m.Values(parser.HeaderPath) {
		g.path = append(g.path, string(p))
	}
	return g
}

// isOwn reports whether c is our own binding, whatever its URI: that of our instance and flow (RFC 5626, Section 6).
func (r *enrolment) isOwn(c parser.NameAddr) bool {
	if r.opts.Instance == "" {
		return false
	}
	urn, err := c.Instance()
	if err != nil || !parser.EqualFold(urn, r.opts.Instance) {
		return false
	}
	id, err := c.RegID()
	return err != nil || id == r.opts.RegID
}

// contains reports whether uri is one of those that were sent (RFC 3261, Section 19.1.4).
func contains(sent []parser.NameAddr, uri parser.URI) bool {
	for _, s := range sent {
		if s.URI().Equal(uri) {
			return true
		}
	}
	return false
}

// gruuOf returns the GRUU in a parameter of a Contact, "" where there is none that could stand in a Contact.
func gruuOf(c parser.NameAddr, name string) string {
	v, ok := c.Param(name)
	if !ok {
		return ""
	}
	text := parser.Unquote(nil, v)
	if u, err := parser.ParseURI(text); err != nil || !u.IsSIP() {
		return ""
	}
	return string(text)
}

// seconds returns the number of seconds in a header field, 0 where there is none.
func seconds(m *parser.Message, h parser.Header) time.Duration {
	n, err := strconv.ParseUint(string(m.Raw(h)), 10, 32)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// verdict returns what a final response that is no 2xx means for a registration.
func verdict(m *parser.Message) registration.Event {
	e := registration.Event{Kind: registration.EventRefused}
	switch s := m.Status(); {
	case s == parser.StatusIntervalTooBrief:
		e.Kind, e.Min = registration.EventTooBrief, seconds(m, parser.HeaderMinExpires)
	case passing(s):
		e.Kind = registration.EventFailure
		if after, err := m.RetryAfter(); err == nil {
			e.After, e.Asked = time.Duration(after.Seconds)*time.Second, true
		}
	}
	return e
}

// passing reports whether what a status tells of may pass without our doing: the server, or the way to it, is in trouble. Other refusals
// stay: "the request SHOULD NOT be repeated" (RFC 3261, Section 21.4.4), and would fail again unchanged (Section 21.4).
func passing(s parser.Status) bool {
	switch s {
	case parser.StatusRequestTimeout, parser.StatusFlowFailed, parser.StatusTemporarilyUnavailable, parser.StatusLoopDetected,
		parser.StatusTooManyHops, parser.StatusRequestPending, parser.StatusFirstHopLacksOutboundSupport:
		return true
	case parser.StatusNotImplemented, parser.StatusVersionNotSupported, parser.StatusMessageTooLarge:
		return false
	}
	return s/100 == 5 || s/100 == 3
}
