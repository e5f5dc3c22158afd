package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// userAgent stands in User-Agent and Server.
const userAgent = "ringback"

// t1Usage is the usage of -t1 (RFC 3261, Section 17.1.1.1).
const t1Usage = "set T1 to `DUR`, T2 to 8*T1 and T4 to 10*T1 (default 500ms)"

// statusOfRequests is what the commands that send requests mean by their exit statuses.
const statusOfRequests = "0 a 2xx; 1 the peer said no; 2 wrong usage; 3 nobody answered: timeout, unreachable,\ncertificate refused."

// client is what the commands that send requests share: their flags, and the agent that sends.
type client struct {
	json    bool
	t1      time.Duration
	ca      string
	who     identity
	secrets secrets
	tracing tracing
	find    locating

	failed func(err error) // prints that there will be no answer, with -json

	c     *console
	begin time.Time
	local netip.Addr // the address that requests leave from, if it is known
}

// flags defines the flags.
func (k *client) flags(fs *flag.FlagSet) {
	fs.BoolVar(&k.json, "json", false, "print objects, one on a line")
	k.tracing.flags(fs)
	k.who.flags(fs)
	fs.DurationVar(&k.t1, "t1", 0, t1Usage)
	fs.StringVar(&k.ca, "tls-ca", "", "trust the authorities in `FILE` (PEM) besides the system's")
	k.secrets.flags(fs, "shown to a server that asks")
	k.find.flags(fs)
}

// open checks the flags and the peer's URI, looks its name up and makes an agent that can reach it. Without one it has said why, and
// returns the exit status.
func (k *client) open(ctx context.Context, c *console, to string) (*ua.Agent, int) {
	k.c, k.begin = c, time.Now()
	uri, err := k.check(to)
	if err == nil {
		err = k.find.open()
	}
	if err != nil {
		return nil, c.misuse("%v", err)
	}
	stop := c.watch(func() string { return "looking up " + printable(to) })
	sources, err := k.find.sources(ctx, k.who.hop(uri))
	stop()
	if err != nil {
		k.find.close()
		return nil, k.unlocated(ctx, to, err)
	}
	agent, code := k.agent(c, uri, sources)
	if agent == nil {
		k.find.close()
	}
	return agent, code
}

// agent makes the agent, which listens where answers may come back.
func (k *client) agent(c *console, to parser.URI, sources []netip.Addr) (*ua.Agent, int) {
	k.local = sources[0]
	var listen []string
	for _, a := range sources {
		at := netip.AddrPortFrom(a, 0).String()
		// Both, since a request above 1300 octets leaves UDP for TCP, and so may the peer's.
		listen = append(listen, "udp:"+at, "tcp:"+at)
	}
	log := newLog(c, k.json, slog.LevelWarn)
	security, err := k.clientTLS(log)
	if err != nil {
		return nil, c.misuse("%v", err)
	}
	cfg := &ua.Config{
		Listen:    listen,
		Locate:    k.find.resolver.Locate,
		UserAgent: userAgent,
		T1:        k.t1,
		TLS:       security,
		Logger:    log,
	}
	k.who.speak(cfg, to)
	if cfg.Trace, err = k.tracing.open(c); err != nil {
		return nil, c.misuse("%v", err)
	}
	agent, err := ua.New(cfg)
	if err != nil {
		k.tracing.close()
		c.errf("%s: %v\n", c.name, err)
		return nil, exitUsage
	}
	k.begin = time.Now()
	return agent, exitYes
}

// check checks what was typed.
func (k *client) check(to string) (parser.URI, error) {
	uri, err := sipURI(to)
	if err != nil {
		return uri, err
	}
	if err := k.who.check(); err != nil {
		return uri, err
	}
	return uri, checkT1(k.t1)
}

// unlocated reports why it is not known where to send the request.
func (k *client) unlocated(ctx context.Context, to string, err error) int {
	if !notFound(err) && ctx.Err() == nil {
		if inner := errors.Unwrap(err); inner != nil {
			err = inner // it names the URI again
		}
		return k.c.misuse("nothing can be sent to %q: %v", to, err)
	}
	if k.json && k.failed != nil {
		k.failed(err)
	}
	return k.silence(ctx, to, err)
}

// checkT1 checks a value of -t1.
func checkT1(d time.Duration) error {
	if d < 0 {
		return fmt.Errorf("-t1 %v: want a duration above 0, such as 500ms", d)
	}
	return nil
}

// sipURI checks that s is a URI that a request can be sent to, or come from.
func sipURI(s string) (parser.URI, error) {
	uri, err := parser.ParseURI([]byte(s))
	if err == nil && !uri.IsSIP() {
		err = errors.New("its scheme is not sip")
	}
	if err != nil {
		return uri, fmt.Errorf("%q is not a SIP URI (%v): want one such as sip:echo@127.0.0.1:5060", s, err)
	}
	return uri, nil
}

// close ends the agent. What is under way has until 64*T1, since a peer that rings is cancelled and one that
// talks is told, and somebody who does not wait for that interrupts once more.
func (k *client) close(ctx context.Context, agent *ua.Agent) {
	wait, cancel := context.WithTimeout(context.Background(), 64*orDefault(k.t1, 500*time.Millisecond))
	defer cancel()
	if ctx.Err() == nil {
		defer context.AfterFunc(ctx, cancel)()
	}
	note := time.AfterFunc(time.Second, func() {
		k.c.errf("%s: waiting for the peer to confirm the end; interrupt to leave at once\n", k.c.name)
	})
	defer note.Stop()
	if err := agent.Shutdown(wait); err != nil {
		k.c.errf("%s: the peer did not confirm the end\n", k.c.name)
	}
	k.find.close()
	k.tracing.close()
}

// elapsed returns the time since the command began to send.
func (k *client) elapsed() time.Duration { return time.Since(k.begin) }

// seconds formats a duration for people.
func seconds(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.3f s", d.Seconds())
}

// silence reports on stderr why there is no answer, and what to do about it.
func (k *client) silence(ctx context.Context, to string, err error) int {
	switch {
	case ctx.Err() != nil:
		k.c.errf("%s: interrupted before %s answered\n", k.c.name, printable(to))
	case errors.Is(err, transaction.ErrTimeout):
		k.c.errf("%s: no answer from %s within %s\nIs the address right, and does a SIP server listen there over that transport (;transport=tcp)? -trace shows what was sent.\n",
			k.c.name, printable(to), seconds(k.elapsed()))
	case notFound(err):
		k.c.errf("%s: %s was not found: %s\nIs the name right, and does its DNS say where its SIP servers are? -dns asks another DNS server.\n",
			k.c.name, printable(to), printable(err.Error()))
	case certificateRefused(err):
		k.c.errf("%s: %s cannot be trusted: %s\nIs the name right? -tls-ca FILE trusts the authority in FILE; nothing trusts a certificate for somebody else.\n",
			k.c.name, printable(to), printable(err.Error()))
	default:
		k.c.errf("%s: %s cannot be reached: %s\nIs the address right, and does a SIP server listen there over that transport (;transport=tcp)?\n",
			k.c.name, printable(to), printable(err.Error()))
	}
	return exitSilence
}
