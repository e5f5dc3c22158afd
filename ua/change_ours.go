package ua

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// Reinvite changes the session of an answered call: holds, resumes, moves media (RFC 3261, Section 14). It blocks until the peer accepted
// offer, and returns its answer. A zero offer asks the peer for one: that is what is returned then, and Config.OnOffer makes the answer that
// the ACK carries; without it the answer is our last description.
//
// It waits for its turn while another request changes the session, ours or the peer's, and tries again when the two crossed (491). A refusal is a *ResponseError and
// leaves the session as it was; that the peer is gone (481, 408, transaction.ErrTimeout) ends the call. When ctx ends the request is cancelled, and
// Reinvite returns ctx's error when the peer confirmed that, or the answer when that was faster.
func (c *Call) Reinvite(ctx context.Context, offer Body) (answer Body, err error) {
	return c.change(ctx, dialog.OurInvite, nil, offer)
}

// Update is Reinvite by UPDATE (RFC 3311), which the peer has to answer at once, without asking its user, and which it may not allow:
// ErrNoUpdate. It can be sent before the call is answered too, with an offer only when the first exchange was completed reliably (RFC 3262), else ErrState. A
// zero offer tells the peer our address and leaves the session alone. When ctx ends nothing can be cancelled: whether the peer accepted remains open.
func (c *Call) Update(ctx context.Context, offer Body) (answer Body, err error) {
	return c.change(ctx, dialog.OurUpdate, nil, offer)
}

// ErrNoUpdate: the peer's Allow does not list UPDATE, or it said nothing about it (RFC 3311, Section 5.1).
var ErrNoUpdate = errors.New("sip: the peer does not allow UPDATE")

// change changes the session by a request of kind k, in the early dialog e or, when that is nil, that of the call.
func (c *Call) change(ctx context.Context, k dialog.ChangeKind, e *Early, offer Body) (Body, error) {
	for small := 0; ; {
		o, turn, err := c.propose(k, e, offer)
		switch {
		case err != nil:
			return Body{}, err
		case o != nil:
			answer, err := o.wait(ctx)
			var refused *ResponseError
			switch again := ctx.Err() == nil && errors.As(err, &refused); {
			case again && refused.Status == parser.StatusRequestPending:
				turn = after(dialog.GlareWait(c.role, c.agent.random()))
			case again && small < maxRetries && c.learns(refused):
				small++
				continue
			default:
				return answer, err
			}
		}
		select {
		case <-turn:
		case <-ctx.Done():
			return Body{}, ctx.Err()
		case <-c.done:
			return Body{}, ErrState
		}
	}
}

// after returns what is closed after d.
func after(d time.Duration) <-chan struct{} {
	over := make(chan struct{})
	time.AfterFunc(d, func() { close(over) })
	return over
}

// ours is a re-INVITE or UPDATE of ours.
type ours struct {
	call    *Call
	life    *dialog.Change
	dialog  *dialog.Dialog
	media   *media
	offer   Body
	least   time.Duration // of a 422
	rel     dialog.ReliableClient
	sent    *sent
	refresh bool              // for the session timer: nobody waits
	timed   dialog.TimerOffer // what it said
	over    chan struct{}     // closed when answer and err are there to be read
	answer  Body
	err     error
	tx      *transaction.Client // that was accepted
	ack     *acknowledgement    // of the effects, which run one at a time
}

// carriers are the messages of a request, of its acceptance and of its refusal.
func carriers(invite bool) (request, success, refusal dialog.Carrier) {
	if invite {
		return dialog.CarryInvite, dialog.CarrySuccess, dialog.CarryRefusal
	}
	return dialog.CarryUpdate, dialog.CarryUpdateSuccess, dialog.CarryUpdateRefusal
}

// propose sends a request of kind k in e or the call's dialog; when it is not its turn, turn is what to wait for.
func (c *Call) propose(k dialog.ChangeKind, e *Early, offer Body) (o *ours, turn <-chan struct{}, err error) {
	c.mu.Lock()
	defer c.unlock()
	d, update := c.changeable(k)
	if e != nil {
		d, update = e.changeable()
	}
	switch {
	case d == nil:
		return nil, nil, ErrState
	case k == dialog.OurUpdate && !update:
		return nil, nil, ErrNoUpdate
	}
	m := c.mediaOf(d)
	request, _, _ := carriers(k == dialog.OurInvite)
	next := m.x // of which only a copy is stepped before it is our turn
	v := next.Step(dialog.Local, request, !offer.IsZero())
	switch {
	case c.changes.ours != nil, k == dialog.OurInvite && (c.changes.invite != nil || c.session.State() != dialog.Confirmed):
		return nil, c.wait(), nil
	case v == dialog.VerdictRefuse && !established(c.session.State()) && c.changes.update == nil:
		return nil, nil, ErrState // until the INVITE has its answer
	case v == dialog.VerdictRefuse:
		return nil, c.wait(), nil
	}
	m.x = next
	return c.begun(k, d, offer), nil, nil
}

