package ua

import (
	"context"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// lookup bounds every search for a target that nobody waits for.
const lookup = 5 * time.Second

// perform queues what an action of the session asks for. The caller holds c.mu; nothing is sent under it.
func (c *Call) perform(act dialog.Action, e dialog.EventKind, before dialog.State) {
	switch act.Kind {
	case dialog.ActionCancel:
		c.because(ErrCanceled, false)
		o := c.cal.out
		c.out.Put(func() {
			if t := o.client(); t != nil {
				t.CancelWith(ignore{}, c.goodbye)
			}
		})
	case dialog.ActionAck:
		c.acknowledge(c.cal.leg, c.body)
	case dialog.ActionAckAgain:
		if !c.cal.leg.asking {
			c.sendAck(c.cal.leg)
		}
	case dialog.ActionBye:
		c.bye(e, before)
	case dialog.ActionRefuseFork:
		c.refuseFork(c.cal.leg)
	case dialog.ActionByeOK, dialog.ActionCancelOK:
		c.replyInside(parser.StatusOK)
	case dialog.ActionTerminated:
		c.refuse(parser.StatusRequestTerminated)
	case dialog.ActionUnavailable:
		if c.lapsed { // the caller said how long it would wait (RFC 3261, Section 13.3.1)
			c.refuse(parser.StatusRequestTerminated)
			return
		}
		c.because(ErrRejected, false)
		c.refuse(parser.StatusTemporarilyUnavailable, c.leaving...)
	case dialog.ActionRing, dialog.ActionAnswer:
		if act.Kind == dialog.ActionAnswer {
			c.dialog.Confirm(nil) // a callee's, which never fails
			c.refresher.Answered(dialog.ReadTimer(c.in.invite), c.in.timed, time.Now())
			c.in.media.x.Step(dialog.Local, dialog.CarrySuccess, !c.in.answer.IsZero())
			if !c.in.answer.IsZero() {
				c.in.media.local = c.in.answer
			}
		}
		c.in.kept = c.in.next
		if c.in.rel != nil {
			c.in.rel.last = false
		}
		switch {
		case act.Kind == dialog.ActionAnswer:
			c.sendResponse(c.in.next, thenNothing)
			c.replace()
		case c.in.rel != nil:
			c.sendResponse(c.in.next, thenBye)
		default:
			c.sendResponse(c.in.next, thenAnswer)
		}
	case dialog.ActionRingAgain:
		c.ringAgain()
	case dialog.ActionAnswerAgain:
		c.sendResponse(c.in.kept, thenBye)
	case dialog.ActionReject:
		c.because(ErrRejected, false)
		c.sendResponse(c.in.next, thenNothing)
	case dialog.ActionDropInvite:
		c.because(transaction.ErrTimeout, false)
		o := c.cal.out
		c.out.Put(o.abandon)
	case dialog.ActionDropEarly:
		c.dropEarly()
	case dialog.ActionAnswered:
		if c.role == dialog.Caller {
			c.cal.won = true
			c.afterAck(c.dialog, func() { c.behind(func() { close(c.cal.answered) }) })
			return
		}
		c.in.next, c.in.kept, c.in.answer = parser.Wire{}, parser.Wire{}, Body{}
		c.in.rel.forget()
		if !c.agent.cfg.KeepInvite {
			c.in.invite, c.in.offer = nil, Body{}
		}
		c.settles = time.Now().Add(64 * c.agent.timing.T1)
		c.free()
	case dialog.ActionEnded:
		c.end()
		c.refresher.Stop()
		c.endChanges()
	}
}

// sendResponse queues a response to the INVITE.
func (c *Call) sendResponse(w parser.Wire, then following) {
	t, room := c.in.tx, c.room(then)
	c.out.Put(func() {
		if err := t.RespondLeaving(w, room); err != nil {
			c.agent.log.Debug("response not sent", "call_id", c.id, "err", err)
		}
	})
}

// refuse queues a final refusal of the INVITE that no user asked for.
func (c *Call) refuse(status parser.Status, header ...Field) {
	if w, err := c.response(c.in.invite, response{status: status}, Body{}, func(b *parser.Builder) { writeFields(b, header) }); err == nil {
		c.sendResponse(w, thenNothing)
	}
}

// replyInside queues the answer to the BYE or CANCEL that is being stepped, ahead of all else. A CANCEL's answer has the tag of the INVITE's (RFC 3261,
// Section 9.2). It is written at once: the request is the reader's.
func (c *Call) replyInside(status parser.Status) { c.replyWith(status, Body{}) }

// replyWith is replyInside with a body.
func (c *Call) replyWith(status parser.Status, body Body) {
	r := c.now
	c.now = inside{}
	var b parser.Builder
	b.Reset(make([]byte, 0, c.agent.answers.size(r.msg)))
	b.Response(r.msg, status, "", c.in.tag)
	c.agent.server(&b)
	writeBody(&b, body)
	w, err := b.Wire()
	if err != nil {
		return
	}
	c.answers = append(c.answers, func() { r.tx.Respond(w) })
}

// bye queues a BYE in the call's dialog. One that follows a 2xx nobody acknowledged goes only where the INVITE came from:
// its Contact may be anybody's address.
func (c *Call) bye(e dialog.EventKind, before dialog.State) {
	var only *transport.Target
	switch {
	case e != dialog.EventTimer:
	case before == dialog.Confirmed:
		c.because(ErrMaxDuration, false)
	default: // the 2xx was never acknowledged
		c.because(ErrNoAck, false)
		if f := c.flow(); f != (transport.Flow{}) {
			only = &transport.Target{Flow: f}
		} else if h, ok := c.in.tx.Conn().(*transport.Hop); ok {
			only = &transport.Target{Protocol: h.Protocol(), Addr: h.Source()}
			if f, ok := h.Flow(); ok && f.Remote().Addr() == h.Source().Addr() {
				only = &transport.Target{Flow: f} // which counts what goes there
			}
		}
	}
	d, seq := *c.dialog, c.dialog.NextSeq()
	c.afterAck(c.dialog, func() { c.sendBye(&d, seq, only, byeSent{c}) })
}

// sendBye sends a BYE in d; user hears what becomes of it in any case.
func (c *Call) sendBye(d *dialog.Dialog, seq uint32, only *transport.Target, user transaction.ClientUser) {
	a := c.agent
	p := c.prove(d, seq, user)
	bld := func(h *transport.Hop, v dialog.Via) (parser.Wire, error) {
		var b parser.Builder
		b.Reset(make([]byte, 0, 512))
		d.Write(&b, parser.MethodBye, p.seq, v)
		a.userAgent(&b)
		extend(&b, c.goodbye)
		p.x.Write(&b, nil)
		w, err := b.Wire()
		if only != nil && p.seq == seq && err == nil { // nobody answered yet
			c.boundBye(h, w.Len())
		}
		return w, err
	}
	if only != nil {
		o := p.towards([]transport.Target{*only}, bld)
		if err := o.next(errNoTarget); err != nil {
			user.Failed(nil, err)
		}
		return
	}
	ctx, stop := context.WithTimeout(context.Background(), lookup)
	defer stop()
	targets, err := c.along(ctx, d)
	if err == nil {
		err = p.towards(targets, bld).next(errNoTarget)
	}
	if err != nil {
		user.Failed(nil, err)
	}
}

func (a *Agent) userAgent(b *parser.Builder) {
	if a.cfg.UserAgent != "" {
		b.Header(parser.HeaderUserAgent, a.cfg.UserAgent)
	}
}

// ignore is the user of a client transaction whose outcome changes nothing: a CANCEL's, or a refused fork's BYE.
type ignore struct{}

func (ignore) Response(*transaction.Client, *parser.Message) {}
func (ignore) Failed(*transaction.Client, error)             {}
