package ua

import (
	"fmt"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// first is what all tries of one request outside a dialog have in common (RFC 3261, Section 8.1.1).
type first struct {
	agent     *Agent
	method    parser.Method
	to        string // as the application wrote it
	uri       parser.URI
	display   string // of From
	identity  identity
	from      parser.URI // absent until the first way is known, unless it was configured
	remote    parser.URI // of To
	tag       string
	callID    string
	number    uint32
	userAgent string
	route     route              // the servers on its way
	targets   []transport.Target // where it goes; nil: that is looked up
}

// newFirst reads the URI to; from replaces Config.From.
func (a *Agent) newFirst(m parser.Method, to, from string) (first, error) {
	f := first{agent: a, method: m, to: to, number: 1, userAgent: a.cfg.UserAgent}
	f.tag, f.callID = a.tokens.two()
	uri, err := parser.ParseURI([]byte(to))
	if err == nil {
		f.uri, err = requestURI(uri)
	}
	if err == nil {
		f.remote, err = addressURI(uri)
	}
	if err != nil {
		return f, fmt.Errorf("sip: %s %q: %w", m, to, err)
	}
	if from == "" {
		f.from, f.display = a.from, a.display
	} else if err := f.setFrom(from); err != nil {
		return f, err
	}
	f.route = a.routeOf(f.from)
	return f, nil
}

func (f *first) setFrom(from string) error {
	display, uri, err := parseParty(from)
	if err == nil {
		f.display = display
		f.from, err = addressURI(uri)
	}
	if err != nil {
		return fmt.Errorf("sip: from %q: %w", from, err)
	}
	return nil
}

// noName is the From of an agent that was not given one, as it is at one of its addresses.
type noName struct {
	sentBy string
	uri    parser.URI
}

// unnamed returns the From of a request that nobody is named for, sent by way of sentBy: the one before, mostly.
func (a *Agent) unnamed(sentBy string) (parser.URI, error) {
	if n := a.noName.Load(); n != nil && n.sentBy == sentBy {
		return n.uri, nil
	}
	var f first
	err := f.setFrom("sip:ringback@" + sentBy)
	if err == nil {
		a.noName.Store(&noName{sentBy, f.from})
	}
	return f.from, err
}

// write writes the request up to CSeq and User-Agent.
func (f *first) write(b *parser.Builder, v dialog.Via) error {
	if len(f.from.Raw()) == 0 {
		var err error
		if f.from, err = f.agent.unnamed(v.SentBy); err != nil {
			return err
		}
	}
	b.Request(f.method, f.route.requestURI(f.uri))
	b.Via(v.Transport, v.SentBy, v.Branch)
	f.route.write(b, f.uri)
	b.Int(parser.HeaderMaxForwards, 70)
	b.Address(parser.HeaderFrom, f.display, f.from, f.tag)
	b.Address(parser.HeaderTo, "", f.remote, "")
	b.Header(parser.HeaderCallID, f.callID)
	b.CSeq(f.number, f.method)
	if f.userAgent != "" {
		b.Header(parser.HeaderUserAgent, f.userAgent)
	}
	return nil
}
