package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

func serveCommand() command {
	return command{
		name:  "serve",
		brief: "answer calls, OPTIONS, MESSAGE and REGISTER, until SIGINT",
		about: `Listens on ` + strings.Join(defaultListen, " and ") + `, or where -listen says. When a
socket is ready its line stands on stdout, "listening udp 127.0.0.1:5060"; the log goes to
stderr. A call to the echo user is answered at once. The signalling is real, media is not:
every stream of the answer is inactive.

It is the registrar of its domain: the own addresses and every -domain are one. Who asks for
somebody who is registered is sent there (302); a user of -users who is nowhere is unavailable
(480). A request for an own address or domain without a user is answered for OPTIONS; other
users there, and other domains, do not exist (404).

Nobody is asked for a password without -users: whoever reaches the server may call, and
register as anybody. With it everybody is, for every request but ACK and CANCEL, and may
register as nobody else. The digest is MD5: many a phone knows no other, and some give up when
they are offered one that they do not know, even beside MD5. Where all phones are newer,
-digest SHA-256, with -digest MD5 behind it or not, is better.

SIGINT and SIGTERM end the server: calls are hung up, new requests are answered 503 with
Retry-After until all is done. A second signal ends it at once.

-debug answers HTTP: /debug/vars (JSON, the numbers of live objects in "sip"), /metrics (the
same for Prometheus), /debug/pprof. Give it an address that only you can reach.`,
		status: "0 after a signal; 2 wrong usage, or a socket that cannot be bound.",
		examples: []string{
			"sip serve",
			"sip serve -listen udp:0.0.0.0:5060 -listen tcp:0.0.0.0:5060 -domain example.com",
			"sip serve -domain example.com -users passwords -data /var/lib/sip",
			"sip serve -listen tls:0.0.0.0:5061 -tls-cert cert.pem -tls-key key.pem -domain example.com",
			"sip serve -listen udp:127.0.0.1:0 -listen tcp:127.0.0.1:0 -debug 127.0.0.1:0 -trace",
		},
		setup: func(fs *flag.FlagSet) runner {
			var s server
			fs.Var(&s.listen, "listen", "listen on `PROTO:HOST:PORT` (udp tcp tls ws wss), port 0 for any free one; repeatable")
			fs.Var(&s.domains, "domain", "serve this `DOMAIN` besides the own addresses; repeatable")
			fs.Var(&s.advertise, "advertise", "put `[PROTO:]HOST[:PORT]` into Via and Contact, not the bound address; repeatable")
			fs.StringVar(&s.echo, "echo", "echo", "the `USER` who answers; '*' is every user of every domain")
			fs.StringVar(&s.debug, "debug", "", "serve gauges and profiles over HTTP at `HOST:PORT`")
			fs.StringVar(&s.usersFile, "users", "", "let only those in who have a password in `FILE`, user:password on a line")
			fs.Var(&s.digest, "digest", "ask for passwords by `ALGORITHM`; repeatable, best first (default MD5)")
			fs.StringVar(&s.data, "data", "", "keep registrations across restarts, in the folder `DIR`")
			fs.DurationVar(&s.t1, "t1", 0, t1Usage)
			fs.DurationVar(&s.sessionExpires, "session-expires", 0, "end a call that is not refreshed within `DUR`; negative: never (default 30m)")
			fs.DurationVar(&s.minSE, "min-se", 0, "accept no session interval below `DUR` (default 90s)")
			fs.Var(&s.origins, "origin", "let only pages of `ORIGIN`, such as https://example.com, in over ws and wss; repeatable")
			s.secrets.flags(fs, "for tls and wss; read again when it changes")
			fs.StringVar(&s.clientCA, "tls-client-ca", "", "take only clients with a certificate of an authority in `FILE` (PEM) over tls and wss")
			fs.BoolVar(&s.json, "json", false, "print and log objects, one on a line")
			s.tracing.flags(fs)
			return s.run
		},
	}
}

// defaultListen is what is listened on when nothing is said: nobody but this machine gets in.
var defaultListen = []string{"udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"}

// texts is the value of a flag that may be given several times.
type texts []string

func (t *texts) String() string { return strings.Join(*t, ",") }

func (t *texts) Set(s string) error {
	*t = append(*t, s)
	return nil
}

// server is one run of `sip serve`.
type server struct {
	listen, domains, advertise texts
	origins                    texts
	echo, debug                string
	usersFile, data            string
	digest                     algorithms
	t1                         time.Duration
	sessionExpires, minSE      time.Duration
	secrets                    secrets
	clientCA                   string
	json                       bool
	tracing                    tracing

	c   *console
	log *slog.Logger
}

