package ua

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
)

// allowed returns the Allow header field's value: what this agent does not answer with 405 or 501.
func allowed(cfg *Config) string {
	methods := []string{"ACK", "CANCEL", "BYE", "OPTIONS", "UPDATE"}
	if cfg.OnCall != nil {
		methods = append([]string{"INVITE"}, methods...)
	}
	if cfg.OnMessage != nil {
		methods = append(methods, "MESSAGE")
	}
	if cfg.OnInfo != nil {
		methods = append(methods, "INFO")
	}
	if cfg.Reliable != ReliableNever {
		methods = append(methods, "PRACK")
	}
	return strings.Join(append(methods, handled(cfg.Handlers)...), ", ")
}

// respond gives the only answer to a request outside a call; more adds what the status needs. What cannot be written, because the request
// asks for more than a message holds, is left out: an answer there is in any case.
func (a *Agent) respond(t *transaction.Server, m *parser.Message, status parser.Status, reason string, more func(*parser.Builder)) error {
	var b [tokenSize]byte
	tag := string(a.tokens.append(b[:0]))
	err := a.respondAs(tag, t, m, response{status, reason}, more)
	if err != nil && !errors.Is(err, transaction.ErrState) {
		err = a.respondAs(tag, t, m, response{status: status}, nil)
	}
	if err != nil && !errors.Is(err, transaction.ErrState) {
		t.Abandon()
	}
	return err
}

// response is the first line of a response; the empty reason is the status' own.
type response struct {
	status parser.Status
	reason string
}

// respondAs is respond with a To tag, which is the same in all responses to a request but 100, where none is
// (RFC 3261, Section 8.2.6.2).
func (a *Agent) respondAs(tag string, t *transaction.Server, m *parser.Message, first response, more func(*parser.Builder)) error {
	if first.status == parser.StatusTrying {
		tag = ""
	}
	var b parser.Builder
	b.Reset(make([]byte, 0, a.answers.size(m)))
	b.Response(m, first.status, first.reason, tag)
	a.server(&b)
	extend(&b, more)
	w, err := b.Wire()
	if err != nil {
		return fmt.Errorf("sip: respond %d: %w", first.status, err)
	}
	a.answers.used(m, len(w.Head))
	return t.Respond(w)
}

// extend lets more write to b. What a function value gets lives on the heap: the usual response, which has none, is spared that.
func extend(b *parser.Builder, more func(*parser.Builder)) {
	if more == nil {
		return
	}
	lent := *b
	more(&lent)
	*b = lent
}

func (a *Agent) server(b *parser.Builder) {
	if a.cfg.UserAgent != "" {
		b.Header(parser.HeaderServer, a.cfg.UserAgent)
	}
}

// capabilities writes what we can do (RFC 3261, Sections 11.2 and 13.2.1).
func (a *Agent) capabilities(b *parser.Builder) {
	b.Header(parser.HeaderAllow, a.allow)
	b.Header(parser.HeaderSupported, a.supported)
}

// abilities is capabilities inside a call, where an INVITE is welcome in any case.
func (a *Agent) abilities(b *parser.Builder) {
	b.Header(parser.HeaderAllow, a.allowInside())
	b.Header(parser.HeaderSupported, a.supported)
}

// allowInside returns Allow's value inside a call.
func (a *Agent) allowInside() string {
	if a.cfg.OnCall == nil {
		return "INVITE, " + a.allow
	}
	return a.allow
}

// answerOptions answers OPTIONS as an INVITE would be, were it only about what we can do (RFC 3261, Section 11.2).
func (a *Agent) answerOptions(t *transaction.Server, m *parser.Message) {
	w, err := a.optionsResponse(m)
	if err != nil {
		a.respond(t, m, parser.StatusOK, "", nil)
		return
	}
	if err := t.Respond(w); err != nil && !errors.Is(err, transaction.ErrState) {
		t.Abandon()
	}
}

// optionsResponse writes the answer to the OPTIONS m. It allocates that and nothing else.
func (a *Agent) optionsResponse(m *parser.Message) (parser.Wire, error) {
	var tag [tokenSize]byte
	var b parser.Builder
	b.Reset(make([]byte, 0, a.optionsRoom.size(m)))
	b.Response(m, parser.StatusOK, "", string(a.tokens.append(tag[:0])))
	w, err := b.Wire()
	if err == nil {
		w, err = a.options.end(w)
	}
	if err == nil {
		a.optionsRoom.used(m, len(w.Head))
	}
	return w, err
}

// writeOptions writes what the answer to OPTIONS does not copy from the request.
func (a *Agent) writeOptions(b *parser.Builder) {
	a.server(b)
	a.capabilities(b)
	b.Header(parser.HeaderAccept, a.accept)
	b.Header(parser.HeaderAcceptEncoding, "identity")
	b.Header(parser.HeaderAcceptLanguage, "en")
}

// refuseBusy answers 503 with a Retry-After that differs from one request to the next, so that those who
// were refused together do not come back together (RFC 3261, Section 21.5.4).
func (a *Agent) refuseBusy(t *transaction.Server, m *parser.Message) {
	a.respond(t, m, parser.StatusServiceUnavailable, "", retryLater)
}

func retryLater(b *parser.Builder) { b.Int(parser.HeaderRetryAfter, 5+rand.IntN(10)) }
