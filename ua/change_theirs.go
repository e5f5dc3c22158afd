package ua

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// theirs is a re-INVITE of the peer, or an UPDATE that has to be answered by the application.
type theirs struct {
	call   *Call
	life   *dialog.Change
	tx     *transaction.Server
	msg    *parser.Message
	dialog *dialog.Dialog
	media  *media
	offer  Body
	answer Body // or our offer
	timed  dialog.TimerAnswer
	next   parser.Wire // the answer, which is repeated when it is a 2xx to INVITE
}

// asked takes a request of the peer to change the session in d.
func (c *Call) asked(t *transaction.Server, m *parser.Message, d *dialog.Dialog) {
	a := c.agent
	if f := a.checkBody(m); f != nil {
		f.send(a, t, m)
		return
	}
	if f := a.checkAccept(m); f != nil {
		f.send(a, t, m)
		return
	}
	own := t.Request()
	c.mu.Lock()
	f := c.take(t, own, d)
	c.unlock()
	if f != nil {
		f.send(a, t, m)
	}
}

// take begins a change, or says how the request is refused. The caller holds c.mu.
func (c *Call) take(t *transaction.Server, m *parser.Message, d *dialog.Dialog) *refusal {
	switch c.session.State() {
	case dialog.Ending, dialog.Terminated: // our BYE crossed it
		return &refusal{status: parser.StatusDoesNotExist}
	}
	trial := *d
	if err := trial.Refresh(m); err != nil {
		return &refusal{status: statusOf(err)}
	}
	invite, described := m.Method() == parser.MethodInvite, c.agent.accepts(m)
	media := c.mediaOf(d)
	th := &theirs{call: c, tx: t, msg: m, dialog: d, media: media, life: dialog.NewChange(dialog.PeerUpdate, c.agent.timing, time.Now())}
	if described {
		th.offer = bodyOf(m)
	}
	timed, status := c.agent.cfg.timed().Answer(dialog.ReadTimer(m))
	if status != 0 {
		return c.agent.refuseInterval()
	}
	th.timed = timed
	switch {
	case !invite && !described:
		th.confirm()
		return nil
	case !invite && c.changes.update != nil:
		return refuseLater() // RFC 3311, Section 5.2
	case invite && c.changes.invite != nil && media.x.Inviting() == 0:
		c.changes.invite.step(dialog.Event{Kind: dialog.EventAck}) // which it implies: the 2xx arrived
	}
	request, _, _ := carriers(invite)
	switch v := media.x.Step(dialog.Remote, request, described); v {
	case dialog.VerdictPending:
		return &refusal{status: v.Status()}
	case dialog.VerdictLater:
		return refuseLater()
	case dialog.VerdictIllegal:
		return refuseChange()
	}
	if invite {
		th.life = dialog.NewChange(dialog.PeerInvite, c.agent.timing, time.Now())
		c.changes.invite = th
	} else {
		c.changes.update = th
	}
	t.Bind(th)
	if t.Final() { // a CANCEL on another connection was faster
		th.step(dialog.Event{Kind: dialog.EventBye})
		return nil
	}
	th.decide()
	return nil
}

// refuseLater is the refusal of a request that came before another one was answered (RFC 3261, Section 14.2).
func refuseLater() *refusal {
	return &refusal{parser.StatusServerInternalError, parser.HeaderRetryAfter, string('0' + byte(rand.IntN(10)))}
}

// refuseChange is the refusal of an offer.
func refuseChange() *refusal {
	return &refusal{parser.StatusNotAcceptableHere, parser.HeaderWarning, `399 ringback "the session cannot be changed"`}
}

