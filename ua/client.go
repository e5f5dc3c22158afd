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
	Route       []string                                    // the URIs of the servers on the way, the first to be passed first; nil: Config.OutboundProxy
	Header      []Field                                     // added to the request
	Credentials func(realm string) (auth.Credentials, bool) // replaces Config.Credentials

	auth *auth.Client // of one who sends many and remembers what had success; nil: see Agent.credentials
}

// Options asks what the peer can do (RFC 3261, Section 11). It returns the final response, with a *ResponseError unless it is
// a 2xx; other errors are transaction.ErrTimeout, the transport's, or ctx's: then the answer is not waited for any more.
func (a *Agent) Options(ctx context.Context, to string, opts *RequestOptions) (*parser.Message, error) {
	return a.do(ctx, parser.MethodOptions, to, Body{}, opts)
}

// Message sends a MESSAGE (RFC 3428); see Options for what it returns.
func (a *Agent) Message(ctx context.Context, to string, body Body, opts *RequestOptions) (*parser.Message, error) {
	return a.do(ctx, parser.MethodMessage, to, body, opts)
}

// do sends a request outside a dialog and waits for its final response, challenges apart that there are credentials for.
func (a *Agent) do(ctx context.Context, m parser.Method, to string, body Body, opts *RequestOptions) (*parser.Message, error) {
	if opts == nil {
		opts = &RequestOptions{}
	}
	f, err := a.newFirst(m, to, opts.From)
	if err == nil && opts.Route != nil {
		f.route, err = parseRoute(opts.Route)
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
	x := a.credentials(opts.auth, opts.Credentials).Exchange(f.remote, f.callID)
	answer := make(answer, 1)
	o, err := a.locate(ctx, &f, func(h *transport.Hop, v dialog.Via) (parser.Wire, error) {
		var b parser.Builder
		b.Reset(make([]byte, 0, 512))
		if err := f.write(&b, v); err != nil {
			return parser.Wire{}, err
		}
		if m == parser.MethodOptions {
			b.Header(parser.HeaderAccept, a.accept)
		}
		writeFields(&b, opts.Header)
		x.Write(&b, body.Data)
		writeBody(&b, body)
		return b.Wire()
	}, answer)
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
			return nil, fmt.Errorf("sip: %s %s: %w", m, to, err)
		}
		select {
		case r := <-answer:
			again, why := a.judge(x, r.msg)
			if !again {
				return r.result(m, to, why)
			}
			f.number++ // RFC 3261, Section 22.2
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
