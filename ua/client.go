package ua

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// RequestOptions says how to send a request outside a dialog. Nil is all defaults.
type RequestOptions struct {
	From        string                                      // replaces Config.From
	Identity    Identity                                    // who sends it, beside From
	Route       []string                                    // the URIs of the servers on the way, the first to be passed first; nil: Config.OutboundProxy
	Reach       *Reach                                      // where it goes, other than to the URI that is asked; nil: there
	Header      []Field                                     // added to the request
	Credentials func(realm string) (auth.Credentials, bool) // replaces Config.Credentials
}

// Options asks what the peer can do (RFC 3261, Section 11). It returns the final response, with a *ResponseError unless it is
// a 2xx; other errors are transaction.ErrTimeout, the transport's, or ctx's: then the answer is not waited for any more.
func (a *Agent) Options(ctx context.Context, to string, opts *RequestOptions) (*parser.Message, error) {
	return a.do(ctx, parser.MethodOptions, to, Body{}, opts)
}

// Message sends a MESSAGE (RFC 3428); see Options for what it returns. The status of the response says what became of it: 200 that it reached the
// program of whom it is for, 202 that somebody keeps it and will pass it on (RFC 3428, Section 7). On UDP one of more than 1300 octets
// goes by TCP (RFC 3428, Section 8).
func (a *Agent) Message(ctx context.Context, to string, body Body, opts *RequestOptions) (*parser.Message, error) {
	return a.do(ctx, parser.MethodMessage, to, body, opts)
}

// do sends a request outside a dialog and waits for its final response.
func (a *Agent) do(ctx context.Context, m parser.Method, to string, body Body, opts *RequestOptions) (*parser.Message, error) {
	if opts == nil {
		opts = &RequestOptions{}
	}
	f, err := a.newFirst(m, to, opts.From)
	if err == nil && opts.Route != nil {
		f.route, err = parseRoute(opts.Route)
	}
	if err == nil {
		err = f.reach(opts.Reach)
	}
	if err == nil {
		err = f.identify(a, opts.Identity)
	}
	if err == nil {
		err = checkFields(opts.Header, parser.HeaderVia)
	}
	if err != nil {
		return nil, err
	}
	if a.draining.Load() {
		return nil, ErrClosed
	}
	e := &errand{first: f, body: body, header: opts.Header, auth: a.credentials(opts.Credentials)}
	for elsewhere := a.redirections(&f); ; {
		answer, err := a.run(ctx, e)
		if err == nil || !elsewhere.next(&e.first, err) {
			return answer, err
		}
	}
}

// errand is a request outside a dialog that somebody waits for.
type errand struct {
	first                                             // with the number of the last try, when it is over
	fields  func(b *parser.Builder, h *transport.Hop) // writes what follows CSeq and User-Agent, for the way h; nil: nothing
	header  []Field                                   // follows that
	body    Body
	auth    *auth.Client
	targets []transport.Target // where it goes; nil: that is looked up
	way     *transport.Hop     // of the last try
}

// write writes e for one try.
func (e *errand) write(h *transport.Hop, v dialog.Via, x *auth.Exchange) (parser.Wire, error) {
	var b parser.Builder
	b.Reset(make([]byte, 0, 512))
	if err := e.first.write(&b, v); err != nil {
		return parser.Wire{}, err
	}
	if err := e.first.identity.write(&b, h); err != nil {
		return parser.Wire{}, err
	}
	if e.method == parser.MethodOptions {
		b.Header(parser.HeaderAccept, e.agent.accept)
	}
	if e.fields != nil {
		extend(&b, func(b *parser.Builder) { e.fields(b, h) })
	}
	writeFields(&b, e.header)
	x.Write(&b, e.body.Data)
	writeBody(&b, e.body)
	return b.Wire()
}

// run sends e and waits for its final response, challenges apart that there are credentials for. It returns a *ResponseError with
// the response unless that is a 2xx; see Options for other errors.
func (a *Agent) run(ctx context.Context, e *errand) (*parser.Message, error) {
	x := e.auth.Exchange(e.remote, e.callID)
	answer := make(answer, 1)
	bld := func(h *transport.Hop, v dialog.Via) (parser.Wire, error) { return e.write(h, v, x) }
	var o *outgoing
	var err error
	if e.targets != nil {
		o = a.towards(e.targets, bld, answer)
	} else {
		o, err = a.locate(ctx, &e.first, bld, answer)
	}
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = o.connect(ctx)
	}
	for {
		if err == nil {
			err = o.next(errNoTarget)
		}
		if err != nil {
			return nil, fmt.Errorf("sip: %s %s: %w", e.method, e.first.to, err)
		}
		select {
		case r := <-answer:
			e.way = o.way()
			again, why := a.judge(x, r.msg)
			if !again {
				return r.result(e.method, e.first.to, why)
			}
			e.number++ // RFC 3261, Section 22.2
			o = o.again()
		case <-ctx.Done():
			o.abandon()
			return nil, ctx.Err()
		case <-a.closed:
			return nil, ErrClosed
		}
	}
}

// answer is the user of a request that somebody waits for: it holds one result.
type answer chan result

type result struct {
	msg *parser.Message
	err error
}

func (w answer) Response(_ *transaction.Client, m *parser.Message) {
	if m.Status().Final() {
		w.put(result{msg: m.Clone()})
	}
}

func (w answer) Failed(_ *transaction.Client, err error) { w.put(result{err: err}) }

func (w answer) put(r result) {
	select {
	case w <- r:
	default: // there is one already
	}
}

// result returns what becomes of a request. why is about its challenge.
func (r result) result(m parser.Method, to string, why error) (*parser.Message, error) {
	switch {
	case r.err != nil:
		return nil, fmt.Errorf("sip: %s %s: %w", m, to, r.err)
	case !r.msg.Status().Success():
		return r.msg, challenged(r.msg, why)
	}
	return r.msg, nil
}
