package ua_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// actor plays an agent of a flow script with a real one. What its user does and how its calls end is
// described in testdata/flows/README.md.
type actor struct {
	agent *ua.Agent
	addr  netip.Addr
	part  siptest.Part

	others         map[string]*actor
	follows, tries bool

	mu       sync.Mutex // guards what follows
	ctx      context.Context
	hangup   context.CancelFunc
	call     *ua.Call               // the last one that was answered, or that came
	waiting  []func(*ua.Call) error // what the user does about the call that has not come yet
	said     bool                   // a provisional response had the session description
	early    []*ua.Early            // of the call that is being placed
	silent   int                    // servers of a domain that did not answer
	outcomes []string
	running  sync.WaitGroup

	registrant *registrant // of the steps, which come one at a time
}

// longest is the longest call; no script's takes that long. A call whose other side is gone without a BYE is ended by it.
const longest = 200 * time.Second

// stage returns a cast whose actors know one another, as those do who were told of each other's calls.
func stage() siptest.Cast {
	others := map[string]*actor{}
	return func(p siptest.Part) (siptest.Actor, error) {
		a, err := cast(p)
		if err == nil {
			a.others, others[p.Name] = others, a
		}
		return a, err
	}
}

// cast makes the agent for a part.
func cast(p siptest.Part) (*actor, error) {
	at := netip.AddrPortFrom(p.Host.Addr(), 5060)
	pc, err := p.Host.ListenPacket(at)
	if err != nil {
		return nil, err
	}
	ln, err := p.Host.Listen(at)
	if err != nil {
		return nil, err
	}
	a := &actor{addr: p.Host.Addr(), part: p, follows: slices.Contains(p.Args, "follows"), tries: slices.Contains(p.Args, "tries")}
	a.ctx, a.hangup = context.WithCancel(context.Background())
	cfg := &ua.Config{
		PacketConns: []net.PacketConn{pc}, Listeners: []net.Listener{ln}, Dial: p.Host.Dial,
		From: "sip:" + p.Name + "@" + p.Host.Addr().String(), OnCall: a.came, OnOffer: a.offered, MaxDuration: longest,
	}
	if slices.Contains(p.Args, "requires") {
		cfg.Reliable = ua.ReliableAlways
	}
	if slices.Contains(p.Args, "replaceable") {
		cfg.OnReplaces = func(c, old *ua.Call) bool { return true }
	}
	if slices.Contains(p.Args, "credentials") { // of any user: the proxies of a script look at realm and nonce only
		cfg.Credentials = auth.User(p.Name, "secret")
	}
	if slices.Contains(p.Args, "guards") {
		guard, err := auth.NewServer(&auth.ServerConfig{Realm: p.Name + ".example.com", Secret: func(string, string) (auth.Secret, bool) {
			return auth.Secret{Password: "secret"}, true
		}})
		if err != nil {
			return nil, err
		}
		cfg.Handlers = []ua.Handler{ua.Authenticate(guard)}
	}
	if err := timed(p.Args, cfg); err != nil {
		return nil, err
	}
	if p.Locate != nil {
		cfg.Locate = a.locate
	}
	if a.agent, err = ua.New(cfg); err == nil {
		a.agent.Wait(100) // so that ladders are the same each time
	}
	return a, err
}

// locate finds the servers of the script's domains.
func (a *actor) locate(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
	servers := a.part.Locate(string(uri.Host()))
	if servers == nil {
		return transport.LocateLiteral(ctx, uri)
	}
	a.mu.Lock()
	servers = servers[min(a.silent, len(servers)-1):]
	a.mu.Unlock()
	var all []transport.Target
	for _, s := range servers {
		t := transport.Target{Protocol: transport.UDP, Addr: s}
		if a.part.Protocol == "tcp" {
			t.Protocol = transport.TCP
		}
		all = append(all, t)
	}
	return all, nil
}

// Do does what a step says.
func (a *actor) Do(verb string, args []string) error {
	switch verb {
	case "calls":
		opts := &ua.CallOptions{OnEarly: a.hears}
		offer := ua.Body{Type: "application/sdp", Data: siptest.SDP(a.addr)}
		switch {
		case len(args) == 2 && args[1] == "bare":
			offer = ua.Body{}
		case len(args) == 3 && args[1] == "replaces" && a.others[userOf(args[2])] != nil:
			opts.Replaces, opts.EarlyOnly = a.others[userOf(args[2])].dialog()
		case len(args) != 1:
			return fmt.Errorf("calls whom?")
		}
		a.running.Go(func() { a.place(args[0], offer, opts) })
	case "progresses":
		a.soon(func(c *ua.Call) error {
			a.said = true
			return c.Progress(parser.StatusSessionProgress, a.answer(c.Offer()))
		})
	case "rings":
		a.soon(func(c *ua.Call) error { return c.Ring() })
	case "answers":
		a.soon(func(c *ua.Call) error {
			if a.said {
				return c.Answer(ua.Body{})
			}
			return c.Answer(a.answer(c.Offer()))
		})
	case "rejects":
		status, err := strconv.Atoi(strings.Join(args, " "))
		if err != nil {
			return err
		}
		a.soon(func(c *ua.Call) error { return c.Reject(parser.Status(status)) })
	case "hangs":
		a.mu.Lock()
		defer a.mu.Unlock()
		a.hangup()
		if c := a.call; c != nil {
			a.running.Go(func() { c.Hangup(context.Background()) })
		}
	default:
		if a.change(strings.Join(append([]string{verb}, args...), " ")) {
			return nil
		}
		if is, err := a.doRegister(verb, args); is {
			return err
		}
		return errors.New("an agent calls, rings, progresses, answers, rejects, hangs up, holds, resumes, updates, registers, unregisters, asks and clears")
	}
	return nil
}

