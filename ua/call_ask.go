package ua

import (
	"context"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// Options asks the call's peer what it can do, inside the call's dialog (RFC 3261, Section 11), with header fields of the application. It returns the
// final response, with a *ResponseError unless it is a 2xx; other errors are ErrState before and after the call is established,
// transaction.ErrTimeout, the transport's, or ctx's: then the answer is not waited for any more. A peer that says nothing ends no call by that
// (RFC 5057, Section 5.3): who uses Options to see whether it is still there hangs up then.
func (c *Call) Options(ctx context.Context, header ...Field) (*parser.Message, error) {
	return c.askWith(ctx, parser.MethodOptions, Body{}, header)
}

// Message sends a MESSAGE (RFC 3428) inside the call's dialog, with header fields of the application; see Options for what it returns, and
// Agent.Message for what a 2xx to it means.
func (c *Call) Message(ctx context.Context, body Body, header ...Field) (*parser.Message, error) {
	return c.askWith(ctx, parser.MethodMessage, body, header)
}

// askWith is ask with fields of the application.
func (c *Call) askWith(ctx context.Context, m parser.Method, body Body, header []Field) (*parser.Message, error) {
	if err := checkFields(header, parser.HeaderVia, parser.HeaderContact); err != nil {
		return nil, err
	}
	return c.ask(ctx, within{method: m, body: body, fields: func(b *parser.Builder, _ *transport.Hop) {
		if m == parser.MethodOptions {
			b.Header(parser.HeaderAccept, c.agent.accept)
		}
		writeFields(b, header)
	}})
}
