package ua

import (
	"context"

	"github.com/ringback-sip/ringback/parser"
)

// Ask sends a request without header fields of its own inside the call, for the tests of what all such requests have in common.
func (c *Call) Ask(ctx context.Context, m parser.Method, body Body) (*parser.Message, error) {
	return c.ask(ctx, within{method: m, body: body})
}