// userOf returns the user part of a URI: a script's actors go by it.
func userOf(uri string) string {
	user, _, _ := strings.Cut(strings.TrimPrefix(uri, "sip:"), "@")
	return user
}

// hears keeps the early dialogs of the call that is being placed.
func (a *actor) hears(e *ua.Early, _ *parser.Message) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !slices.Contains(a.early, e) {
		a.early = append(a.early, e)
	}
}

// dialog returns the dialog of the actor's call as somebody would name it whose own peer the actor is, and whether it is early.
func (a *actor) dialog() (id dialog.ID, early bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.call != nil:
		id = a.call.Dialog()
	case len(a.early) > 0:
		id, early = a.early[0].ID(), true
	}
	id.LocalTag, id.RemoteTag = id.RemoteTag, id.LocalTag
	return id, early
}

// soon does something to the call that is there, or to the next one that comes.
func (a *actor) soon(f func(*ua.Call) error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.call == nil {
		a.waiting = append(a.waiting, f)
		return
	}
	f(a.call) // what is too late is refused: the caller is gone
}

// answer returns the session description for an offer, or an offer where there was none.
func (a *actor) answer(offer ua.Body) ua.Body {
	b := ua.Body{Type: "application/sdp", Data: siptest.SDP(a.addr)}
	if !offer.IsZero() {
		b.Data, _ = siptest.Answer(offer.Data, a.addr) // none to an offer that cannot be read
	}
	return b
}

// came takes a call that comes in.
func (a *actor) came(c *ua.Call) {
	a.mu.Lock()
	a.call = c
	if c.Replaces() != nil { // nobody is alerted for a call that goes on (RFC 3891, Section 3)
		c.Answer(a.answer(c.Offer()))
	}
	for _, f := range a.waiting {
		f(c)
	}
	a.waiting = nil
	a.mu.Unlock()
	<-c.Done()
	a.over(c, c.Err())
}

// place places a call and follows it to its end.
func (a *actor) place(uri string, offer ua.Body, opts *ua.CallOptions) {
	opts.Answer = func(offer ua.Body) ua.Body { return a.answer(offer) }
	c, err := a.agent.Call(a.ctx, uri, offer, opts)
	var refused *ua.ResponseError
	if errors.As(err, &refused) && refused.Status == parser.StatusMovedTemporarily && a.follows {
		if to, bad := refused.Message.Contact(); bad == nil {
			a.place(string(to.URI().Raw()), offer, opts)
			return
		}
	}
	if errors.Is(err, transaction.ErrTimeout) && a.tries {
		a.mu.Lock()
		a.tries = false
		a.silent++
		a.mu.Unlock()
		a.place(uri, offer, opts)
		return
	}
	if err != nil {
		a.over(nil, err)
		return
	}
	a.mu.Lock()
	a.call = c
	late := a.ctx.Err() != nil
	a.mu.Unlock()
	if late {
		c.Hangup(context.Background())
	}
	<-c.Done()
	a.over(c, c.Err())
}

// over records how a call ended.
func (a *actor) over(c *ua.Call, err error) {
	var refused *ua.ResponseError
	o := "failed transport"
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, ua.ErrCanceled):
		o = "cancelled"
	case errors.Is(err, ua.ErrRejected):
		o = "rejected"
	case errors.Is(err, ua.ErrNoAck):
		o = "ended unacknowledged"
	case errors.Is(err, ua.ErrNoPrack):
		o = "failed unacknowledged"
	case errors.Is(err, ua.ErrReplaced):
		o = "replaced"
	case errors.Is(err, ua.ErrMaxDuration):
		o = "expired"
	case errors.Is(err, ua.ErrExpired):
		o = "ended unrefreshed"
	case errors.As(err, &refused):
		o = fmt.Sprintf("failed %d", refused.Status)
	case errors.Is(err, transaction.ErrTimeout):
		o = "failed timeout"
	case err != nil:
	case c.EndedByPeer():
		o = "ended remote"
	default:
		o = "ended local"
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.outcomes = append(a.outcomes, o)
}

// Outcome returns the ends of all calls.
func (a *actor) Outcome() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.outcomes) == 0 {
		return "none"
	}
	return strings.Join(a.outcomes, ", ")
}

// Live returns what the agent holds. Connections may stay for the next call.
func (a *actor) Live() map[string]int {
	s := a.agent.Stats()
	return map[string]int{"registrations": s.Registrations, "calls": s.Calls, "dialogs": s.Dialogs, "client transactions": s.ClientTransactions, "server transactions": s.ServerTransactions, "panics": s.Panics}
}

// Unarmed returns what the agent holds without a deadline.
func (a *actor) Unarmed() []string { return a.agent.Unarmed() }

// Close shuts the agent down.
func (a *actor) Close() {
	a.hangup()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	a.agent.Shutdown(ctx)
	a.running.Wait()
}
