package main

import (
	"context"
	"errors"
	"flag"
	"time"

	"github.com/ringback-sip/ringback/internal/sdp"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func callCommand() command {
	return command{
		name:     "call",
		operands: "URI",
		brief:    "place a call, print its states, hang up",
		about: `The call is offered with one inactive audio stream: the signalling is real, media is not.
It ends after -for, or when the peer hangs up, or at SIGINT, which cancels a call that is not
answered yet. The URI's ;transport=tcp chooses the transport.

While the call stands, lines on stdin are keys if that is a terminal, or with -keys: h holds and
resumes, 0 to 9, *, # and A to D are sent as DTMF by INFO, q hangs up. With -keys the call does
not end by itself unless -for says so.

With -json an object for each state: "event" is calling, progress, answered, ended, refused
or failed, "ms" the time since the start; calling has "uri", progress and refused have
"status" and "reason", answered has "call_id", ended has "by" (this side or peer), failed
has "error". A key has "event" key, "key", "what" (hold, resume or the key), and "status" or
"error".`,
		status:   statusOfRequests + "\nA call that was answered and has ended is a 2xx, whoever hung up.",
		examples: []string{"sip call -for 1s sip:echo@127.0.0.1:5060", "sip call -trace 'sip:bob@192.0.2.4;transport=tcp'"},
		setup: func(fs *flag.FlagSet) runner {
			var k calling
			k.flags(fs)
			fs.DurationVar(&k.hold, "for", 5*time.Second, "hang up `DUR` after the answer")
			fs.BoolVar(&k.keys, "keys", false, "take keys from stdin, a line at a time, also when it is no terminal")
			return func(ctx context.Context, c *console, args []string) int {
				fs.Visit(func(f *flag.Flag) { k.timed = k.timed || f.Name == "for" })
				return k.run(ctx, c, args)
			}
		},
	}
}

// calling is one run of `sip call`.
type calling struct {
	client
	hold  time.Duration
	timed bool // -for is given
	keys  bool
}

// run places the call and stays until it is over.
func (k *calling) run(ctx context.Context, c *console, args []string) int {
	if !c.operands(args, "the URI") {
		return exitUsage
	}
	if k.hold < 0 {
		return c.misuse("-for %v: want a duration such as 5s", k.hold)
	}
	to := args[0]
	k.failed = func(err error) {
		k.tell("failed", red, "", func(o *object) { o.str("error", err.Error()) })
	}
	agent, code := k.open(ctx, c, to)
	if agent == nil {
		return code
	}
	defer k.close(ctx, agent)
	offer := sdp.Offer(k.local)
	keyed := k.keys || isTerminal(c.stdin)
	if keyed {
		var err error
		if offer, err = sdp.Direct(offer, sdp.RecvOnly); err != nil { // so that there is something to hold
			return c.misuse("%v", err)
		}
		c.errf("no media: nothing is sent, played or recorded\n%s\n", keysHelp)
	} else {
		c.errf("no media: the offer says inactive, nothing is sent, played or recorded\n")
	}
	k.tell("calling", cyan, "calling "+printable(to), func(o *object) { o.str("uri", to) })

	stop := c.watch(func() string { return "waiting for an answer" })
	call, err := agent.Call(ctx, to, ua.Body{Type: sdp.ContentType, Data: offer}, &ua.CallOptions{OnProgress: k.progress, OnOffer: k.answer})
	stop()
	var refused *ua.ResponseError
	switch {
	case errors.As(err, &refused):
		return k.refused(refused)
	case err != nil:
		if k.json {
			k.failed(err)
		}
		return k.silence(ctx, to, err)
	}
	id := call.ID().CallID
	k.tell("answered", green, "answered", func(o *object) { o.str("call_id", id) })
	var quit <-chan struct{}
	if keyed {
		quit = k.listen(ctx, call).quit
	}
	k.stay(ctx, call, quit)
	by := "this side"
	if call.EndedByPeer() {
		by = "peer"
	}
	k.tell("ended", green, "ended by "+by, func(o *object) { o.str("by", by) })
	return exitYes
}

// stay waits until the call is to end, by quit among others, and then until it has.
func (k *calling) stay(ctx context.Context, call *ua.Call, quit <-chan struct{}) {
	stop := k.c.watch(func() string { return "in the call" })
	defer stop()
	select {
	case <-call.Done(): // the peer hung up
		return
	case <-k.until():
	case <-quit:
	case <-ctx.Done():
	}
	// Hangup waits longer than for the end; a context that is over makes it only begin.
	over, cancel := context.WithCancel(context.Background())
	cancel()
	call.Hangup(over)
	<-call.Done() // at the latest when the BYE is given up, 64*T1 later
}

// progress reports a provisional response.
func (k *calling) progress(m *parser.Message) {
	word := "progress"
	switch m.Status() {
	case parser.StatusTrying:
		word = "trying"
	case parser.StatusRinging:
		word = "ringing"
	}
	k.tell("progress", yellow, word+" "+statusLine(m), func(o *object) {
		o.int("status", int(m.Status()))
		o.bytes("reason", m.Reason())
	})
}

// refused reports a final answer that is no 2xx.
func (k *calling) refused(r *ua.ResponseError) int {
	k.tell("refused", red, "refused "+statusLine(r.Message), func(o *object) {
		o.int("status", int(r.Status))
		o.str("reason", r.Reason)
	})
	if hint := advice(r); hint != "" {
		k.c.errf("%s: %s\n", k.c.name, hint)
	}
	return exitNo
}

// tell prints that the call came into a state: text for people, else an object with the members that more adds.
func (k *calling) tell(event, colour, text string, more func(o *object)) {
	at := k.elapsed()
	if !k.json && event == "calling" {
		k.c.outf("%s\n", text)
		return
	}
	if !k.json {
		k.c.outf("%s, after %s\n", k.c.outStyle.paint(colour, text), seconds(at))
		return
	}
	o := begin(nil)
	o.str("event", event)
	more(&o)
	o.ms("ms", at)
	k.c.outBytes(append(o.end(), '\n'))
}
