package ua

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/ringback-sip/ringback/parser"
)

// Reason says why a call is ended (RFC 3326): with BYE and CANCEL, and in a refusal (RFC 6432). The zero Reason says nothing. As an error it is the
// cause with which the context of Agent.Call was cancelled, and stands in Call.Err beside ErrCanceled.
type Reason struct {
	Protocol string // "SIP", "Q.850"
	Cause    int    // 0: none
	Text     string // for people
}

// Error returns the Reason as people read it.
func (r Reason) Error() string {
	s := r.Protocol
	if r.Cause != 0 {
		s += " " + strconv.Itoa(r.Cause)
	}
	if r.Text != "" {
		s += " " + r.Text
	}
	return s
}

// Field returns the header field that says so.
func (r Reason) Field() Field {
	p := parser.Reason{Protocol: []byte(r.Protocol), Cause: r.Cause}
	if r.Text != "" {
		p.Text = []byte(r.Text)
	}
	return Field{Name: parser.HeaderReason.String(), Value: string(p.AppendTo(nil))}
}

// reasonOf returns the first Reason in m that can be read.
func reasonOf(m *parser.Message) Reason {
	for p, err := range m.Reasons() {
		if err == nil {
			return Reason{Protocol: string(p.Protocol), Cause: p.Cause, Text: string(bytes.ToValidUTF8(parser.Unquote(nil, p.Text), []byte("\ufffd")))}
		}
	}
	return Reason{}
}

// canceledBy returns ErrCanceled, with the reason that the CANCEL gives.
func canceledBy(m *parser.Message) error {
	if r := reasonOf(m); r != (Reason{}) {
		return fmt.Errorf("%w: %w", ErrCanceled, r)
	}
	return ErrCanceled
}

// causeOf returns the fields that say why ctx was cancelled.
func causeOf(ctx context.Context) []Field {
	var r Reason
	if !errors.As(context.Cause(ctx), &r) || writable([]Field{r.Field()}) != nil {
		return nil
	}
	return []Field{r.Field()}
}

// writable reports what of fields cannot stand in a request of the agent's.
func writable(fields []Field) error {
	if err := checkFields(fields, parser.HeaderVia, parser.HeaderContact, parser.HeaderRoute); err != nil {
		return err
	}
	uri, err := parser.ParseURI([]byte("sip:localhost"))
	if err != nil {
		return err
	}
	var b parser.Builder
	b.Request(parser.MethodBye, uri)
	b.Via("UDP", "localhost", branchCookie)
	b.Int(parser.HeaderMaxForwards, 70)
	b.Address(parser.HeaderFrom, "", uri, "a")
	b.Address(parser.HeaderTo, "", uri, "b")
	b.Header(parser.HeaderCallID, "c")
	b.CSeq(1, parser.MethodBye)
	writeFields(&b, fields)
	if _, err := b.Wire(); err != nil {
		return fmt.Errorf("sip: header fields: %w", err)
	}
	return nil
}

// Ended returns the message by which the peer ended the call: its BYE or CANCEL, or its refusal of the INVITE. Nil as long as there was none, and
// when it was we who ended the call. It is the Call's own and may be kept.
func (c *Call) Ended() *parser.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	var refused *ResponseError
	if c.byes == nil && errors.As(c.err, &refused) {
		return refused.Message
	}
	if c.ended == nil && c.byes != nil {
		c.ended = new(parser.Message)
		_ = c.ended.Parse(c.byes) // which went well when it came
	}
	return c.ended
}

// Reason returns why the peer ended the call, as it says in the message that Ended returns; the zero Reason when it does not.
func (c *Call) Reason() Reason {
	if m := c.Ended(); m != nil {
		return reasonOf(m)
	}
	return Reason{}
}

// endedBy keeps the message by which the peer ends the call, unless it ended before: as octets, since few ask for it. The caller holds c.mu.
func (c *Call) endedBy(m *parser.Message) {
	if c.byes == nil && c.err == nil && !c.told {
		c.byes = bytes.Clone(m.Bytes())
	}
}

// goodbye writes what the application adds to the message that ends the call.
func (c *Call) goodbye(b *parser.Builder) {
	c.mu.Lock()
	fields := c.leaving
	c.mu.Unlock()
	writeFields(b, fields)
}
