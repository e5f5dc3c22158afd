package ua

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// incoming is what a callee's Call keeps besides the dialog.
type incoming struct {
	tx     *transaction.Server
	invite *parser.Message // until the ACK: a call of hours is no reason to keep 64 KiB
	tag    string          // our To tag: one for all responses (RFC 3261, Section 13.3.1.1)
	next   parser.Wire     // the response that the user's event asks for
	kept   parser.Wire     // the 1xx or 2xx that is repeated
	offer  Body            // likewise
	late   bool            // there was no offer: the ACK carries the answer to ours
	rel    *reliably       // nil until a provisional response is sent reliably
	user   *User           // who proved to have placed the call, nil without Authenticate
	answer Body            // what next carries
	media  media
	timed  dialog.TimerAnswer // what the 2xx says of session timers
	bye    *transport.Hop     // that of a BYE whose copies are bounded
}

// inside is a request of the peer that the session machine answers.
type inside struct {
	tx  *transaction.Server
	msg *parser.Message
}

// invited takes an INVITE outside a dialog that passed the checks.
func (a *Agent) invited(t *transaction.Server, m *parser.Message, user *User) {
	timed, status := a.cfg.timed().Answer(dialog.ReadTimer(m))
	if status != 0 {
		a.refuseInterval().send(a, t, m)
		return
	}
	c := newCall(a, dialog.Callee)
	c.in = &incoming{tx: t, invite: m, tag: a.tokens.one(), offer: bodyOf(m), user: user}
	c.in.late = c.in.offer.IsZero()
	c.in.timed = timed
	c.in.media.x.Step(dialog.Remote, dialog.CarryInvite, !c.in.late)
	c.in.media.heard(c.in.offer)
	takes, refused := a.takeover(m)
	if refused != nil {
		refused.send(a, t, m)
		return
	}
	c.takes = takes
	d, err := dialog.NewServer(m, c.in.tag)
	if err != nil {
		// An INVITE without a usable Contact could never be answered by a request (RFC 3261, Section 8.1.1.8).
		a.respond(t, m, statusOf(err), "", nil)
		return
	}
	c.dialog = d
	c.id = d.ID().CallID
	c.me = a.meOf(m)
	c.packages.read(m)
	h, _ := t.Conn().(*transport.Hop)
	c.peer = a.peerOf(h, m)
	if a.addCall(c) != nil {
		a.refuseBusy(t, m)
		return
	}
	c.mu.Lock()
	now := time.Now()
	c.expires = inviteExpiry(m, now)
	c.asks(d)
	c.join(d.ID())
	c.release = c.flow().Hold()
	c.arm(now)
	c.mu.Unlock()
	if user != nil {
		t.Reached()
	}
	t.Bind((*callee)(c))
	if t.Final() { // a CANCEL on another connection was faster
		c.mu.Lock()
		c.because(ErrCanceled, true)
		c.mu.Unlock()
		c.hangup()
		return
	}
	if !a.handlers.run(c.serve) {
		c.reject(parser.StatusServiceUnavailable, "", retryLater)
	}
}

// statusOf returns the status with which to answer a request that makes no dialog because of err.
func statusOf(err error) parser.Status {
	var e interface{ Status() parser.Status }
	if errors.As(err, &e) && e.Status() != 0 {
		return e.Status()
	}
	return parser.StatusBadRequest
}

// serve runs Config.OnCall and ends what it left undone: a call without an answer, or one that nobody looks after because
// the handler panicked or ended its goroutine.
func (c *Call) serve() {
	returned := false
	defer func() {
		switch {
		case returned && c.held():
			// It was answered: the 200 waits for a PRACK, which has a deadline of its own.
		case returned:
			if c.unanswered() {
				c.Reject(parser.StatusTemporarilyUnavailable) // refused when there is an answer by now
			}
		case c.Reject(parser.StatusServerInternalError) != nil:
			c.hangup()
		}
	}()
	returned = c.agent.guarded(func() {
		if c.admitted() {
			c.agent.cfg.OnCall(c)
		}
	})
}

// unanswered reports whether a callee's call waits for its final response.
func (c *Call) unanswered() bool {
	s := c.State()
	return s == dialog.Incoming || s == dialog.Ringing
}

// Invite returns the INVITE that made the call: as received, or, for a caller, as last sent. It is the Call's own
// and may be kept. A callee's Call lets go of it when its answer is acknowledged, a caller's 64*T1 after that: then it is nil, unless Config.KeepInvite is set.
func (c *Call) Invite() *parser.Message {
	if c.role == dialog.Callee {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.in.invite
	}
	c.mu.Lock()
	o := c.cal.out
	c.mu.Unlock()
	if o != nil {
		if t := o.client(); t != nil {
			return t.Request()
		}
	}
	return nil
}

