package ua

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// send sends one REGISTER and waits for what becomes of it, on a goroutine of the pool: for a round trip, mostly.
func (r *Registration) send(turn int, act registration.Action) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.mu.Lock()
	if turn != r.turn {
		r.mu.Unlock()
		return
	}
	r.drop = cancel
	r.number++
	at := attempt{asked: r.client.Interval()}
	if act == registration.ActionUnregister {
		at.asked = 0
	}
	e := &errand{first: r.first, auth: r.auth}
	w := writing{enrolment: r.enrolment, agent: r.agent, seen: r.seen, secure: r.uri.IsSIPS(), interval: at.asked, outbound: r.opts.RegID > 0 && !r.plain}
	if r.own != "" && !r.got.outbound {
		w.stale = r.own
	}
	if r.pinned || act == registration.ActionUnregister {
		e.targets = r.line.targets()
	}
	flow, heard := r.line.flow, r.line.flow.Heard()
	r.mu.Unlock()

	e.fields = func(b *parser.Builder, h *transport.Hop) { at.sent, at.own = w.write(b, h) }
	at.msg, at.err = r.agent.run(ctx, e)
	at.way, at.last = e.way, e.number
	if at.own != "" && at.way != nil {
		at.seen = w.contact(at.way, r.agent.mapped.at(at.way))
	}
	if errors.Is(at.err, transaction.ErrTimeout) && e.targets != nil && flow.Heard() == heard {
		flow.Abort(transport.ErrSilent) // nobody is to send more into it
	}
	r.answer(turn, at)
}

// writing is what a REGISTER is written from.
type writing struct {
	*enrolment
	agent    *Agent
	seen     bool          // our own Contact is where the registrar sees us
	secure   bool          // the Request-URI is a SIPS URI
	interval time.Duration // 0: to be removed
	outbound bool
	stale    string // our own Contact of another flow, which still stands
}

// contact returns our own Contact for the way h, where at is host and port.
func (w writing) contact(h *transport.Hop, at string) string {
	user := w.user
	for _, c := range w.contacts {
		if c.URI == "" && c.User != "" {
			user = escapedUser(c.User)
		}
	}
	return contact(user, h, at, w.secure)
}

// at returns host and port of our own Contact.
func (w writing) at(h *transport.Hop) string {
	if w.seen {
		return w.agent.mapped.at(h)
	}
	return h.SentBy()
}

// write writes what follows CSeq, for the way h. It returns the Contacts, and our own one.
func (w writing) write(b *parser.Builder, h *transport.Hop) (sent []parser.NameAddr, own string) {
	for _, c := range w.contacts {
		v := "<" + c.URI + ">"
		if c.URI == "" {
			v = w.contact(h, w.at(h))
			own = v
			// It is its own instance that a user agent names, and none of a third party (RFC 5626, Section 4.2.3).
			if w.opts.Instance != "" {
				v += `;+sip.instance="<` + w.opts.Instance + `>"`
			}
			if w.outbound {
				v += ";reg-id=" + strconv.Itoa(w.opts.RegID)
			}
		}
		if c.Params != "" {
			v += ";" + c.Params
		}
		b.Header(parser.HeaderContact, v)
		if a, err := parser.ParseNameAddr([]byte(v)); err == nil {
			sent = append(sent, a)
		}
	}
	if w.stale != "" && own != "" && w.stale != own {
		// "it is the responsibility of each UA to refresh the bindings that it has previously established" (RFC 3261, Section 10.2.4), and to remove those
		// that lead nowhere any more.
		b.Header(parser.HeaderContact, w.stale+";expires=0")
	}
	b.Int(parser.HeaderExpires, int((w.interval+time.Second-1)/time.Second))
	supported := "path" // RFC 3327, Section 5.1
	if w.outbound {
		supported += ", outbound" // RFC 5626, Section 4.2.1
	}
	if w.opts.Instance != "" {
		supported += ", gruu" // RFC 5627, Section 4.1
	}
	b.Header(parser.HeaderSupported, supported)
	writeFields(b, w.opts.Header)
	return sent, own
}

