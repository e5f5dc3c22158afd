package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
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
	from    string
	t1      time.Duration
	ca      string
	secrets secrets
	tracing tracing

	c     *console
	begin time.Time
	local netip.Addr // the address that requests leave from, if it is known
}

// flags defines the flags.
func (k *client) flags(fs *flag.FlagSet) {
	fs.BoolVar(&k.json, "json", false, "print objects, one on a line")
	k.tracing.flags(fs)
	fs.StringVar(&k.from, "from", "", "the `URI` in From (default sip:ringback@ and the own address)")
	fs.DurationVar(&k.t1, "t1", 0, t1Usage)
	fs.StringVar(&k.ca, "tls-ca", "", "trust the authorities in `FILE` (PEM) besides the system's")
	k.secrets.flags(fs, "shown to a server that asks")
}

// open checks the flags and the peer's URI and makes an agent that can reach it. Without one it has said why, and
// returns the exit status.
func (k *client) open(c *console, to string) (*ua.Agent, int) {
	k.c = c
	target, err := k.check(to)
	if err != nil {
		return nil, c.misuse("%v", err)
	}
	if k.local, err = source(target); err != nil {
		c.errf("%s: there is no way from here to %s: %v\n", c.name, target.Addr(), err)
		return nil, exitSilence
	}
	at := netip.AddrPortFrom(k.local, 0).String()
	log := newLog(c, k.json, slog.LevelWarn)
	security, err := k.clientTLS(log)
	if err != nil {
		return nil, c.misuse("%v", err)
	}
	cfg := &ua.Config{
		// Both, since a request above 1300 octets leaves UDP for TCP, and so may the peer's.
		Listen:    []string{"udp:" + at, "tcp:" + at},
		From:      k.from,
		UserAgent: userAgent,
		T1:        k.t1,
		TLS:       security,
		Logger:    log,
	}
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

// check checks what was typed and returns where the request will go.
func (k *client) check(to string) (netip.AddrPort, error) {
	uri, err := sipURI(to)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if k.from != "" {
		if _, err := sipURI(k.from); err != nil {
			return netip.AddrPort{}, fmt.Errorf("-from: %w", err)
		}
	}
	if err := checkT1(k.t1); err != nil {
		return netip.AddrPort{}, err
	}
	targets, err := transport.LocateLiteral(context.Background(), uri)
	switch {
	case err == nil:
		return targets[0].Addr, nil
	case !isLiteral(uri):
		return netip.AddrPort{}, fmt.Errorf("%q has a host name, and names are not looked up: want a numeric address, as in sip:echo@127.0.0.1:5060", to)
	}
	if inner := errors.Unwrap(err); inner != nil {
		err = inner // it names the URI again
	}
	return netip.AddrPort{}, fmt.Errorf("nothing can be sent to %q: %w", to, err)
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

// source returns the address that packets to target leave from. Connecting a datagram socket asks for the route
// and sends nothing.
func source(target netip.AddrPort) (netip.Addr, error) {
	conn, err := net.Dial("udp", target.String())
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	ap, err := netip.ParseAddrPort(conn.LocalAddr().String())
	return ap.Addr().Unmap().WithZone(""), err
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
	case certificateRefused(err):
		k.c.errf("%s: %s cannot be trusted: %s\nIs the name right? -tls-ca FILE trusts the authority in FILE; nothing trusts a certificate for somebody else.\n",
			k.c.name, printable(to), printable(err.Error()))
	default:
		k.c.errf("%s: %s cannot be reached: %s\nIs the address right, and does a SIP server listen there over that transport (;transport=tcp)?\n",
			k.c.name, printable(to), printable(err.Error()))
	}
	return exitSilence
}

// advice returns what to do about a refusal, "" when there is nothing that would help.
func advice(status parser.Status) string {
	switch status {
	case parser.StatusUnauthorized, parser.StatusProxyAuthenticationRequired:
		return "the peer asks for a password, and this program has none to give"
	case parser.StatusNotFound, parser.StatusDoesNotExistAnywhere:
		return "the peer has no such user: is the part before the @ right, and the domain its own?"
	case parser.StatusMethodNotAllowed, parser.StatusNotImplemented:
		return "the peer does not know this kind of request: \"sip options\" shows what it allows"
	case parser.StatusTemporarilyUnavailable:
		return "the user is known but not there: try later"
	case parser.StatusServiceUnavailable:
		return "the peer is overloaded or shutting down: try later"
	}
	if status/100 == 3 {
		return "the peer names another address: call that"
	}
	return ""
}
