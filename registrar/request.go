package registrar

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// request is a REGISTER that was read, and everything about it but the bindings that there are.
type request struct {
	change
	aor      AOR
	to       parser.URI
	query    bool // without Contact: nothing is changed
	path     []string
	flow     transport.Flow // that it came on
	direct   bool           // from the phone itself, as far as Via says
	gruu     bool           // the phone takes GRUUs
	outbound bool           // the phone takes flows
	applied  bool           // and one of its contacts was bound to its flow
}

// refusal is a response that refuses a request.
type refusal struct {
	status parser.Status
	reason string // "" is the status' own
	fields []ua.Field
}

func refuse(status parser.Status, reason string) *refusal {
	return &refusal{status: status, reason: reason}
}

// extensions are the option tags that may stand in Require.
var extensions = [...]string{"path", "outbound", "gruu"}

// read checks r in the order of RFC 3261, Section 10.3.
func (g *Registrar) read(r *ua.Request, now time.Time) (*request, *refusal) {
	m := r.Message()
	uri, err := m.RequestURI()
	if err != nil || !uri.IsSIP() {
		return nil, refuse(parser.StatusUnsupportedURIScheme, "") // RFC 3261, Section 8.2.2.1
	}
	q := &request{flow: r.Flow()}
	if uri.IsSIPS() && !q.flow.Protocol().Secure() {
		return nil, &refusal{status: parser.StatusTemporarilyUnavailable, fields: []ua.Field{{Name: "Warning", Value: `380 ringback "SIPS Not Allowed"`}}}
	}
	domain := g.cfg.Domain(uri)
	if domain == "" {
		return nil, refuse(parser.StatusNotFound, "") // Step 1, without a proxy
	}
	if f := g.required(m); f != nil {
		return nil, f // Step 2
	}
	to, err := m.To()
	if err != nil || !to.URI().IsSIP() {
		return nil, refuse(parser.StatusBadRequest, "To Is No SIP URI")
	}
	q.to = to.URI()
	aor, ours := g.aor(q.to)
	q.aor = aor
	if status := g.cfg.Authorize(r, aor); status != 0 {
		return nil, refuse(status, "") // Step 4
	}
	if !ours || aor.Domain != domain {
		return nil, refuse(parser.StatusNotFound, "") // Step 5
	}
	return q, g.contacts(q, m, uri, now)
}

// required refuses the option tags that we do not have (RFC 3261, Section 8.2.2.3).
func (g *Registrar) required(m *parser.Message) *refusal {
	var unknown []string
	for tag := range m.Values(parser.HeaderRequire) {
		known := slices.ContainsFunc(extensions[:], func(e string) bool {
			return parser.EqualFold(tag, e) && !(g.cfg.NoGRUU && e == "gruu")
		})
		if !known && len(unknown) < 64 && !slices.Contains(unknown, string(tag)) {
			unknown = append(unknown, string(tag))
		}
	}
	if unknown == nil {
		return nil
	}
	return unsupported(strings.Join(unknown, ", "))
}

func unsupported(tags string) *refusal {
	return &refusal{status: parser.StatusBadExtension, fields: []ua.Field{{Name: "Unsupported", Value: tags}}}
}

// supports reports whether the phone has an extension, or wants it even.
func supports(m *parser.Message, tag string) bool {
	return m.HasTag(parser.HeaderSupported, tag) || m.HasTag(parser.HeaderRequire, tag)
}