// answer tells the machine what became of a REGISTER, unless nobody waits for it any more.
func (r *Registration) answer(turn int, at attempt) {
	r.mu.Lock()
	defer r.unlock()
	if turn != r.turn {
		return
	}
	r.drop = nil
	r.number = max(r.number, at.last)
	r.why = at.err
	e := r.judge(at)
	switch e.Kind {
	case registration.EventTimeout, registration.EventTransportError:
		r.pinned = false
	case registration.EventFailure:
		r.pinned = at.msg.Status() != parser.StatusServiceUnavailable // "they revisit the DNS resolution results" (RFC 5626, Section 4.2.1)
	case registration.EventUnbound:
		r.why = ErrUnbound
	}
	r.step(e)
}

// judge says what became of a REGISTER, and keeps what a 2xx says.
func (r *Registration) judge(at attempt) registration.Event {
	var refused *ResponseError
	switch {
	case at.err == nil && at.asked == 0:
		r.got = granted{}
		return registration.Event{Kind: registration.EventOK}
	case at.err == nil:
		g := r.read(at.msg, at.sent, at.asked, time.Now())
		r.moved = nil
		if !g.bound {
			return registration.Event{Kind: registration.EventUnbound}
		}
		if g.public == "" && g.temporary == "" && r.opts.Instance != "" {
			g.public, g.temporary = r.got.public, r.got.temporary
		}
		r.got, r.own, r.pinned = g, at.own, true
		r.settle(at.way, at.msg)
		if r.remap(at) {
			return registration.Event{Kind: registration.EventMoved}
		}
		return registration.Event{Kind: registration.EventOK, Granted: g.expires}
	case errors.As(at.err, &refused) && at.asked == 0:
		return registration.Event{Kind: registration.EventFailure}
	case errors.As(at.err, &refused):
		return r.refused(refused.Message)
	case errors.Is(at.err, transaction.ErrTimeout):
		return registration.Event{Kind: registration.EventTimeout}
	case errors.Is(at.err, ErrClosed):
		return registration.Event{Kind: registration.EventRefused}
	}
	return registration.Event{Kind: registration.EventTransportError}
}

// remap reports whether the registrar sees us elsewhere than our own Contact says, because there is a NAT on the way, so that it is to be registered
// anew: a server that goes by Contacts would never reach us. It does that once for each answer that binds; over a flow of RFC 5626 nobody goes by them.
func (r *Registration) remap(at attempt) bool {
	if r.got.outbound || at.own == "" || at.way == nil || at.way.Protocol() != transport.UDP || !translated(at.msg) {
		r.seen, r.again = false, false
		return false
	}
	r.seen, r.public = true, r.agent.mapped.at(at.way)
	r.again = !r.again && at.own != at.seen
	return r.again
}

// refused says what a response that is no 2xx means.
func (r *Registration) refused(m *parser.Message) registration.Event {
	if m.Status() == parser.StatusFirstHopLacksOutboundSupport && !r.plain {
		r.plain = true // "it MAY re-attempt registration without using the outbound mechanism" (RFC 5626, Section 4.2.1)
		return registration.Event{Kind: registration.EventMoved}
	}
	if m.Status()/100 != 3 {
		return verdict(m)
	}
	for c, err := range m.Contacts() {
		if err != nil || c.IsWildcard() || !c.URI().IsSIP() || r.home.IsSIPS() && !c.URI().IsSIPS() {
			continue // no silent way from a SIPS URI into the clear (RFC 3261, Section 8.1.3.4)
		}
		to, err := registrarURI(string(c.URI().Raw()), r.home)
		if err != nil || to.Equal(r.home) || slices.ContainsFunc(r.moved, to.Equal) {
			continue // "each URI once" (RFC 3261, Section 8.1.3.4)
		}
		r.moved = append(r.moved, to)
		r.uri = to
		return registration.Event{Kind: registration.EventMoved}
	}
	return registration.Event{Kind: registration.EventFailure}
}
