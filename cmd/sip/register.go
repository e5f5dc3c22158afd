package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/ua"
)

func registerCommand() command {
	return command{
		name:     "register",
		operands: "URI",
		brief:    "register an address, and stay registered",
		about: `Registers URI, an address of record such as sip:alice@example.com, at its domain's registrar; a
port and ;transport=tcp in it choose the way there. It stays and refreshes until SIGINT, then it
removes what it registered; with -once it ends after the answer and leaves it. A URI without a user
is a registrar's: then -from, or -user, says who registers.

With -json an object for each state: "event" is registering, registered, refreshing, retrying,
waiting, unregistering, unregistered, refused or failed, "ms" the time since the start;
registering has "uri", registered has "expires" in seconds and "bindings" with "uri" and
"expires" each, retrying and waiting have "error", refused has "status" and "reason", failed
has "error". -fetch and -remove-all print bindings.`,
		status:   statusOfRequests,
		examples: []string{"sip register -user alice -password secret sip:alice@127.0.0.1:5060", "sip register -once -expires 60 -from sip:alice@example.com 'sip:192.0.2.4;transport=tcp'"},
		setup: func(fs *flag.FlagSet) runner {
			k := &registering{expires: expiry(time.Hour)}
			k.flags(fs)
			fs.BoolVar(&k.once, "once", false, "end after the answer")
			fs.Var(&k.expires, "expires", "ask for `SECONDS`, or a duration such as 10m")
			fs.StringVar(&k.instance, "instance", "", "the `URN` of this user agent, such as urn:uuid:...: asks for GRUUs (RFC 5627)")
			fs.IntVar(&k.regID, "reg-id", 0, "ask for an outbound binding with this `NUMBER` (RFC 5626); wants -instance")
			fs.BoolVar(&k.fetch, "fetch", false, "print what is registered, and register nothing")
			fs.BoolVar(&k.clear, "remove-all", false, "remove all that is registered, by whomever")
			return k.run
		},
	}
}

// expiry is the value of -expires.
type expiry time.Duration

// String returns the seconds.
func (e *expiry) String() string { return strconv.Itoa(int(time.Duration(*e) / time.Second)) }

