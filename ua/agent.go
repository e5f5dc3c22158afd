package ua

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/transport/resolver"
)

// Agent is a user agent: it places and takes calls and answers requests on the sockets it was given.
// All its methods are safe for concurrent use. Two agents in one process share nothing.
type Agent struct {
	cfg          Config
	log          *slog.Logger
	timing       dialog.Timing
	transport    *transport.Layer
	resolver     *resolver.Resolver // nil where Config.Locate is not
	denials      resolver.DenyList  // of whatever locates
	transactions *transaction.Layer
	handlers     *pool
	lookups      *pool      // tells the application of calls, and sends what calls have to send where that may wait for Config.Locate
	allow        string     // of Config: the methods that are not answered 405
	extensions   []string   // of Config: the option tags that no request is refused for
	supported    string     // these, as a header value
	accept       string     // of Config.Accept, as a header value
	recvInfo     string     // of Config.RecvInfo, as a header value
	from         parser.URI // of Config.From, absent without
	display      string     // likewise
	proxy        route      // of Config.OutboundProxy
	tokens       *tokens
	mapped       mapped
	random       func() uint32 // the wait after a glare
	auth         *auth.Client  // of Config.Credentials
	options      tail          // of the answer to OPTIONS

	blank struct { // what calls have in common that have none of their own; never written
		opts CallOptions
		in   incoming
		cal  calling
	}

	answers, optionsRoom, inviteAnswers room

	registered atomic.Int64 // len(registrations)

	noName   atomic.Pointer[noName]
	draining atomic.Bool
	panics   atomic.Int64
	over     sync.Once     // closes closed
	closed   chan struct{} // when nobody hears of a transaction any more

	mu      sync.Mutex // guards what follows
	dialogs map[dialog.ID]*Call
	calls   map[*Call]struct{}
	idle    chan struct{} // closed when calls is empty, while Shutdown waits

	registrations map[*Registration]struct{}
	records       map[string][]*Registration // those of each address of record; the slices are replaced, never written
	unregistered  chan struct{}              // closed when registrations is empty, while Shutdown waits
}

// New makes an agent and binds its sockets. It receives from now on. An error says what of cfg cannot be used.
func New(cfg *Config) (*Agent, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	a := &Agent{
		closed:  make(chan struct{}),
		cfg:     cfg.withDefaults(),
		dialogs: make(map[dialog.ID]*Call),
		calls:   make(map[*Call]struct{}),

		registrations: make(map[*Registration]struct{}),
		records:       make(map[string][]*Registration),
	}
	a.log = a.cfg.Logger
	a.allow = allowed(&a.cfg)
	a.extensions = extensions(&a.cfg)
	a.supported = strings.Join(a.extensions, ", ")
	a.recvInfo = strings.Join(a.cfg.RecvInfo, ", ")
	a.accept = strings.Join(a.cfg.Accept, ", ")
	a.tokens = newTokens()
	a.random = rand.Uint32
	a.auth = auth.NewClient(&auth.ClientConfig{Credentials: a.cfg.Credentials})
	a.options = newTail(a.writeOptions)
	for _, r := range []*room{&a.answers, &a.optionsRoom, &a.inviteAnswers} {
		r.extra.Store(firstRoom)
	}
	if f := (first{}); a.cfg.From != "" {
		if err := f.setFrom(a.cfg.From); err != nil {
			return nil, err
		}
		a.from, a.display = f.from, f.display
	}
	var err error
	if a.proxy, err = parseProxy(a.cfg.OutboundProxy); err != nil {
		return nil, err
	}
	a.timing = dialog.Timing{T1: a.cfg.T1, T2: a.cfg.T2, Ring: a.cfg.RingTimeout, MaxDuration: a.cfg.MaxDuration}
	a.handlers = newPool(a.cfg.MaxHandlers)
	a.lookups = newPool(math.MaxInt) // two at a time for each call: MaxCalls bounds it
	a.transactions = transaction.New((*core)(a), &transaction.Config{
		T1: a.cfg.T1, T2: a.cfg.T2, T4: a.cfg.T4,
		MaxProceeding: maxProceeding + a.cfg.RingTimeout, // calls have a shorter limit of their own
		MaxServers:    a.cfg.MaxRequests,
		MaxPerSource:  a.cfg.MaxRequestsPerSource,
		Source:        source,
	})
	locate := a.cfg.Locate
	var locateResponse func(context.Context, parser.Via) ([]transport.Target, error)
	if locate == nil {
		a.resolver = resolver.New(&resolver.Config{Logger: a.log})
		locate, locateResponse = a.resolver.Locate, a.resolver.LocateResponse
	}
	a.transport = transport.New(&transport.Config{
		Receive:        func(h *transport.Hop, m *parser.Message) bool { return a.transactions.Receive(h, m) },
		Failed:         func(h *transport.Hop, err error) { a.transactions.Failed(h, err) },
		Trace:          a.cfg.Trace,
		Advertise:      a.cfg.Advertise,
		Locate:         locate,
		LocateResponse: locateResponse,
		Dial:           a.cfg.Dial,
		TLS:            a.cfg.TLS,
		WebSocket:      a.cfg.WebSocket,
		Limits:         a.cfg.Limits,
		Trusted:        a.cfg.Trusted,
		Logger:         a.cfg.Logger,
		T1:             a.cfg.T1,
	})
	if err := a.listen(); err != nil {
		a.transport.Shutdown(context.Background())
		return nil, err
	}
	return a, nil
}