// begun sends a request of kind k in d. The caller holds c.mu.
func (c *Call) begun(k dialog.ChangeKind, d *dialog.Dialog, offer Body) *ours {
	now := time.Now()
	o := &ours{call: c, dialog: d, timed: c.refresher.Offer(), media: c.mediaOf(d), offer: offer, over: make(chan struct{}), life: dialog.NewChange(k, c.agent.timing, now)}
	r := within{method: parser.MethodInvite, fields: o.fields, body: offer, user: o}
	if k == dialog.OurUpdate {
		r.method = parser.MethodUpdate
	}
	c.changes.ours = o
	o.sent = c.send(d, r)
	c.arm(now)
	return o
}

// fields writes what a target refresh request of ours has besides. It is an effect of the call.
func (o *ours) fields(b *parser.Builder, h *transport.Hop) {
	c := o.call
	c.contact(b, h)
	c.agent.abilities(b)
	offerTimer(b, o.timed)
}

// changeable returns the dialog in which a request of kind k can be sent now or soon, nil when there is none, and whether the peer allows UPDATE there.
func (c *Call) changeable(k dialog.ChangeKind) (*dialog.Dialog, bool) {
	s := c.session.State()
	switch {
	case c.removed:
		return nil, false
	case established(s), k == dialog.OurUpdate && s == dialog.Ringing:
		return c.dialog, c.peer.update
	case k == dialog.OurUpdate && s == dialog.Proceeding && len(c.cal.legs) == 1: // else nobody knows which phone is meant
		return c.cal.legs[0].dialog, c.cal.legs[0].update
	}
	return nil, false
}

// wait waits for the outcome.
func (o *ours) wait(ctx context.Context) (Body, error) {
	c := o.call
	select {
	case <-o.over:
		return o.answer, o.err
	case <-c.done:
		return o.last()
	case <-ctx.Done():
	}
	c.mu.Lock()
	o.step(dialog.Event{Kind: dialog.EventHangup})
	kind := o.life.Kind()
	c.unlock()
	if kind == dialog.OurUpdate {
		return Body{}, ctx.Err()
	}
	select {
	case <-o.over:
	case <-c.gone:
		return o.last()
	}
	if o.err != nil {
		return Body{}, ctx.Err()
	}
	return o.answer, nil
}

// last returns the outcome of a request whose call is over: perhaps it was what ended it.
func (o *ours) last() (Body, error) {
	select {
	case <-o.over:
		return o.answer, o.err
	default:
		return Body{}, ErrState
	}
}

// wanted reports whether a challenged request is worth another try: nobody gave up. The caller holds the call's lock, as does again's.
func (o *ours) wanted() bool {
	s := o.life.State()
	return s == dialog.Calling || s == dialog.Proceeding
}

// again begins the life of another try, whose CANCEL waits for a provisional response of its own (RFC 3261, Section 9.1).
func (o *ours) again() {
	now := time.Now()
	o.life = dialog.NewChange(o.life.Kind(), o.call.agent.timing, now)
	o.rel = dialog.ReliableClient{}
	o.call.arm(now)
}

// Response takes a response to the request.
func (o *ours) Response(t *transaction.Client, m *parser.Message) {
	c, status := o.call, m.Status()
	c.mu.Lock()
	defer c.unlock()
	switch {
	case status.Provisional():
		o.provisional(m)
		o.step(dialog.Event{Kind: dialog.EventTrying, Status: status})
	case status.Success():
		if o.life.State() != dialog.Terminated {
			o.tx = t
			o.accepted(m)
		}
		o.step(dialog.Event{Kind: dialog.EventSuccess, Status: status})
	default:
		o.refused(o.sent.refusal(m))
		o.least = dialog.ReadTimer(m).Min
		o.step(dialog.Event{Kind: dialog.EventFailure, Status: status})
	}
}

// Failed hears that there will be no answer.
func (o *ours) Failed(_ *transaction.Client, err error) {
	o.call.mu.Lock()
	defer o.call.unlock()
	e := dialog.EventTransportError
	if errors.Is(err, transaction.ErrTimeout) {
		e = dialog.EventTimeout
	}
	o.refused(fmt.Errorf("sip: %s: %w", o.sent.method, err))
	o.step(dialog.Event{Kind: e})
}

// accepted takes the first 2xx: its Contact is the peer's (RFC 6141, Section 4.6), and its description the answer or an offer.
func (o *ours) accepted(m *parser.Message) {
	c := o.call
	if err := o.dialog.Refresh(m); err != nil {
		c.agent.log.Warn("2xx without a usable Contact", "call_id", c.id, "err", err)
	}
	if c.dialog == nil || o.dialog == c.dialog { // a fork that lost says nothing about the call
		c.packages.read(m)
		if m.Has(parser.HeaderAllow) {
			c.peer.update = m.Allows(parser.MethodUpdate)
		}
		if established(c.session.State()) {
			c.refresher.Accepted(o.timed, dialog.ReadTimer(m), time.Now())
		}
	}
	_, success, _ := carriers(o.life.Kind() == dialog.OurInvite)
	switch v := o.media.x.Step(dialog.Remote, success, c.agent.accepts(m)); v {
	case dialog.VerdictAnswer:
		o.answer = bodyOf(m)
		o.media.agreed(o.offer, o.answer)
	case dialog.VerdictOffer:
		o.answer = bodyOf(m)
	}
}

