package ua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// maxRetries bounds the INVITEs that one Call may turn into.
const maxRetries = 3

// calling is what a caller's Call keeps besides the dialogs.
type calling struct {
	first    first
	header   []Field
	offer    Body
	auth     *auth.Exchange // of the INVITE; nil once it was answered
	out      *outgoing
	set      *dialog.Set
	legs     []*leg
	leg      *leg              // the dialog of the response that is being stepped
	answered chan struct{}     // closed when the application has heard of the first 2xx
	timed    dialog.TimerOffer // what the INVITE says of session timers
	won      bool              // there was one
	over     bool              // no other is expected
}

// leg is one dialog that the INVITE made.
type leg struct {
	dialog *dialog.Dialog
	media  media
	update bool // it allows UPDATE
	body   Body // the session description of its 1xx: the answer, if we offered (RFC 3261, Section 13.2.1)
	rel    dialog.ReliableClient
	agreed bool   // a PRACK answered the offer in its 1xx
	failed *prack // one that did not arrive
	early  *Early // nil until the application hears of it

	asking bool     // the application is making the answer that the ACK will carry
	behind []func() // what is to follow that ACK

	// Of the effects, which run one at a time.
	answer Body             // to the offer in its 2xx
	ack    *acknowledgement // of its 2xx
}

func newCall(a *Agent, role dialog.Role) *Call {
	c := &Call{agent: a, auth: a.auth, role: role, done: make(chan struct{}), gone: make(chan struct{})}
	c.apart = a.cfg.Locate != nil // of which nobody knows how long it takes
	c.begin()
	c.timer.Init(c.tick)
	c.opts, c.in, c.cal = &a.blank.opts, &a.blank.in, &a.blank.cal
	if role == dialog.Caller {
		c.cal = new(calling)
	} else {
		c.in = new(incoming)
	}
	c.refresher = dialog.NewSessionTimer(a.cfg.timed())
	return c
}

// begin starts the session's time.
func (c *Call) begin() {
	c.session = dialog.NewSession(c.role, c.agent.timing, time.Now())
	c.state = c.session.State()
}

// Call places a call and blocks until it is answered and acknowledged. offer is the session's body; a zero Body asks the peer for an offer.
// Errors are *ResponseError when the peer refused, transaction.ErrTimeout when it never answered, ErrCanceled when it rang too long,
// ErrTooMany, ErrClosed, the transport's, or ctx's: cancelling ctx cancels the call (RFC 3261, Section 9.1), which goes on in the
// background until the peer confirmed. If the cause of that is a Reason, the CANCEL gives it.
func (a *Agent) Call(ctx context.Context, to string, offer Body, opts *CallOptions) (*Call, error) {
	var own CallOptions
	if opts != nil {
		own = *opts
	}
	opts = &own
	f, err := a.newFirst(parser.MethodInvite, to, opts.From)
	if err == nil {
		err = f.identify(a, opts.Identity)
	}
	if err == nil {
		err = opts.Contact.check()
	}
	if err == nil && opts.Route != nil {
		f.route, err = parseRoute(opts.Route)
	}
	if err == nil {
		err = f.reach(opts.Reach)
	}
	if err != nil {
		return nil, err
	}
	client := a.credentials(opts.Credentials)
	x := client.Exchange(f.remote, f.callID)
	floor := dialog.NewSessionTimer(a.cfg.timed())
	elsewhere := a.redirections(&f)
	var more []Field
	for retries := 0; ; retries++ {
		c := newCall(a, dialog.Caller)
		c.id, c.opts, c.auth = f.callID, opts, client
		c.refresher = floor
		c.cal = &calling{first: f, timed: floor.Offer(), offer: offer, auth: x, header: slices.Concat(more, opts.Header), answered: make(chan struct{})}
		err := checkFields(c.cal.header, parser.HeaderVia, parser.HeaderContact)
		if err == nil {
			err = opts.checkTakeover()
		}
		if err == nil {
			err = c.place(ctx)
		}
		if err == nil {
			return c, nil
		}
		var refused *ResponseError
		if least := tooShort(err); retries < maxRetries && floor.Learn(least) { // RFC 4028, Section 7.3
			<-c.gone
			f = c.cal.first
			f.number++
			continue
		}
		if next := c.cal.first; elsewhere.next(&next, err) {
			if errors.As(err, &refused) {
				<-c.gone // its place among the calls is free
			}
			f, retries = next, -1
			continue
		}
		if opts.Retry == nil || retries == maxRetries || !errors.As(err, &refused) {
			return nil, err
		}
		<-c.gone // its place among the calls is free
		if more = opts.Retry(refused); more == nil {
			return nil, err
		}
		f = c.cal.first // the From that was used
		f.number++
	}
}