// listen binds and serves all sockets of the Config.
func (a *Agent) listen() error {
	for _, s := range a.cfg.Listen {
		proto, addr, ok := strings.Cut(s, ":")
		if !ok {
			return fmt.Errorf("sip: listen %q: want PROTO:HOST:PORT, such as udp:127.0.0.1:5060", s)
		}
		p, err := transport.ParseProtocol(proto)
		if err != nil {
			return fmt.Errorf("sip: listen %q: %w", s, err)
		}
		if _, err := a.transport.Listen(context.Background(), p, addr); err != nil {
			return fmt.Errorf("sip: listen %q: %w", s, err)
		}
	}
	for _, pc := range a.cfg.PacketConns {
		if err := a.transport.ServePacket(pc); err != nil {
			return fmt.Errorf("sip: listen: %w", err)
		}
	}
	for _, ln := range a.cfg.Listeners {
		if err := a.transport.ServeListener(transport.TCP, ln); err != nil {
			return fmt.Errorf("sip: listen: %w", err)
		}
	}
	return nil
}

// source returns what a request on c counts against.
func source(c transaction.Conn) netip.Addr {
	if h, ok := c.(*transport.Hop); ok {
		return h.Site()
	}
	return netip.Addr{}
}

// Addrs returns what the agent listens on.
func (a *Agent) Addrs() []transport.Local { return a.transport.Locals() }

// WebSocket returns the agent's end of SIP over WebSocket (RFC 7118), to be mounted on an http.Server beside other things. Who only
// listens for SIP names ws:HOST:PORT in Config.Listen instead.
func (a *Agent) WebSocket() http.Handler { return a.transport.WebSocket() }

// guarded runs f, which calls the application. It reports false when that panicked, which is counted and logged.
func (a *Agent) guarded(f func()) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			a.recovered(r)
		}
	}()
	f()
	return true
}

// recovered counts and logs a panic of the application.
func (a *Agent) recovered(r any) {
	a.panics.Add(1)
	a.log.Error("handler panicked", "panic", r, "stack", string(debug.Stack()))
}

// addCall takes c into the table of calls, unless there is no place or the agent is shutting down.
func (a *Agent) addCall(c *Call) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.draining.Load():
		return ErrClosed
	case len(a.calls) >= a.cfg.MaxCalls:
		return ErrTooMany
	}
	a.calls[c] = struct{}{}
	return nil
}

// removeCall drops c.
func (a *Agent) removeCall(c *Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.calls, c)
	if len(a.calls) == 0 && a.idle != nil {
		close(a.idle)
		a.idle = nil
	}
}

// liveCalls returns the calls there are.
func (a *Agent) liveCalls() []*Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Collect(maps.Keys(a.calls))
}

// addDialog makes c the one that requests inside the dialog id are given to.
func (a *Agent) addDialog(id dialog.ID, c *Call) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dialogs[id] = c
}

// removeDialog drops the dialog id.
func (a *Agent) removeDialog(id dialog.ID) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.dialogs, id)
}

// callOf returns the call that a request inside a dialog belongs to, nil when there is none: To is the local
// side of what we receive (RFC 3261, Section 12.2.2).
func (a *Agent) callOf(m *parser.Message) *Call {
	id, ok := dialog.RequestID(m)
	if !ok {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.dialogs[id]
}
