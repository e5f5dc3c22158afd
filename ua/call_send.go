package ua

import (
	"context"
	"errors"
	"fmt"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// within is a request that is to be sent inside one of a call's dialogs.
type within struct {
	method parser.Method
	fields func(b *parser.Builder, h *transport.Hop) // writes what follows CSeq and User-Agent, for the way h; nil: nothing
	body   Body
	user   transaction.ClientUser // hears what becomes of it in any case, and not under the call's lock
}

// sent is a request within a dialog, on its way. What its failure means for the call is seen to here (RFC 3261, Section
// 12.2.1.2; RFC 5057, Section 5): its user cares for the request alone.
type sent struct {
	within
	call   *Call
	dialog *dialog.Dialog
	out    *outgoing // the call's lock guards it; nil until the request's turn has come
	quit   bool      // likewise: nobody wants the answer any more
	why    error     // likewise: what was wrong with its last challenge
}

// send queues a request in d, one of the call's dialogs: with the next CSeq number, along the route set, on the call's connection or to
// the next target that answers. The caller holds c.mu and ends with c.unlock.
func (c *Call) send(d *dialog.Dialog, r within) *sent {
	s := &sent{within: r, call: c, dialog: d}
	c.asks(d) // the peer may have moved
	seq, state := d.NextSeq(), *d
	c.afterAck(d, func() { s.start(&state, seq) })
	return s
}

// start sends the request with d as it was when its turn was given. It is an effect of the call.
func (s *sent) start(d *dialog.Dialog, seq uint32) {
	c, a := s.call, s.call.agent
	p := c.prove(d, seq, s)
	p.next, p.out = s.dialog.NextSeq, &s.out
	bld := func(h *transport.Hop, v dialog.Via) (parser.Wire, error) {
		var b parser.Builder
		b.Reset(make([]byte, 0, 768))
		d.Write(&b, s.method, p.seq, v)
		a.userAgent(&b)
		if s.fields != nil {
			s.fields(&b, h)
		}
		p.x.Write(&b, s.body.Data)
		writeBody(&b, s.body)
		return b.Wire()
	}
	ctx, stop := context.WithTimeout(context.Background(), lookup)
	defer stop()
	targets, err := c.along(ctx, d)
	if err == nil {
		out := p.towards(targets, bld)
		c.mu.Lock()
		quit := s.quit
		c.mu.Unlock()
		if quit {
			return
		}
		err = out.next(errNoTarget)
	}
	if err != nil {
		s.Failed(nil, err)
	}
}

// client returns the transaction that the request is in, nil before its turn.
func (s *sent) client() *transaction.Client {
	s.call.mu.Lock()
	out := s.out
	s.call.mu.Unlock()
	if out == nil {
		return nil
	}
	return out.client()
}

// drop abandons the request, whose user hears nothing more. It is an effect of the call.
func (s *sent) drop() {
	s.call.mu.Lock()
	s.quit = true
	out := s.out
	s.call.mu.Unlock()
	if out != nil {
		out.abandon()
	}
}

// Response passes a response on, and ends the call when that is what it means.
func (s *sent) Response(t *transaction.Client, m *parser.Message) {
	s.user.Response(t, m)
	if st := m.Status(); st.Final() && !st.Success() && dialog.ScopeOf(s.method, st) != dialog.ScopeTransaction {
		s.dead(newResponseError(m), true)
	}
}

// again prepares another try of a challenged request, unless somebody gave up meanwhile. The caller holds the call's lock.
func (s *sent) again() bool {
	o, ok := s.user.(*ours)
	switch {
	case s.quit, s.call.removed, ok && !o.wanted():
		return false
	case ok:
		o.again()
	}
	return true
}

// because says what was wrong with the challenge in the response that comes next.
func (s *sent) because(why error) {
	s.call.mu.Lock()
	s.why = why
	s.call.mu.Unlock()
}

// refusal makes the ResponseError of a response. The caller holds the call's lock.
func (s *sent) refusal(m *parser.Message) *ResponseError { return challenged(m, s.why) }

// Failed passes the failure on. That nobody answered is a 408 (RFC 3261, Section 12.2.1.2), and that nobody could be reached a
// 503, which ends nothing but the request (RFC 5057, Section 5.1).
func (s *sent) Failed(t *transaction.Client, err error) {
	s.user.Failed(t, err)
	if errors.Is(err, transaction.ErrTimeout) && dialog.ScopeOf(s.method, parser.StatusRequestTimeout) != dialog.ScopeTransaction {
		s.dead(err, false)
	}
}

// dead ends the call whose dialog the request was in; that of another phone changes nothing.
func (s *sent) dead(err error, byPeer bool) {
	c := s.call
	c.mu.Lock()
	if s.dialog == c.dialog && established(c.session.State()) {
		c.because(err, byPeer)
		c.step(dialog.Event{Kind: dialog.EventDead})
	}
	c.unlock()
}

// established reports whether s is a state of a call that was answered and has not ended.
func established(s dialog.State) bool { return s == dialog.Answered || s == dialog.Confirmed }

// ask sends a request in the dialog of a call that was answered, and waits for its final response: with a *ResponseError unless it is a
// 2xx. Other errors are ErrState, transaction.ErrTimeout, the transport's, or ctx's: then the answer is not waited for any more.
func (c *Call) ask(ctx context.Context, r within) (*parser.Message, error) {
	got := make(answer, 1)
	r.user = got
	c.mu.Lock()
	if c.removed || !established(c.session.State()) {
		c.mu.Unlock()
		return nil, ErrState
	}
	s := c.send(c.dialog, r)
	c.unlock()
	select {
	case res := <-got:
		return s.outcome(res)
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-c.done:
	}
	select { // it may be what ended the call
	case res := <-got:
		return s.outcome(res)
	default:
		return nil, fmt.Errorf("sip: %s: %w", r.method, ErrState)
	}
}

// outcome is what somebody hears of the request who waits for it.
func (s *sent) outcome(r result) (*parser.Message, error) {
	switch {
	case r.err != nil:
		return nil, fmt.Errorf("sip: %s: %w", s.method, r.err)
	case !r.msg.Status().Success():
		s.call.mu.Lock()
		defer s.call.mu.Unlock()
		return r.msg, s.refusal(r.msg)
	}
	return r.msg, nil
}