// run serves until ctx ends, and then until everything is wound up.
func (s *server) run(ctx context.Context, c *console, args []string) int {
	s.c = c
	s.log = newLog(c, s.json, slog.LevelInfo)
	if !c.operands(args) {
		return exitUsage
	}
	if err := checkT1(s.t1); err != nil {
		return c.misuse("%v", err)
	}
	if len(s.listen) == 0 {
		s.listen = defaultListen
	}
	realm, err := newRealm(s.echo, s.domains, s.listen, s.advertise)
	if err != nil {
		return c.misuse("%v", err)
	}
	security, err := s.serverTLS()
	if err != nil {
		return c.misuse("%v", err)
	}
	home, guard, err := s.openHome(realm)
	if err != nil {
		return c.misuse("%v", err)
	}
	defer home.close()
	answering := &echo{realm: realm, log: s.log}
	cfg := s.config(answering)
	cfg.Handlers = append(guard, home, (*redirect)(home))
	cfg.TLS = security
	cfg.WebSocket.Check = s.checkOrigin()
	if cfg.Trace, err = s.tracing.open(c); err != nil {
		return c.misuse("%v", err)
	}
	defer s.tracing.close()
	agent, err := ua.New(cfg)
	if err != nil {
		c.errf("%s: %v\nIs another program on that port, or the address of another machine? -listen chooses others.\n", c.name, err)
		return exitUsage
	}
	realm.bound(agent.Addrs())
	debug, err := s.serveDebug(func() figures { return home.figures(agent.Stats()) })
	if err != nil {
		c.errf("%s: -debug: %v: want HOST:PORT of an own address and a free port, such as 127.0.0.1:6060\n", c.name, err)
		agent.Shutdown(ctx)
		return exitUsage
	}
	s.announce(agent.Addrs(), len(home.users))
	<-ctx.Done()
	s.drain(agent)
	debug.close()
	return exitYes
}

// openHome reads -users and opens -data. guard is what stands before all other Handlers: nothing without -users.
func (s *server) openHome(realm *realm) (h *home, guard []ua.Handler, err error) {
	var all users
	if s.usersFile != "" {
		if all, err = readUsers(s.usersFile); err != nil {
			return nil, nil, fmt.Errorf("-users: %w", err)
		}
		g, err := all.guard(realm.name, s.digest)
		if err != nil {
			return nil, nil, fmt.Errorf("-users: %w", err)
		}
		guard = []ua.Handler{g}
	}
	if h, err = newHome(realm, all, s.data, s.log); err != nil {
		return nil, nil, fmt.Errorf("-data: %w", err)
	}
	return h, guard, nil
}

func (s *server) config(answering *echo) *ua.Config {
	return &ua.Config{
		Listen:         s.listen,
		Advertise:      s.advertise,
		UserAgent:      userAgent,
		T1:             s.t1,
		SessionExpires: s.sessionExpires, MinSE: s.minSE,
		Serves:    answering.realm.serves,
		OnCall:    answering.call,
		OnOffer:   answering.offer,
		OnInfo:    answering.key,
		OnMessage: answering.message,
		Logger:    s.log,
	}
}

// announce prints what is listened on and warns of what will surprise.
func (s *server) announce(locals []transport.Local, users int) {
	s.log.Info("signalling is real, media is not: every answer says inactive")
	if users == 0 {
		s.log.Info("nobody is asked for a password: whoever reaches this address may call, and register as anybody")
	} else {
		s.log.Info("everybody is asked for a password", "users", users)
	}
	for _, l := range locals {
		if l.Protocol == transport.UDP && !hasTCP(locals, l.Addr) {
			s.log.Warn("no TCP beside this UDP port: requests above 1300 octets cannot get through (RFC 3261, Section 18.1.1)",
				"udp", l.Addr.String(), "try", "-listen tcp:"+l.Addr.String())
		}
	}
	var out []byte
	for _, l := range locals {
		if !s.json {
			out = fmt.Appendf(out, "listening %s %s\n", l.Protocol.Network(), l.Addr)
			continue
		}
		o := begin(out)
		o.str("event", "listening")
		o.str("protocol", l.Protocol.Network())
		o.str("address", l.Addr.String())
		out = append(o.end(), '\n')
	}
	s.c.outBytes(out)
}

// hasTCP reports whether a connection to addr would be accepted.
func hasTCP(locals []transport.Local, addr netip.AddrPort) bool {
	for _, l := range locals {
		if l.Protocol == transport.TCP && l.Addr.Port() == addr.Port() && (l.Addr.Addr() == addr.Addr() || l.Addr.Addr().IsUnspecified()) {
			return true
		}
	}
	return false
}

// drain ends the agent. A BYE that nobody answers is given up after 64*T1; a little later so are we.
func (s *server) drain(agent *ua.Agent) {
	limit := 64*orDefault(s.t1, 500*time.Millisecond) + 2*time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	st := agent.Stats()
	s.log.Info("draining: new requests get 503; a second signal ends at once", "calls", st.Calls, "transactions", st.Transactions)
	if err := agent.Shutdown(ctx); err != nil {
		s.log.Warn("not everything ended in time", "err", err)
		return
	}
	s.log.Info("drained")
}

// orDefault returns d, or v when d is 0.
func orDefault(d, v time.Duration) time.Duration {
	if d == 0 {
		return v
	}
	return d
}

// newLog returns a log on stderr.
func newLog(c *console, json bool, level slog.Level) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	if json {
		return slog.New(slog.NewJSONHandler(c, opts))
	}
	return slog.New(slog.NewTextHandler(c, opts))
}
