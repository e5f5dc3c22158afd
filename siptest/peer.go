package siptest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// peer is a user agent that the script plays: it does what its rules and steps say and nothing else, except that it
// acknowledges refusals, repeats and answers repeats.
type peer struct {
	exchanges
	rules   []rule
	counts  map[string]int // of what rules were asked about
	got     []string       // what has come, once each
	legs    []*leg
	later   []func() bool // steps that wait for a dialog; true: done
	invited *sent         // the last INVITE that it sent
}

// leg is a dialog of a peer.
type leg struct {
	arrival       *arrival // the INVITE that made it, of a callee
	invite        *sent    // the INVITE that made it, of a caller
	tag           string   // its own
	callID        []byte
	local, remote []byte // From and To of its own requests
	target        parser.URI
	routes        [][]byte
	seq           uint32
	rack          string // what a PRACK to its last reliable response acknowledges
	confirmed     bool   // has its 2xx, and for a callee its ACK
	ended         bool
}

func newPeer(s *station, name string, rules []rule) *peer {
	p := &peer{exchanges: exchanges{station: s, name: name}, rules: rules, counts: map[string]int{}}
	p.init()
	p.request, p.response, p.ack = p.onRequest, p.onResponse, p.onAck
	return p
}

// note records that something has come, as an outcome names it.
func (p *peer) note(what, tag string) {
	for _, w := range []string{what, what + "/" + tag} {
		if !slices.Contains(p.got, w) {
			p.got = append(p.got, w)
		}
	}
}

// outcome says what has come: `got INVITE ACK ACK/a`.
func (p *peer) outcome() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(append([]string{"got"}, p.got...), " ")
}

// follow does what the rules say about an event; now is what answers it.
func (p *peer) follow(event string, now func(action)) {
	p.counts[event]++
	for _, r := range p.rules {
		if r.on != event || r.nth != 0 && r.nth != p.counts[event] {
			continue
		}
		for _, a := range r.actions {
			if a.after == 0 {
				now(a)
			} else {
				p.after(a.after, func() { now(a) })
			}
		}
	}
}

// onRequest takes a new request.
func (p *peer) onRequest(a *arrival) {
	tag := toTag(a.m)
	p.note(a.m.Method().String(), tag)
	if a.m.Method() == parser.MethodBye {
		for _, l := range p.legs {
			l.ended = l.ended || l.is(a.m)
		}
	}
	p.follow(a.m.Method().String(), func(do action) { p.act(do, a, p.legOf(a.m)) })
}

// onAck takes an ACK to a 2xx.
func (p *peer) onAck(a *arrival, m *parser.Message) {
	p.note("ACK", toTag(m))
	l := p.legOf(m)
	if a == nil || l == nil || l.confirmed {
		return
	}
	l.confirmed = true
	p.follow("ACK", func(do action) { p.act(do, a, l) })
	p.proceed()
}

// onResponse takes a response to a request of its own.
func (p *peer) onResponse(r *sent, m *parser.Message) {
	status := strconv.Itoa(int(m.Status()))
	p.note(status, toTag(m))
	var l *leg
	if r.m.Method() == parser.MethodInvite && m.Status().Success() {
		if l = r.leg; l == nil {
			l = p.legOfResponse(r, m)
		}
		if ack := r.acks[toTag(m)]; ack != nil {
			p.send(ack, p.hop(l)) // the same ACK for each repeat (RFC 3261, Section 13.2.2.4)
			return
		}
	}
	event := status + " " + r.m.Method().String()
	seen := event + " " + toTag(m) + " " + sentKey(r.m)
	if rseq := m.Raw(parser.HeaderRSeq); r.m.Method() == parser.MethodInvite && m.Status().Provisional() && len(rseq) > 0 {
		early := p.legOfResponse(r, m)
		early.rack = fmt.Sprintf("%s %s", rseq, r.m.Raw(parser.HeaderCSeq))
		seen += " " + string(rseq)
		if p.counts[seen]++; p.counts[seen] == 1 {
			p.follow(event, func(do action) { p.act(do, nil, early) })
		}
		return
	}
	if p.counts[seen]++; p.counts[seen] > 1 {
		return
	}
	if l != nil {
		l.confirmed, l.invite = true, r
	}
	p.follow(event, func(do action) { p.act(do, nil, l) })
	if l != nil {
		p.proceed()
	}
}

