package main

import (
	"context"
	"errors"
	"flag"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func optionsCommand() command {
	return command{
		name:     "options",
		operands: "URI",
		brief:    "ask a peer what it can do",
		about: `Prints the answer, the time it took and what the peer says of itself. The URI's
;transport=tcp chooses the transport.

With -json one object: "uri", "status", "reason", "ms", and of the answer's header fields
"allow", "accept", "supported" and "server" as far as they are there; or "uri", "error" and
"ms" when there was no answer.`,
		status:   statusOfRequests,
		examples: []string{"sip options sip:127.0.0.1:5060", "sip options -trace 'sip:echo@127.0.0.1:5060;transport=tcp'"},
		setup: func(fs *flag.FlagSet) runner {
			r := request{method: parser.MethodOptions}
			r.flags(fs)
			return r.run
		},
	}
}

func messageCommand() command {
	return command{
		name:     "message",
		operands: "URI TEXT",
		brief:    "send a text message",
		about: `Sends TEXT as text/plain in a MESSAGE (RFC 3428) and prints the answer and the time it took.

With -json one object: "uri", "status", "reason" and "ms"; or "uri", "error" and "ms" when
there was no answer.`,
		status:   statusOfRequests,
		examples: []string{"sip message sip:echo@127.0.0.1:5060 'good morning'"},
		setup: func(fs *flag.FlagSet) runner {
			r := request{method: parser.MethodMessage}
			r.flags(fs)
			return r.run
		},
	}
}

// request is one run of `sip options` or `sip message`.
type request struct {
	client
	method parser.Method
}

// run sends the request and reports the answer.
func (r *request) run(ctx context.Context, c *console, args []string) int {
	want := []string{"the URI"}
	if r.method == parser.MethodMessage {
		want = append(want, "the text")
	}
	if !c.operands(args, want...) {
		return exitUsage
	}
	to := args[0]
	r.failed = func(err error) {
		o := begin(nil)
		o.str("uri", to)
		o.str("error", err.Error())
		o.ms("ms", r.elapsed())
		c.outBytes(append(o.end(), '\n'))
	}
	agent, code := r.open(ctx, c, to)
	if agent == nil {
		return code
	}
	defer r.close(ctx, agent)
	if !r.json {
		c.outf("%s %s\n", r.method, printable(to))
	}
	stop := c.watch(func() string { return "waiting for an answer" })
	answer, err := r.send(ctx, agent, args)
	took := r.elapsed()
	stop()
	var refused *ua.ResponseError
	if err != nil && !errors.As(err, &refused) {
		if r.json {
			r.failed(err)
		}
		return r.silence(ctx, to, err)
	}
	r.report(to, answer, took)
	if refused == nil {
		return exitYes
	}
	if hint := advice(refused); hint != "" {
		c.errf("%s: %s\n", c.name, hint)
	}
	return exitNo
}

// send sends what args say.
func (r *request) send(ctx context.Context, agent *ua.Agent, args []string) (*parser.Message, error) {
	if r.method == parser.MethodMessage {
		return agent.Message(ctx, args[0], ua.Body{Type: "text/plain;charset=utf-8", Data: []byte(args[1])}, nil)
	}
	return agent.Options(ctx, args[0], nil)
}

// told are the header fields of an answer that say what the peer can do, and their names in JSON.
var told = [...]struct {
	header parser.Header
	name   string
}{
	{parser.HeaderAllow, "allow"},
	{parser.HeaderAccept, "accept"},
	{parser.HeaderSupported, "supported"},
	{parser.HeaderServer, "server"},
	{parser.HeaderUserAgent, "user_agent"},
}

// report prints the answer.
func (r *request) report(to string, m *parser.Message, took time.Duration) {
	status, reason := m.Status(), m.Reason()
	if r.json {
		o := begin(nil)
		o.str("uri", to)
		o.int("status", int(status))
		o.bytes("reason", reason)
		o.ms("ms", took)
		for _, t := range told {
			if m.Has(t.header) {
				o.bytes(t.name, joined(m, t.header))
			}
		}
		r.c.outBytes(append(o.end(), '\n'))
		return
	}
	out := append(r.c.outStyle.append(nil, statusColour(status), statusLine(m)), ", after "+seconds(took)+"\n"...)
	for _, t := range told {
		if value := joined(m, t.header); len(value) > 0 {
			out = append(appendPrintable(append(out, "  "+t.header.String()+": "...), value), '\n')
		}
	}
	r.c.outBytes(out)
}

// joined returns all values of h, joined by commas.
func joined(m *parser.Message, h parser.Header) []byte {
	var b []byte
	for v := range m.Values(h) {
		if b != nil {
			b = append(b, ", "...)
		}
		b = append(b, v...)
	}
	return b
}
