package ua

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
)

// Agent is a user agent: it places and takes calls and answers requests on the sockets it was given.
// All its methods are safe for concurrent use. Two agents in one process share nothing.
type Agent struct {
	cfg          Config
	log          *slog.Logger
	timing       dialog.Timing
	transport    *transport.Layer
	transactions *transaction.Layer
	handlers     *pool
	allow        string // of Config: the methods that are not answered 405
	accept       string // of Config.Accept, as a header value

	draining atomic.Bool
	panics   atomic.Int64

	mu      sync.Mutex // guards what follows
	dialogs map[dialog.ID]*Call
	calls   map[*Call]struct{}
	idle    chan struct{} // closed when calls is empty, while Shutdown waits
}

// New makes an agent and binds its sockets. It receives from now on.
func New(cfg *Config) (*Agent, error) {
	a := &Agent{
		cfg:     cfg.withDefaults(),
		dialogs: make(map[dialog.ID]*Call),
		calls:   make(map[*Call]struct{}),
	}
	a.log = a.cfg.Logger
	a.allow = allowed(&a.cfg)
	a.accept = strings.Join(a.cfg.Accept, ", ")
	a.timing = dialog.Timing{T1: a.cfg.T1, T2: a.cfg.T2, Ring: a.cfg.RingTimeout, MaxDuration: a.cfg.MaxDuration}
	a.handlers = newPool(a.cfg.MaxHandlers)
	a.transactions = transaction.New((*core)(a), &transaction.Config{T1: a.cfg.T1, T2: a.cfg.T2, T4: a.cfg.T4})
	a.transport = transport.New(&transport.Config{
		Receive:   func(h *transport.Hop, m *parser.Message) bool { return a.transactions.Receive(h, m) },
		Failed:    func(h *transport.Hop, err error) { a.transactions.Failed(h, err) },
		Trace:     a.cfg.Trace,
		Advertise: a.cfg.Advertise,
		Locate:    a.cfg.Locate,
		Dial:      a.cfg.Dial,
		Limits:    a.cfg.Limits,
		Logger:    a.cfg.Logger,
		T1:        a.cfg.T1,
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

// Addrs returns what the agent listens on.
func (a *Agent) Addrs() []transport.Local { return a.transport.Locals() }

// run runs f on a handler goroutine; a panic of the application is counted and logged, and then is called
// in its place. False: there is no place.
func (a *Agent) run(f, panicked func()) bool {
	return a.handlers.run(func() {
		defer func() {
			if r := recover(); r != nil {
				a.recovered(r)
				panicked()
			}
		}()
		f()
	})
}

// addCall takes c into the table of calls, false when there is no place or the agent is shutting down.
func (a *Agent) addCall(c *Call) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.draining.Load() || len(a.calls) >= a.cfg.MaxCalls {
		return false
	}
	a.calls[c] = struct{}{}
	return true
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
