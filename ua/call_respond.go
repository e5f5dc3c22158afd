package ua

import (
	"errors"

	"github.com/ringback-sip/ringback/parser"
)

// Respond answers the INVITE with a reason phrase, header fields and a body of the application: what Ring and Progress do with a status of 101 to 199,
// Answer with 200 to 299, and Reject with 300 to 699. Contact stands in a redirection only; elsewhere the agent writes its own.
func (c *Call) Respond(status parser.Status, opts *ResponseOptions) error {
	if opts == nil {
		opts = &ResponseOptions{}
	}
	ours := []parser.Header{parser.HeaderVia, parser.HeaderRecordRoute, parser.HeaderContact}
	if status >= 300 && status < 400 {
		ours = ours[:2]
	}
	if err := checkFields(opts.Header, ours...); err != nil {
		return err
	}
	first := response{status, opts.Reason}
	more := func(b *parser.Builder) { writeFields(b, opts.Header) }
	switch {
	case status.Provisional():
		return c.progress(first, opts.Body, more)
	case status.Success():
		return c.accept(first, opts.Body, more)
	case status.Final():
		return c.decline(first, opts.Body, more)
	}
	return errors.New("sip: a response is 101 to 699")
}