// contacts reads what q wants (Steps 6 and 7).
func (g *Registrar) contacts(q *request, m *parser.Message, uri parser.URI, now time.Time) *refusal {
	q.gruu, q.outbound = !g.cfg.NoGRUU && supports(m, "gruu"), supports(m, "outbound")
	cseq, err := m.CSeq()
	if err != nil {
		return refuse(parser.StatusBadRequest, "")
	}
	q.callID, q.cseq, q.epoch = string(m.CallID()), cseq.Number, rand.Uint64()
	vias := 0
	for range m.Vias() {
		vias++
	}
	q.direct = vias == 1
	if f := g.readPath(q, m); f != nil {
		return f
	}
	n, stars, secure, plain := 0, 0, false, !uri.IsSIPS()
	for a, err := range m.Contacts() {
		n++
		switch {
		case err != nil:
			return refuse(parser.StatusBadRequest, "")
		case a.IsWildcard():
			stars++
			continue
		case n > g.cfg.MaxContacts:
			return tooMany()
		}
		b, f := g.contact(q, m, a, now)
		if f != nil {
			return f
		}
		secure, plain = secure || a.URI().IsSIPS(), plain || !a.URI().IsSIPS()
		q.contacts = append(q.contacts, b)
	}
	switch expires, err := m.Expires(); {
	case n == 0:
		q.query = true
		return nil
	case stars > 0 && (n > 1 || err != nil || expires != 0):
		return refuse(parser.StatusBadRequest, "Contact * Needs Expires 0, And No Other")
	case stars > 0:
		q.all = true
		return nil
	case secure && (plain || slices.ContainsFunc(q.path, func(p string) bool { return !strings.HasPrefix(strings.ToLower(p), "sips:") })):
		// A secure resource must not be bound to an insecure one (RFC 5630, Section 5.2).
		return refuse(parser.StatusBadRequest, "A SIPS Contact Needs SIPS Everywhere")
	}
	return g.flows5626(q)
}

func tooMany() *refusal { return refuse(parser.StatusForbidden, "Too Many Contacts") }

// readPath reads Path (RFC 3327, Section 5.3).
func (g *Registrar) readPath(q *request, m *parser.Message) *refusal {
	if !m.Has(parser.HeaderPath) {
		return nil
	}
	if !g.cfg.AnyPath && !supports(m, "path") {
		return unsupported("path")
	}
	for a, err := range m.Addresses(parser.HeaderPath) {
		if err != nil || !a.URI().IsSIP() {
			return refuse(parser.StatusBadRequest, "Path Cannot Be Read")
		}
		q.path = append(q.path, string(a.URI().Raw()))
	}
	return nil
}

// contact reads one contact address.
func (g *Registrar) contact(q *request, m *parser.Message, a parser.NameAddr, now time.Time) (Binding, *refusal) {
	wanted := g.wanted(m, a)
	quality, err := a.Q()
	if err != nil {
		return Binding{}, refuse(parser.StatusBadRequest, "A q Is 0 To 1")
	}
	b := Binding{
		Contact: string(a.URI().Raw()), Params: params(a), Q: quality, Updated: now, CallID: q.callID, CSeq: q.cseq, Path: q.path,
		Received: Received{Protocol: q.flow.Protocol(), Local: q.flow.Local(), Remote: q.flow.Remote()},
	}
	if urn, err := a.Instance(); err == nil {
		b.Instance = string(urn)
		if b.RegID, err = a.RegID(); err != nil {
			b.RegID = 0 // none, or one that is none: ignored, as it is without an instance (RFC 5626, Section 6)
		}
	}
	switch {
	case wanted == 0:
		return b, nil
	case wanted < g.cfg.MinExpires && wanted < time.Hour:
		least := strconv.Itoa(int((g.cfg.MinExpires + time.Second - 1) / time.Second))
		return b, &refusal{status: parser.StatusIntervalTooBrief, fields: []ua.Field{{Name: "Min-Expires", Value: least}}}
	case g.loops(q, a.URI()), b.Instance != "" && !a.URI().IsSIP():
		return b, refuse(parser.StatusForbidden, "") // RFC 5627, Section 5.1
	}
	b.Until = now.Add(min(wanted, g.cfg.MaxExpires))
	return b, nil
}

// wanted returns how long a contact is to be bound: what it says itself, else what the request says, else the default. What is no number
// counts as an hour (RFC 3261, Section 10.2.1.1).
func (g *Registrar) wanted(m *parser.Message, a parser.NameAddr) time.Duration {
	seconds, ok := a.Expires()
	if !ok {
		var err error
		seconds, err = m.Expires()
		switch {
		case errors.Is(err, parser.ErrAbsent):
			return g.cfg.DefaultExpires
		case err != nil:
			return time.Hour
		}
	}
	return time.Duration(seconds) * time.Second
}

