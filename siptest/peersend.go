package siptest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// step does what a step of the script says: `sends BYE`, `repeats INVITE`, `sends stray 200 INVITE to URI`.
func (p *peer) step(verb string, words []string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case verb == "repeats" && len(words) == 1:
		for _, r := range slices.Backward(p.asked) {
			if r.m.Method().String() == words[0] {
				p.send(r.bytes, r.to)
				return nil
			}
		}
		return fmt.Errorf("%s was not sent", words[0])
	case verb == "sends" && len(words) == 5 && words[0] == "stray" && words[3] == "to":
		return p.stray(words[1], words[2], words[4])
	case verb != "sends" || len(words) == 0:
		return fmt.Errorf("a peer sends or repeats")
	}
	do, err := parseAction(words, false)
	if err != nil {
		return err
	}
	// What belongs into a dialog waits until there is one: under loss it may come late.
	p.later = append(p.later, func() bool {
		l := p.dialog(do.tag)
		if l == nil && do.to == "" && do.method != parser.MethodCancel {
			return false
		}
		p.act(do, nil, l)
		return true
	})
	p.proceed()
	return nil
}

// proceed takes the steps that were waiting and can be taken now.
func (p *peer) proceed() {
	p.later = slices.DeleteFunc(p.later, func(f func() bool) bool { return f() })
}

// dialog returns the latest dialog with a tag, or the latest of all, that has been confirmed and not ended.
func (p *peer) dialog(tag string) *leg {
	for _, l := range slices.Backward(p.legs) {
		if l.confirmed && !l.ended && (tag == "" || strings.EqualFold(tag, l.tag)) {
			return l
		}
	}
	return nil
}

// invite sends a request outside a dialog.
func (p *peer) invite(do action) {
	uri, err := parser.ParseURI([]byte(do.to))
	if err != nil {
		panic(fmt.Sprintf("siptest: %s: %q is no URI", p.name, do.to))
	}
	tag := do.tag
	if tag == "" {
		tag = p.token("t")
	}
	own, _ := parser.ParseURI([]byte(p.uri(p.name)))
	next := uri
	if do.via != "" {
		next, _ = parser.ParseURI([]byte(do.via))
	}
	to, ok := p.wayTo(next)
	if !ok {
		panic(fmt.Sprintf("siptest: %s: %q is no address", p.name, next.Raw()))
	}
	var b parser.Builder
	b.Reset(nil)
	b.Request(do.method, uri)
	b.Via(upper(to.protocol), p.sentBy(), p.branch())
	if do.via != "" {
		b.Header(parser.HeaderRoute, "<"+do.via+";lr>")
	}
	b.Int(parser.HeaderMaxForwards, 70)
	b.Address(parser.HeaderFrom, "", own, tag)
	b.Address(parser.HeaderTo, "", uri, "")
	b.Header(parser.HeaderCallID, p.token("c"))
	b.CSeq(1, do.method)
	p.body(&b, do)
	r := p.ask(p.finish(&b), to, nil)
	if do.method == parser.MethodInvite {
		p.invited = r
	}
}

// body ends a request: Contact and the session of an INVITE.
func (p *peer) body(b *parser.Builder, do action) {
	p.contact(b, do)
	if do.method == parser.MethodInvite && !do.noBody || do.body {
		b.Body("application/sdp", SDP(p.host.Addr()))
	}
}

// inside sends a request in l (RFC 3261, Section 12.2.1.1); the proxies of a script are loose routers.
func (p *peer) inside(do action, l *leg) {
	if l == nil {
		return
	}
	l.seq++
	l.ended = l.ended || do.method == parser.MethodBye
	var b parser.Builder
	p.begin(&b, do.method, l, l.seq)
	own := slices.ContainsFunc(do.header, func(h string) bool { return strings.HasPrefix(h, "RAck:") })
	if do.method == parser.MethodPrack && !own {
		b.Header(parser.HeaderRAck, l.rack)
	}
	p.body(&b, do)
	r := p.ask(p.finish(&b), p.hop(l), nil)
	r.leg = l
	if do.method == parser.MethodInvite {
		p.invited = r
	}
}