// decide asks the application, if that wants to be asked, or answers for it. The caller holds the call's lock.
func (th *theirs) decide() {
	c, f := th.call, th.call.onOffer()
	switch {
	case f != nil:
		if !c.messages.run(c.agent.handlers, func() { th.ask(f) }) {
			th.reject(&refusal{parser.StatusServerInternalError, parser.HeaderRetryAfter, "5"})
		}
	case !th.media.local.IsZero() && (th.offer.IsZero() || th.media.knows(th.offer)):
		th.accept(th.media.local)
	default:
		th.reject(refuseChange())
	}
	c.arm(time.Now())
}

// ask asks the application.
func (th *theirs) ask(f func(*Call, Body) (Body, error)) {
	c := th.call
	c.mu.Lock()
	wanted := th.life.State() == dialog.Incoming
	c.mu.Unlock()
	if !wanted { // any more
		return
	}
	answer, err := Body{}, errors.New("handler panicked")
	status := parser.StatusServerInternalError
	if c.agent.guarded(func() { answer, err = f(c, th.offer) }) {
		status = parser.StatusNotAcceptableHere
	}
	c.mu.Lock()
	defer c.unlock()
	var named *ResponseError
	switch {
	case err == nil:
		th.accept(answer)
	case errors.As(err, &named) && named.Status.Final() && !named.Status.Success():
		th.reject(&refusal{status: named.Status})
	case status == parser.StatusNotAcceptableHere:
		th.reject(refuseChange())
	default:
		th.reject(&refusal{status: status})
	}
}

// accept answers 200 with body, the answer or our offer. The caller holds the call's lock.
func (th *theirs) accept(body Body) {
	w, err := th.response(parser.StatusOK, func(b *parser.Builder) { writeBody(b, body) })
	if err != nil {
		th.call.agent.log.Error("answer to an offer", "call_id", th.call.id, "err", err)
		th.reject(&refusal{status: parser.StatusServerInternalError})
		return
	}
	if th.life.State() == dialog.Incoming { // else it is too late
		th.answer, th.next = body, w
	}
	th.step(dialog.Event{Kind: dialog.EventAnswer, Status: parser.StatusOK})
}

// reject answers with f. The caller holds the call's lock.
func (th *theirs) reject(f *refusal) {
	if w, err := th.refusal(f); err == nil && th.life.State() == dialog.Incoming {
		th.next = w
	}
	th.step(dialog.Event{Kind: dialog.EventReject, Status: f.status})
}

func (th *theirs) refusal(f *refusal) (parser.Wire, error) {
	return th.response(f.status, func(b *parser.Builder) {
		if f.header != parser.HeaderUnknown {
			b.Header(f.header, f.value)
		}
	})
}

// confirm answers an UPDATE that offers nothing: it is about the target alone. The caller holds the call's lock.
func (th *theirs) confirm() {
	w, err := th.response(parser.StatusOK, nil)
	if err != nil {
		return
	}
	th.refresh()
	th.send(w)
}

// refresh follows the peer to its new address: its request is accepted (RFC 6141, Section 4.6).
func (th *theirs) refresh() {
	th.dialog.Refresh(th.msg) // which was tried
	if d := th.call.dialog; d != nil && th.dialog != d {
		return // a fork that lost says nothing about the call
	}
	if established(th.call.session.State()) {
		th.call.refresher.Answered(dialog.ReadTimer(th.msg), th.timed, time.Now())
	}
	th.call.packages.read(th.msg)
	if th.msg.Has(parser.HeaderAllow) && th.dialog == th.call.dialog {
		th.call.peer.update = th.msg.Allows(parser.MethodUpdate)
	}
}

// response writes a response to the request.
func (th *theirs) response(status parser.Status, more func(*parser.Builder)) (parser.Wire, error) {
	c := th.call
	a := c.agent
	var b parser.Builder
	b.Reset(make([]byte, 0, a.inviteAnswers.size(th.msg)))
	b.Response(th.msg, status, "", "")
	if h, ok := th.tx.Conn().(*transport.Hop); ok && status.Success() {
		c.contact(&b, h)
		a.abilities(&b)
		a.willing(&b, th.msg)
		if established(c.session.State()) {
			answerTimer(&b, th.timed)
		}
	}
	a.server(&b)
	extend(&b, more)
	return b.Wire()
}