// loops reports whether a request for the contact would come back to us as one for the same address of record: it is that, or one of its
// GRUUs (RFC 5627, Section 5.1; RFC 5393, Section 3).
func (g *Registrar) loops(q *request, contact parser.URI) bool {
	if !contact.IsSIP() {
		return false
	}
	switch {
	case g.cfg.Own != nil && !g.cfg.Own(contact):
		return false
	case g.cfg.Own == nil && g.anyHost && portOf(contact) != portOf(q.to):
		return false // another server on the same host
	}
	aor, ours := g.aor(contact)
	if of, _, ok := g.opened(contact); ok {
		aor = of
	}
	return ours && aor == q.aor
}

// portOf returns the port of a URI, or the default.
func portOf(uri parser.URI) int {
	const standard = 5060
	if port := uri.Port(); port > 0 {
		return port
	}
	return standard
}

// params returns the parameters of a Contact but for those that the registrar decides: a phone cannot name its own GRUUs (RFC 5627, Section 5.1).
func params(a parser.NameAddr) string {
	var s []byte
	for name, value := range a.Params() {
		switch {
		case parser.EqualFold(name, "expires"), parser.EqualFold(name, "pub-gruu"), parser.EqualFold(name, "temp-gruu"):
			continue
		}
		s = append(append(s, ';'), name...)
		if value != nil {
			s = append(s, '=')
			for _, c := range value { // which may be a quoted string on two lines
				if c != '\r' && c != '\n' {
					s = append(s, c)
				}
			}
		}
	}
	return string(s)
}

// flows5626 decides which contacts are bound to the flow of a phone (RFC 5626, Section 6).
func (g *Registrar) flows5626(q *request) *refusal {
	any, alive := false, 0
	for i := range q.contacts {
		any = any || q.contacts[i].RegID > 0
		if !q.contacts[i].Until.IsZero() {
			alive++
		}
	}
	switch {
	case !any:
	case !q.direct && !firstHasOb(q.path):
		if q.outbound {
			return refuse(parser.StatusFirstHopLacksOutboundSupport, "")
		}
		for i := range q.contacts {
			q.contacts[i].RegID = 0
		}
	case alive > 1:
		return refuse(parser.StatusBadRequest, "One Contact For A Flow")
	default:
		q.applied = true
	}
	for i := range q.contacts {
		g.pin(q, &q.contacts[i])
	}
	return nil
}

// firstHasOb reports whether the first server on the way keeps flows.
func firstHasOb(path []string) bool {
	if len(path) == 0 {
		return false
	}
	uri, err := parser.ParseURI([]byte(path[0]))
	if err != nil {
		return false
	}
	_, ob := uri.Param("ob")
	return ob
}

// pin decides whether b is reached on the flow that q came on, and nowhere else.
func (g *Registrar) pin(q *request, b *Binding) {
	if b.Until.IsZero() || !q.direct || len(q.path) > 0 || q.flow == (transport.Flow{}) {
		return
	}
	if !b.flowKey() && !ownFlow(b.uri(), q.flow.Protocol(), q.flow.Remote().Addr()) {
		return
	}
	b.Received.run = g.run
	b.Received.flow = g.conns.reserve()
}

// ownFlow reports whether a contact is of whoever is at the other end of a flow, and better reached there. A connection says it all, unless the contact
// names another protocol; of a datagram the contact is believed, unless it has an address that the datagram did not come from.
func ownFlow(contact parser.URI, p transport.Protocol, source netip.Addr) bool {
	if !contact.IsSIP() {
		return false
	}
	if name, ok := contact.Param("transport"); ok {
		other, err := transport.ParseProtocol(string(name))
		same := err == nil && (other == p || other == transport.WS && p == transport.WSS || other == transport.TCP && p == transport.TLS)
		if !same {
			return false
		}
	}
	if p != transport.UDP {
		return true
	}
	addr, ok := transport.Literal(contact.Host())
	return ok && addr != source.WithZone("")
}