// Set reads seconds or a duration.
func (e *expiry) Set(s string) error {
	if n, err := strconv.ParseUint(s, 10, 32); err == nil {
		s = strconv.FormatUint(n, 10) + "s"
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < time.Second {
		return errors.New("want 1 second or more, such as 3600 or 10m")
	}
	*e = expiry(d)
	return nil
}

// registering is one run of `sip register`.
type registering struct {
	client
	once, fetch, clear bool
	expires            expiry
	instance           string
	regID              int

	to  string
	mu  sync.Mutex // guards what follows
	reg *ua.Registration
}

// run registers and stays until it is over.
func (k *registering) run(ctx context.Context, c *console, args []string) int {
	if !c.operands(args, "the URI") {
		return exitUsage
	}
	to := args[0]
	k.to = to
	opts, err := k.options(to)
	if err != nil {
		return c.misuse("%v", err)
	}
	k.failed = func(err error) {
		k.tell("failed", red, "", func(o *object) { o.str("error", err.Error()) })
	}
	agent, code := k.open(ctx, c, to)
	if agent == nil {
		return code
	}
	defer func() { k.close(ctx, agent) }()
	if k.fetch || k.clear {
		return k.bindings(ctx, agent, to, opts)
	}
	stop := c.watch(func() string { return "waiting for an answer" })
	opts.OnState = k.state
	r, err := agent.Register(ctx, opts)
	stop()
	if err != nil {
		return k.over(ctx, to, err)
	}
	k.registered(r)
	if k.once {
		left, cancel := context.WithCancel(context.Background())
		cancel()
		_ = agent.Shutdown(left) // which removes what is registered only when it has the time
		return exitYes
	}
	stop = c.watch(func() string { return "registered" })
	select {
	case <-r.Done():
	case <-ctx.Done():
		gone, cancel := context.WithCancel(context.Background())
		cancel()
		_ = r.Unregister(gone) // begins it
		<-r.Done()             // at the latest when the answer is given up, 64*T1 later
	}
	stop()
	if err := r.Err(); err != nil {
		return k.over(context.Background(), to, err)
	}
	k.tell("unregistered", green, "unregistered", func(*object) {})
	return exitYes
}

// options checks the flags and returns what is to be registered.
func (k *registering) options(to string) (*ua.RegisterOptions, error) {
	uri, err := k.check(to)
	if err != nil {
		return nil, err
	}
	o := &ua.RegisterOptions{AOR: to, From: k.who.from, Expires: time.Duration(k.expires), Instance: k.instance, RegID: k.regID}
	if len(uri.User()) > 0 {
		return o, nil
	}
	o.Registrar = to
	switch {
	case k.who.from != "":
		o.AOR, o.From = k.who.from, ""
	case k.who.user != "":
		o.AOR = k.who.record(uri)
	default:
		return nil, fmt.Errorf("%q has no user: say by -from or -user who registers there", to)
	}
	return o, nil
}

// state hears of the states.
func (k *registering) state(s registration.State, err error) {
	why := ""
	if err != nil {
		why = strings.TrimPrefix(err.Error(), "sip: ")
	}
	because := func(o *object) {
		if err != nil {
			o.str("error", err.Error())
		}
	}
	switch s {
	case registration.Trying:
		k.tell("registering", cyan, "registering "+printable(k.to), func(o *object) { o.str("uri", k.to) })
	case registration.Registering:
		k.tell("registering", cyan, "registering again", because)
	case registration.Refreshing:
		k.tell("refreshing", cyan, "refreshing", func(*object) {})
	case registration.Registered:
		k.mu.Lock()
		r := k.reg
		k.mu.Unlock()
		if r != nil { // else it is told when Register has returned
			k.bound(r)
		}
	case registration.Retrying:
		k.tell("retrying", yellow, "retrying: "+printable(why), because)
	case registration.Waiting:
		k.tell("waiting", yellow, "waiting: "+printable(why), because)
	case registration.UnregisterPending, registration.Unregistering:
		k.tell("unregistering", cyan, "unregistering", func(*object) {})
	}
}

// registered tells of the first binding.
func (k *registering) registered(r *ua.Registration) {
	k.bound(r)
	k.mu.Lock()
	k.reg = r
	k.mu.Unlock()
}

// bound tells of the bindings.
func (k *registering) bound(r *ua.Registration) {
	left := round(time.Until(r.Expires()))
	k.tell("registered", green, fmt.Sprintf("registered for %d s", left), func(o *object) {
		o.int("expires", left)
		k.list(o, r.Bindings())
	})
}

// round returns d in seconds, as a registrar counts them.
func round(d time.Duration) int { return int((d + time.Second/2) / time.Second) }

// list appends bindings.
func (k *registering) list(o *object, all []ua.Binding) {
	o.key("bindings")
	o.b = append(o.b, '[')
	for i, b := range all {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		in := begin(o.b)
		in.str("uri", b.URI)
		in.int("expires", round(time.Until(b.Expires)))
		o.b = in.end()
	}
	o.b = append(o.b, ']')
}

// bindings prints what is registered, or is left of it.
func (k *registering) bindings(ctx context.Context, agent *ua.Agent, to string, opts *ua.RegisterOptions) int {
	ask := agent.Bindings
	if k.clear {
		ask = agent.RemoveBindings
	}
	all, err := ask(ctx, opts)
	if err != nil {
		return k.over(ctx, to, err)
	}
	if k.json {
		o := begin(nil)
		o.str("event", "bindings")
		k.list(&o, all)
		o.ms("ms", k.elapsed())
		k.c.outBytes(append(o.end(), '\n'))
		return exitYes
	}
	k.c.outf("%d bindings, after %s\n", len(all), seconds(k.elapsed()))
	for _, b := range all {
		k.c.outf("  %s for %d s\n", printable(b.URI), round(time.Until(b.Expires)))
	}
	return exitYes
}

// over reports why it is over.
func (k *registering) over(ctx context.Context, to string, err error) int {
	var refused *ua.ResponseError
	if !errors.As(err, &refused) {
		if k.json {
			k.failed(err)
		}
		return k.silence(ctx, to, err)
	}
	k.tell("refused", red, "refused "+statusLine(refused.Message), func(o *object) {
		o.int("status", int(refused.Status))
		o.str("reason", refused.Reason)
	})
	hint := advice(refused)
	if refused.Status/100 == 3 {
		hint = "the registrar names others, and none of them took it"
	}
	if refused.Status == parser.StatusForbidden {
		hint = "the registrar does not let this user register this address"
	}
	if hint != "" {
		k.c.errf("%s: %s\n", k.c.name, hint)
	}
	return exitNo
}

// tell prints that the registration came into a state: text for people, else an object with the members that more adds.
func (k *registering) tell(event, colour, text string, more func(o *object)) {
	at := k.elapsed()
	if !k.json {
		if text != "" {
			k.c.outf("%s, after %s\n", k.c.outStyle.paint(colour, text), seconds(at))
		}
		return
	}
	o := begin(nil)
	o.str("event", event)
	more(&o)
	o.ms("ms", at)
	k.c.outBytes(append(o.end(), '\n'))
}