// Offer returns the session body of the INVITE, a zero Body when it had none: then the answer carries an offer. A
// callee's Call lets go of it with the INVITE.
func (c *Call) Offer() Body {
	if c.role == dialog.Caller {
		return c.cal.offer
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in.offer
}

// Ring tells the caller that the user is being alerted: 180.
func (c *Call) Ring() error { return c.Progress(parser.StatusRinging, Body{}) }

// Progress sends a provisional response, 101 to 199, with a body or none. A body previews the answer: it is the same as
// that given to Answer (RFC 3261, Section 13.2.1). It is repeated every minute until there is an answer.
//
// Config.Reliable says when it is sent reliably (RFC 3262): then it is repeated until the caller's PRACK comes, others wait their turn behind it, and without a
// PRACK in 64*T1 the call is answered 504 and ends with ErrNoPrack. The body is the answer then, or the offer to a caller who made
// none, whose answer comes with the PRACK: see Acknowledged.
func (c *Call) Progress(status parser.Status, body Body) error {
	return c.progress(response{status: status}, body, nil)
}

func (c *Call) progress(first response, body Body, more func(*parser.Builder)) error {
	status := first.status
	if !status.Provisional() || status == parser.StatusTrying {
		return errors.New("sip: a provisional response is 101 to 199")
	}
	if m := c.Invite(); c.role == dialog.Callee && m != nil && c.agent.reliableTo(m, !body.IsZero()) {
		return c.progressReliably(first, body, more)
	}
	return c.answer(dialog.EventRing, first, body, more)
}

// Answer accepts the call: 200 with the answer to Offer, or with an offer when there was none. The 200 is repeated until
// the ACK comes; without one the call ends with ErrNoAck (RFC 3261, Section 13.3.1.4). When a reliable provisional response had a body, the
// 200 has none: body is the same one or none. The 200 then waits for the PRACK (RFC 3262, Section 3).
func (c *Call) Answer(body Body) error { return c.accept(response{status: parser.StatusOK}, body, nil) }

func (c *Call) accept(first response, body Body, more func(*parser.Builder)) error {
	body, err := c.left2xx(body)
	if err != nil {
		return err
	}
	return c.answer(dialog.EventAnswer, first, body, more)
}

// Reject refuses the call with a final response of 300 to 699: 486 busy, 603 declined.
func (c *Call) Reject(status parser.Status) error { return c.reject(status, "", nil) }

// Redirect answers 302 with the addresses to try instead, as URIs: one at least.
func (c *Call) Redirect(to ...string) error {
	if len(to) == 0 {
		return errors.New("sip: redirect: name an address to try instead")
	}
	var uris []parser.URI
	for _, s := range to {
		uri, err := parser.ParseURI([]byte(s))
		if err != nil {
			return fmt.Errorf("sip: redirect to %q: %w", s, err)
		}
		uris = append(uris, uri)
	}
	return c.reject(parser.StatusMovedTemporarily, "", func(b *parser.Builder) {
		for _, uri := range uris {
			b.Address(parser.HeaderContact, "", uri, "")
		}
	})
}

func (c *Call) reject(status parser.Status, reason string, more func(*parser.Builder)) error {
	return c.decline(response{status, reason}, Body{}, more)
}

func (c *Call) decline(first response, body Body, more func(*parser.Builder)) error {
	status := first.status
	if status < 300 || !status.Final() {
		return errors.New("sip: a refusal is 300 to 699")
	}
	if c.role == dialog.Caller {
		return ErrState
	}
	m := c.Invite()
	if m == nil {
		return ErrState
	}
	w, err := c.response(m, first, body, more)
	if err != nil {
		return err
	}
	return c.user(dialog.Event{Kind: dialog.EventReject, Status: status}, w, Body{})
}

// answer sends a response that makes a dialog.
func (c *Call) answer(kind dialog.EventKind, first response, body Body, more func(*parser.Builder)) error {
	if c.role == dialog.Caller {
		return ErrState
	}
	m := c.Invite()
	if m == nil || !c.unanswered() { // Config.KeepInvite keeps it for longer than its transaction
		return ErrState
	}
	w, err := c.response(m, first, body, more)
	if err != nil {
		return err
	}
	return c.user(dialog.Event{Kind: kind, Status: first.status}, w, body)
}

// user steps the callee's session with an event of the application, whose response is w and carries body.
func (c *Call) user(e dialog.Event, w parser.Wire, body Body) error {
	c.mu.Lock()
	c.in.answer = body
	var ok bool
	if e.Kind == dialog.EventAnswer && c.in.rel != nil {
		ok = c.succeed(progress{e.Status, w})
	} else {
		c.in.next = w
		ok = c.step(e)
	}
	c.unlock()
	if !ok {
		return ErrState
	}
	return nil
}

// response writes a response to the INVITE m. One that makes a dialog has Record-Route copied, and Contact
// (RFC 3261, Section 12.1.1).
func (c *Call) response(m *parser.Message, first response, body Body, more func(*parser.Builder)) (parser.Wire, error) {
	a := c.agent
	var b parser.Builder
	b.Reset(make([]byte, 0, a.inviteAnswers.size(m)))
	b.Response(m, first.status, first.reason, c.in.tag)
	if first.status < 300 {
		dialog.WriteServerHeaders(&b, m)
		if h, ok := c.in.tx.Conn().(*transport.Hop); ok {
			c.contact(&b, h)
		}
		a.abilities(&b)
		if first.status >= 200 {
			a.willing(&b, m)
			answerTimer(&b, c.in.timed)
		}
	}
	a.server(&b)
	extend(&b, more)
	writeBody(&b, body)
	w, err := b.Wire()
	if err != nil {
		return w, fmt.Errorf("sip: respond %d: %w", first.status, err)
	}
	a.inviteAnswers.used(m, len(w.Head))
	return w, nil
}

// contact returns a Contact value for the way h, which leads back to at, as a SIPS URI when the request asks for one: of that TLS is the meaning, and its transport
// is what TLS runs over. A SIP URI says tls although RFC 5630, Section 5.1.1, forbids it: without, it would name a UDP port
// that nobody listens on, and deployed phones write and read it. A host that does not exist is named as RFC 7118 does it.
func contact(user string, h *transport.Hop, at string, secure bool) string {
	scheme, sign, way := "sip:", "", ""
	if secure {
		scheme = "sips:"
	}
	if user != "" {
		sign = "@"
	}
	p := h.Protocol()
	switch {
	case p == transport.UDP, secure && p == transport.TLS:
	case p == transport.WSS && (secure || strings.HasSuffix(at, ".invalid")):
		way = ";transport=ws"
	default:
		way = ";transport=" + p.Network()
	}
	return "<" + scheme + user + sign + at + way + ">"
}

// cancelled steps the session with a CANCEL, which t answers.
func (c *Call) cancelled(t *transaction.Server, m *parser.Message) {
	c.mu.Lock()
	c.now = inside{t, m}
	switch c.session.State() {
	case dialog.Incoming, dialog.Ringing:
		c.endedBy(m)
		c.because(canceledBy(m), true)
	}
	c.step(dialog.Event{Kind: dialog.EventCancel})
	c.unlock()
}

// acked takes an ACK to our 2xx. Only the one with the INVITE's number counts (RFC 3261, Section 13.3.1.4).
func (c *Call) acked(m *parser.Message) {
	c.mu.Lock()
	if th := c.changes.invite; th != nil && th.acknowledges(m) {
		th.acked(m)
		c.unlock()
		return
	}
	if c.role != dialog.Callee || !c.dialog.Acknowledges(m) {
		c.mu.Unlock()
		return
	}
	c.reached()
	if s := c.session.State(); s == dialog.Answered || s == dialog.AnsweredHangup { // else it came before, and says nothing of what was offered since
		if c.in.media.x.Step(dialog.Remote, dialog.CarryAck, c.agent.accepts(m)) == dialog.VerdictAnswer {
			c.in.media.heard(bodyOf(m))
		}
		if c.in.late && c.body.IsZero() {
			c.body = bodyOf(m)
		}
	}
	c.step(dialog.Event{Kind: dialog.EventAck})
	c.unlock()
}

// callee is a Call as the user of its INVITE's server transaction.
type callee Call

// Ack takes an ACK that matched the INVITE's own transaction: RFC 2543 peers (RFC 6026, Section 6).
func (c *callee) Ack(_ *transaction.Server, m *parser.Message) { (*Call)(c).acked(m) }

// Failed hears that a response could not be delivered, or that the ACK to a refusal never came. Neither changes the
// call: the peer repeats its INVITE, and the session has its own deadlines (RFC 6026, Section 8.8).
func (c *callee) Failed(_ *transaction.Server, err error) {
	c.agent.log.Debug("response to INVITE", "call_id", c.id, "err", err)
}