// send queues a response.
func (th *theirs) send(w parser.Wire) {
	c, t := th.call, th.tx
	c.out.Put(func() {
		if err := t.Respond(w); err != nil {
			c.agent.log.Debug("response not sent", "call_id", c.id, "err", err)
		}
	})
}

// step drives the machine and queues what it asks for. The caller holds the call's lock.
func (th *theirs) step(e dialog.Event) {
	c, now := th.call, time.Now()
	was := th.life.State()
	_, success, refused := carriers(th.life.Kind() == dialog.PeerInvite)
	var buf [4]dialog.Action
	for _, act := range th.life.Step(buf[:0], e, now) {
		switch act.Kind {
		case dialog.ActionAnswer:
			th.refresh()
			if th.media.x.Step(dialog.Local, success, !th.answer.IsZero()) == dialog.VerdictAnswer {
				th.media.agreed(th.answer, th.offer)
			}
			th.send(th.next)
		case dialog.ActionAnswerAgain:
			th.send(th.next)
		case dialog.ActionReject:
			th.send(th.next)
		case dialog.ActionLate, dialog.ActionTerminated:
			if w, err := th.refusal(&refusal{status: act.Status}); err == nil {
				th.send(w)
			}
		case dialog.ActionCancelOK:
			c.replyInside(parser.StatusOK)
		case dialog.ActionEnded:
			th.media.x.Step(dialog.Local, refused, false)
		case dialog.ActionDead:
			c.because(ErrNoAck, false)
			c.step(dialog.Event{Kind: dialog.EventDead})
		}
	}
	if was != dialog.Terminated && th.life.State() == dialog.Terminated {
		th.leave()
	}
	c.arm(now)
}

// leave lets go of a request that is over.
func (th *theirs) leave() {
	c := th.call
	if c.changes.invite == th {
		c.changes.invite = nil
	}
	if c.changes.update == th {
		c.changes.update = nil
	}
	th.next = parser.Wire{}
	c.free()
}

// acknowledges reports whether m is the ACK to the 2xx to the re-INVITE.
func (th *theirs) acknowledges(m *parser.Message) bool {
	ours, err := th.msg.CSeq()
	if err != nil {
		return false
	}
	seq, err := m.CSeq()
	return err == nil && seq.Number == ours.Number && th.life.State() == dialog.Answered
}

// acked takes that ACK, and the answer in it when we made the offer. The caller holds the call's lock.
func (th *theirs) acked(m *parser.Message) {
	if th.media.x.Step(dialog.Remote, dialog.CarryAck, th.call.agent.accepts(m)) == dialog.VerdictAnswer {
		th.media.agreed(th.answer, bodyOf(m))
	}
	th.step(dialog.Event{Kind: dialog.EventAck})
}

// cancelled takes a CANCEL of the request, which t answers.
func (th *theirs) cancelled(t *transaction.Server, m *parser.Message) {
	c := th.call
	c.mu.Lock()
	c.now = inside{t, m}
	th.step(dialog.Event{Kind: dialog.EventCancel})
	if c.now.tx != nil { // of an UPDATE, which nothing cancels
		c.replyInside(parser.StatusOK)
	}
	c.unlock()
}

// Ack takes an ACK that matched the re-INVITE's own transaction: RFC 2543 peers (RFC 6026, Section 6).
func (th *theirs) Ack(_ *transaction.Server, m *parser.Message) {
	th.call.mu.Lock()
	if th.acknowledges(m) {
		th.acked(m)
	}
	th.call.unlock()
}

// Failed hears that a response could not be delivered: the peer repeats its request, and the machine has its deadlines.
func (th *theirs) Failed(_ *transaction.Server, err error) {
	th.call.agent.log.Debug("response to a request inside a call", "call_id", th.call.id, "err", err)
}