// begin writes a request in l up to CSeq.
func (p *peer) begin(b *parser.Builder, m parser.Method, l *leg, seq uint32) {
	b.Reset(nil)
	b.Request(m, l.target)
	b.Via(upper(p.hop(l).protocol), p.sentBy(), p.branch())
	for _, r := range l.routes {
		b.HeaderBytes(parser.HeaderRoute, r)
	}
	b.Int(parser.HeaderMaxForwards, 70)
	b.HeaderBytes(parser.HeaderFrom, l.local)
	b.HeaderBytes(parser.HeaderTo, l.remote)
	b.HeaderBytes(parser.HeaderCallID, l.callID)
	b.CSeq(seq, m)
}

// hop returns where requests in l go. A callee keeps to the stream that the INVITE came on, while it is there, as phones do.
func (p *peer) hop(l *leg) way {
	next := l.target
	if len(l.routes) > 0 {
		if r, err := parser.ParseNameAddr(l.routes[0]); err == nil {
			next = r.URI()
		}
	}
	to, ok := p.wayTo(next)
	if a := l.arrival; a != nil && a.from.protocol == "tcp" && p.streams[a.from.addr] != nil && a.from.addr.Addr() == to.addr.Addr() {
		return a.from
	}
	if !ok {
		panic(fmt.Sprintf("siptest: %s: the dialog goes to %q, which is no address", p.name, next.Raw()))
	}
	return to
}

// sendAck acknowledges the last 2xx in l.
func (p *peer) sendAck(do action, l *leg) {
	if l == nil || l.invite == nil {
		return
	}
	r := l.invite
	cseq, _ := r.m.CSeq()
	var b parser.Builder
	p.begin(&b, parser.MethodAck, l, cseq.Number)
	if !do.noBody && len(r.m.Body()) == 0 {
		b.Body("application/sdp", SDP(p.host.Addr()))
	}
	ack := p.finish(&b)
	to, _ := parser.ParseNameAddr(l.remote)
	r.acks[strings.ToLower(string(to.Tag()))] = ack
	p.send(ack, p.hop(l))
}

// sendCancel cancels the last INVITE (RFC 3261, Section 9.1).
func (p *peer) sendCancel() {
	if p.invited == nil {
		return
	}
	var b parser.Builder
	b.Reset(nil)
	b.Cancel(p.invited.m)
	p.ask(p.finish(&b), p.invited.to, nil)
}

// stray sends a response that nobody asked for.
func (p *peer) stray(status, method, to string) error {
	uri, err := parser.ParseURI([]byte(to))
	w, ok := p.wayTo(uri)
	if err != nil || !ok {
		return fmt.Errorf("%q is no address", to)
	}
	text := fmt.Sprintf("SIP/2.0 %s Stray\r\nVia: SIP/2.0/%s %s:%d;branch=%s\r\nFrom: <%s>;tag=%s\r\nTo: <%s>;tag=%s\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nContact: <%s>\r\nContent-Length: 0\r\n\r\n",
		status, upper(w.protocol), uri.Host(), sipPort, p.branch(), uri.Raw(), p.token("t"), p.uri(p.name), p.token("t"), p.token("c"), method, p.uri(p.name))
	var m parser.Message
	if m.Parse([]byte(text)) != nil || m.Check() != nil || m.IsRequest() {
		return fmt.Errorf("%s %s is no response", status, method)
	}
	p.send([]byte(text), w)
	return nil
}

// upper returns the name of a protocol as it stands in Via.
func upper(protocol string) string {
	if protocol == "tcp" {
		return "TCP"
	}
	return "UDP"
}

// copyAll copies the fields of h.
func copyAll(b *parser.Builder, m *parser.Message, h parser.Header) {
	for f := range m.Fields() {
		if f.Header == h {
			b.HeaderBytes(h, f.Value)
		}
	}
}