// act sends what an action says: in answer to a, or in l.
func (p *peer) act(do action, a *arrival, l *leg) {
	switch {
	case do.status != 0:
		p.reply(do, a)
	case do.method == parser.MethodCancel:
		p.sendCancel()
	case do.method == parser.MethodAck:
		p.sendAck(do, l)
	case do.to != "":
		p.invite(do)
	default:
		p.inside(do, l)
	}
}

// reply answers a, or the request of another method in the same call.
func (p *peer) reply(do action, a *arrival) {
	if do.method != parser.MethodUnknown && do.method != a.m.Method() {
		for _, other := range p.came {
			if other.m.Method() == do.method && string(other.m.CallID()) == string(a.m.CallID()) && !other.final {
				do.method = parser.MethodUnknown
				p.reply(do, other)
				return
			}
		}
		return // it has its final response already
	}
	tag := do.tag
	if tag == "" {
		tag = a.tag
	}
	if tag == "" {
		tag = p.token("t")
	}
	a.tag = tag
	invite := a.m.Method() == parser.MethodInvite
	if do.status == parser.StatusTrying {
		tag = ""
	}
	var b parser.Builder
	b.Reset(nil)
	b.Response(a.m, do.status, "", tag)
	if invite && do.status > 100 && do.status < 300 {
		copyAll(&b, a.m, parser.HeaderRecordRoute)
	}
	p.contact(&b, do)
	if invite && do.status.Success() && toTag(a.m) == "" {
		p.legs = append(p.legs, legOfRequest(a, tag))
	}
	if invite && do.status.Success() && !do.noBody || do.body {
		b.Body("application/sdp", p.sessionFor(a.m))
	}
	p.answer(a, p.finish(&b))
}

// sessionFor returns the session body of a 2xx: an answer, or an offer when m had none (RFC 3261, Section 13.3.1.4).
func (p *peer) sessionFor(m *parser.Message) []byte {
	if answer, err := Answer(m.Body(), p.host.Addr()); err == nil {
		return answer
	}
	return SDP(p.host.Addr())
}

// contact writes Contact and the fields that an action names.
func (p *peer) contact(b *parser.Builder, do action) {
	contact := do.contact
	if contact == "" {
		contact = p.uri(p.name)
	}
	b.Header(parser.HeaderContact, "<"+contact+">")
	for _, h := range do.header {
		name, value, _ := strings.Cut(h, ":")
		b.Field(name, value)
	}
}

// legOfRequest returns the dialog that a 2xx with a tag makes for the callee (RFC 3261, Section 12.1.1).
func legOfRequest(a *arrival, tag string) *leg {
	l := &leg{arrival: a, tag: strings.ToLower(tag), callID: a.m.CallID(), remote: a.m.Raw(parser.HeaderFrom), seq: 1}
	l.local = fmt.Appendf(nil, "%s;tag=%s", a.m.Raw(parser.HeaderTo), tag)
	if c, err := a.m.Contact(); err == nil {
		l.target = c.URI()
	}
	for r, err := range a.m.RecordRoutes() {
		if err == nil {
			l.routes = append(l.routes, r.Raw())
		}
	}
	return l
}

// legOfResponse returns the dialog that a 2xx makes for the caller (RFC 3261, Section 12.1.2).
func (p *peer) legOfResponse(r *sent, m *parser.Message) *leg {
	for _, l := range p.legs {
		if l.invite == r && string(l.remote) == string(m.Raw(parser.HeaderTo)) {
			return l
		}
	}
	from, _ := r.m.From()
	cseq, _ := r.m.CSeq()
	l := &leg{invite: r, tag: strings.ToLower(string(from.Tag())), callID: m.CallID(), seq: cseq.Number}
	l.local, l.remote = r.m.Raw(parser.HeaderFrom), m.Raw(parser.HeaderTo)
	if c, err := m.Contact(); err == nil {
		l.target = c.URI()
	}
	for rr, err := range m.RecordRoutes() {
		if err == nil {
			l.routes = append(l.routes, rr.Raw())
		}
	}
	slices.Reverse(l.routes)
	p.legs = append(p.legs, l)
	return l
}

// is reports whether m, a request to this party, belongs to l.
func (l *leg) is(m *parser.Message) bool {
	return string(l.callID) == string(m.CallID()) && l.tag == toTag(m)
}

// legOf returns the dialog of a request to this party.
func (p *peer) legOf(m *parser.Message) *leg {
	for _, l := range p.legs {
		if l.is(m) {
			return l
		}
	}
	return nil
}