// place sends the INVITE and waits for what becomes of it.
func (c *Call) place(ctx context.Context) error {
	a := c.agent
	out, err := a.locate(ctx, &c.cal.first, c.writeInvite, c)
	if err != nil {
		return fmt.Errorf("sip: call %s: %w", c.cal.first.to, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := out.connect(ctx); err != nil {
		return fmt.Errorf("sip: call %s: %w", c.cal.first.to, err)
	}
	c.cal.out = out
	c.me.secure, c.me.gruu = c.cal.first.uri.IsSIPS(), c.agent.globally(c.cal.first.from)
	c.me.ob = c.agent.overFlow(c.cal.first.from)
	c.begin() // the search for a target does not count
	if err := a.addCall(c); err != nil {
		return err
	}
	c.mu.Lock()
	now := time.Now()
	c.expires = fieldsExpiry(c.cal.header, now)
	c.arm(now)
	c.mu.Unlock()
	if err := out.next(errNoTarget); err != nil {
		c.failed(fmt.Errorf("sip: call %s: %w", c.cal.first.to, err))
	}
	select {
	case <-c.cal.answered:
		return nil
	case <-ctx.Done():
		c.mu.Lock()
		c.because(ctx.Err(), false)
		c.leaving = causeOf(ctx)
		c.step(dialog.Event{Kind: dialog.EventHangup})
		c.unlock()
		return ctx.Err()
	case <-c.done:
	}
	c.mu.Lock()
	won := c.cal.won
	c.mu.Unlock()
	if !won {
		return c.Err()
	}
	select { // it was answered, and has ended already
	case <-c.cal.answered:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// writeInvite writes the INVITE for one try (RFC 3261, Section 13.2.1).
func (c *Call) writeInvite(h *transport.Hop, v dialog.Via) (parser.Wire, error) {
	var b parser.Builder
	b.Reset(make([]byte, 0, 768))
	if err := c.cal.first.write(&b, v); err != nil {
		return parser.Wire{}, err
	}
	c.me.user = string(c.cal.first.from.User()) // which the way may have said
	c.contact(&b, h)
	if err := c.cal.first.identity.write(&b, h); err != nil {
		return parser.Wire{}, err
	}
	c.capabilities(&b)
	b.Header(parser.HeaderRecvInfo, c.agent.recvInfo) // also an empty one (RFC 6086, Section 5.2.3)
	if err := c.opts.writeTakeover(&b); err != nil {
		return parser.Wire{}, err
	}
	offerTimer(&b, c.cal.timed)
	writeFields(&b, c.cal.header)
	c.cal.auth.Write(&b, c.cal.offer.Data)
	writeBody(&b, c.cal.offer)
	return b.Wire()
}

// Response takes a response to the INVITE (RFC 3261, Section 13.2.2).
func (c *Call) Response(t *transaction.Client, m *parser.Message) {
	c.mu.Lock()
	if c.cal.over { // the last of them is long gone
		c.mu.Unlock()
		return
	}
	if c.cal.set == nil {
		c.cal.set = dialog.NewSet(t.Request(), c.agent.timing)
		if !c.removed {
			c.release = c.flow().Hold()
		}
	}
	switch status := m.Status(); {
	case status.Provisional():
		c.provisional(m)
	case status.Success():
		c.success(m)
	case !c.challenged(m):
		var why error
		if x := c.cal.auth; x == nil || !challenges(status) { // else nobody wants to know any more
			_, why = c.agent.judge(x, m)
		}
		c.because(challenged(m, why), true)
		c.step(dialog.Event{Kind: dialog.EventFailure, Status: status})
	}
	c.unlock()
}

func (c *Call) provisional(m *parser.Message) {
	kind := dialog.EventTrying
	var l *leg
	if d, err := c.cal.set.Provisional(m); err != nil {
		c.agent.log.Warn("provisional response without a usable dialog", "call_id", c.id, "err", err)
	} else if d != nil {
		kind = dialog.EventProgress
		l = c.legOf(d)
		if m.Has(parser.HeaderAllow) {
			l.update = m.Allows(parser.MethodUpdate)
		}
		if rseq, ok := c.reliableFrom(m); ok {
			if !c.inOrder(l, rseq, m) {
				return
			}
		} else if !c.cal.offer.IsZero() && l.body.IsZero() && c.agent.accepts(m) {
			l.body = bodyOf(m)
		}
	}
	if c.opts.OnProgress != nil || c.opts.OnEarly != nil {
		own := m.Clone()
		if f := c.opts.OnProgress; f != nil {
			c.tell(func() { f(own) })
		}
		if l != nil {
			c.ring(l, m, own)
		}
	}
	c.step(dialog.Event{Kind: kind, Status: m.Status()})
}

func (c *Call) success(m *parser.Message) {
	d, which, err := c.cal.set.Success(m, time.Now())
	if err != nil {
		c.agent.log.Warn("2xx without a usable dialog", "call_id", c.id, "err", err)
		return
	}
	c.cal.leg = c.legOf(d)
	e := dialog.EventSuccessAgain
	switch which {
	case dialog.First:
		e = dialog.EventSuccess
		c.endEarly(c.cal.leg)
		c.packages.read(m)
		c.agent.accepted(c.cal.auth, m)
		c.cal.auth = nil
		c.dialog, c.peer = d, c.agent.peerOf(c.cal.out.way(), m)
		if f := c.opts.OnAnswer; f != nil {
			own := m.Clone()
			c.tell(func() { f(own) })
		}
		if c.body = c.cal.leg.body; c.body.IsZero() {
			c.body = bodyOf(m)
		}
		md := &c.cal.leg.media
		if md.x.Open() == dialog.Local || md.x.Owes(dialog.Remote) { // else they agreed before, reliably
			md.heard(c.body)
		}
		md.x.Step(dialog.Remote, dialog.CarrySuccess, c.agent.accepts(m))
		c.refresher.Accepted(c.cal.timed, dialog.ReadTimer(m), time.Now())
	case dialog.Fork:
		e = dialog.EventSuccessFork
	}
	c.step(dialog.Event{Kind: e, Status: m.Status()})
}

// legOf returns what is kept for d, and makes d known to the agent when it is new.
func (c *Call) legOf(d *dialog.Dialog) *leg {
	c.asks(d)
	for _, l := range c.cal.legs {
		if l.dialog == d {
			return l
		}
	}
	l := &leg{dialog: d, media: media{local: c.cal.offer}}
	l.media.x.Step(dialog.Local, dialog.CarryInvite, !c.cal.offer.IsZero())
	c.cal.legs = append(c.cal.legs, l)
	c.join(d.ID())
	return l
}

// leave drops dialogs that ended early.
func (c *Call) leave(ended ...*dialog.Dialog) {
	for _, d := range ended {
		id := d.ID()
		for _, l := range c.cal.legs {
			if l.dialog == d {
				l.early.end(false)
			}
		}
		c.agent.removeDialog(id)
		c.dialogs = slices.DeleteFunc(c.dialogs, func(other dialog.ID) bool { return other == id })
		c.cal.legs = slices.DeleteFunc(c.cal.legs, func(l *leg) bool { return l.dialog == d })
	}
}

// dropEarly drops the early dialog on which the callee sent a BYE.
func (c *Call) dropEarly() {
	if l := c.cal.leg; l != nil && c.cal.set != nil {
		c.cal.set.Drop(l.dialog)
		c.leave(l.dialog)
	}
}

// Failed takes the end of an INVITE that nobody answered.
func (c *Call) Failed(_ *transaction.Client, err error) { c.failed(err) }

func (c *Call) failed(err error) {
	e := dialog.EventTransportError
	if errors.Is(err, transaction.ErrTimeout) {
		e = dialog.EventTimeout
	}
	c.mu.Lock()
	c.because(err, false)
	c.step(dialog.Event{Kind: e})
	c.unlock()
}

// acknowledge queues the ACK of l's 2xx, in l's dialog. It answers offer, the body of the 2xx to an INVITE that had none.
func (c *Call) acknowledge(l *leg, offer Body) {
	if !c.cal.offer.IsZero() || c.opts.Answer == nil || offer.IsZero() || l.agreed {
		c.sendAck(l)
		return
	}
	l.asking = true
	set := c.cal.set // which may be gone when the application has made up its mind
	c.tell(func() {
		var answer Body
		c.agent.guarded(func() { answer = c.opts.Answer(offer) })
		c.mu.Lock()
		l.answer, l.asking = answer, false
		c.sendAckOf(set, l)
		for _, f := range l.behind {
			c.out.Put(f)
		}
		l.behind = nil
		c.unlock()
	})
}

// afterAck queues f behind the ACK of the 2xx that made d.
func (c *Call) afterAck(d *dialog.Dialog, f func()) {
	for _, l := range c.cal.legs {
		if l.dialog == d && l.asking {
			l.behind = append(l.behind, f)
			return
		}
	}
	c.out.Put(f)
}

// sendAck queues the ACK of l's 2xx: the same one each time, once its target was found.
func (c *Call) sendAck(l *leg) { c.sendAckOf(c.cal.set, l) }

func (c *Call) sendAckOf(set *dialog.Set, l *leg) {
	if l.media.x.Step(dialog.Local, dialog.CarryAck, !l.answer.IsZero()) == dialog.VerdictAnswer {
		l.media.local = l.answer
	}
	c.free()
	d := *l.dialog
	c.out.Put(func() {
		if l.ack != nil && !l.ack.lost() {
			l.ack.again()
			return
		}
		ctx, stop := context.WithTimeout(context.Background(), lookup)
		defer stop()
		targets, err := c.along(ctx, &d)
		if err != nil {
			c.agent.log.Warn("ACK not sent", "call_id", c.id, "err", err)
			return
		}
		k, err := c.agent.newAck(targets, func(_ *transport.Hop, v dialog.Via) (parser.Wire, error) {
			var b parser.Builder
			b.Reset(make([]byte, 0, 512))
			set.WriteAck(&b, &d, v)
			c.agent.userAgent(&b)
			writeBody(&b, l.answer)
			return b.Wire()
		})
		if err != nil {
			c.agent.log.Warn("ACK not sent", "call_id", c.id, "err", err)
			return
		}
		l.ack = k
		k.send()
	})
}

// refuseFork queues ACK and BYE for a second phone that answered (RFC 3261, Section 13.2.2.4).
func (c *Call) refuseFork(l *leg) {
	c.acknowledge(l, Body{})
	seq := l.dialog.NextSeq()
	d := *l.dialog
	c.out.Put(func() { c.sendBye(&d, seq, nil, ignore{}) })
}