// refused rolls the offer back, and keeps why.
func (o *ours) refused(err error) {
	if o.life.State() == dialog.Terminated {
		return // an ACK that could not be sent, or an answer that came too late
	}
	_, _, refusal := carriers(o.life.Kind() == dialog.OurInvite)
	o.media.x.Step(dialog.Remote, refusal, false)
	o.err = err
}

// step drives the machine and queues what it asks for. The caller holds the call's lock.
func (o *ours) step(e dialog.Event) {
	c, now := o.call, time.Now()
	was, failed, status := o.life.State(), false, parser.Status(0)
	var buf [4]dialog.Action
	for _, act := range o.life.Step(buf[:0], e, now) {
		switch act.Kind {
		case dialog.ActionAck:
			o.acknowledge()
		case dialog.ActionAckAgain:
			c.out.Put(func() {
				if o.ack != nil {
					o.ack.again()
				}
			})
		case dialog.ActionCancel:
			c.out.Put(func() {
				if t := o.sent.client(); t != nil {
					t.Cancel(ignore{})
				}
			})
		case dialog.ActionDropInvite:
			c.out.Put(o.sent.drop)
		case dialog.ActionAnswered:
			c.out.Put(func() { close(o.over) })
		case dialog.ActionEnded:
			failed, status = true, act.Status
			if o.err == nil { // nobody said so
				_, _, refusal := carriers(o.life.Kind() == dialog.OurInvite)
				o.media.x.Step(dialog.Remote, refusal, false)
				if o.err = ErrState; e.Kind == dialog.EventTimer {
					o.err = transaction.ErrTimeout
				}
			}
			c.out.Put(func() { close(o.over) })
		case dialog.ActionDead:
			c.because(transaction.ErrTimeout, false)
			c.step(dialog.Event{Kind: dialog.EventDead})
		}
	}
	if was != dialog.Terminated && o.life.State() == dialog.Terminated {
		if c.changes.ours == o {
			c.changes.ours = nil
		}
		c.free()
		if failed && o.refresh {
			o.refreshed(status, o.least, now)
		}
	}
	c.arm(now)
}

// acknowledge queues the ACK to the 2xx: behind the application, when that has an offer to answer.
func (o *ours) acknowledge() {
	c := o.call
	if o.media.x.Open() != dialog.Remote {
		o.sendAck(Body{})
		return
	}
	said, f := o.media.local, c.onOffer()
	if f == nil {
		o.sendAck(said)
		return
	}
	ask := func() {
		c.agent.guarded(func() { said, _ = f(c, o.answer) }) // an ACK has to follow in any case
		c.mu.Lock()
		o.sendAck(said)
		c.unlock()
	}
	if !c.messages.run(c.agent.handlers, ask) {
		o.sendAck(said)
	}
}

// sendAck queues the ACK with the answer said, where the peer wanted one.
func (o *ours) sendAck(said Body) {
	c := o.call
	if o.media.x.Step(dialog.Local, dialog.CarryAck, !said.IsZero()) == dialog.VerdictAnswer {
		o.media.agreed(said, o.answer)
	}
	c.free()
	d, invite := *o.dialog, o.tx.Request()
	c.out.Put(func() {
		ctx, stop := context.WithTimeout(context.Background(), lookup)
		defer stop()
		targets, err := c.along(ctx, &d)
		var k *acknowledgement
		if err == nil {
			k, err = c.agent.newAck(targets, func(_ *transport.Hop, v dialog.Via) (parser.Wire, error) {
				return c.writeAck(&d, invite, v, said)
			})
		}
		if err != nil {
			c.agent.log.Warn("ACK not sent", "call_id", c.id, "err", err)
			return
		}
		o.ack = k
		k.send()
	})
}

// writeAck writes the ACK to a 2xx to a re-INVITE, with its number and credentials (RFC 3261, Section 13.2.2.4).
func (c *Call) writeAck(d *dialog.Dialog, invite *parser.Message, v dialog.Via, said Body) (parser.Wire, error) {
	seq, err := invite.CSeq()
	if err != nil {
		return parser.Wire{}, err
	}
	var b parser.Builder
	b.Reset(make([]byte, 0, 512))
	d.Write(&b, parser.MethodAck, seq.Number, v)
	for f := range invite.Fields() {
		if f.Header == parser.HeaderAuthorization || f.Header == parser.HeaderProxyAuthorization {
			b.HeaderBytes(f.Header, f.Value)
		}
	}
	c.agent.userAgent(&b)
	writeBody(&b, said)
	return b.Wire()
}
