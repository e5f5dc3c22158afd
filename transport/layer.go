package transport

import (
	"context"
	"crypto/rand"
	"hash/maphash"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Layer is the transport layer of one SIP element (RFC 3261, Section 18): its sockets, its connections, and what is
// known about both. New makes one; all methods are safe for concurrent use. Two Layers share nothing.
type Layer struct {
	cfg        Config // as given, with every nil and zero filled in
	advertised []advertised
	invalid    error // what is wrong with cfg
	seed       maphash.Seed
	nowhere    string // the sent-by of WebSocket clients, that nobody can call back

	claims   atomic.Pointer[map[string]bool] // our own sent-bys; replaced under mu, never written
	routes   routes
	refusals buckets
	budgets  budgets
	bindings bindings
	halfRead atomic.Int64 // octets held by read buffers beyond the small ones
	counts   counts
	narrow   atomic.Bool // it was told that the kernel grants small buffers

	searches atomic.Int32 // under way

	running sync.WaitGroup // every goroutine of the layer
	stop    chan struct{}  // closed by the first Shutdown

	mu        sync.Mutex // guards what follows
	closed    bool
	sockets   []*socket
	listeners []*listener
	streams   map[*stream]struct{}
	remotes   map[peer]*stream     // to be reused: the last one to each peer
	sources   map[netip.Addr]int   // accepted streams of each site
	dialing   map[*stream]struct{} // those of streams that are not connected yet
	waiting   waiting              // those that were accepted and have not begun
}

// New returns a Layer without sockets: nothing runs before the first Listen, ServePacket, ServeListener, Flow or Hop.
// It copies cfg; nil is the zero Config.
func New(cfg *Config) *Layer {
	l := &Layer{
		seed:    maphash.MakeSeed(),
		nowhere: strings.ToLower(rand.Text()[:12]) + ".invalid",
		stop:    make(chan struct{}),
		streams: make(map[*stream]struct{}),
		remotes: make(map[peer]*stream),
		sources: make(map[netip.Addr]int),
		dialing: make(map[*stream]struct{}),
	}
	l.budgets.start = time.Now()
	if cfg != nil {
		l.cfg = *cfg
	}
	c := &l.cfg
	c.Limits = c.Limits.withDefaults(c.T1)
	c.Trusted = slices.Clone(c.Trusted)
	if c.Locate == nil {
		c.Locate = LocateLiteral
	}
	if c.Dial == nil {
		c.Dial = dialNet
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	l.invalid = c.TLS.check()
	for _, entry := range c.Advertise {
		a, via, err := parseAdvertised(entry)
		if err != nil {
			l.invalid = err
			break
		}
		l.advertised = append(l.advertised, a)
		l.claim(via.Host(), via.Port())
	}
	return l
}

// keepAlive is what finds peers that went away without a word on connections that are in use.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 30 * time.Second, Interval: 10 * time.Second, Count: 3}

// dialNet is Config.Dial over the network.
func dialNet(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: keepAlive}
	if local.IsValid() {
		switch network {
		case "udp":
			d.LocalAddr = net.UDPAddrFromAddrPort(local)
		default:
			d.LocalAddr = net.TCPAddrFromAddrPort(local)
		}
	}
	return d.DialContext(ctx, network, remote.String())
}

// dial calls Config.Dial.
func (l *Layer) dial(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error) {
	return l.cfg.Dial(ctx, network, local, remote)
}

// Targets returns where to send a request for uri, best first: Config.Locate.
func (l *Layer) Targets(ctx context.Context, uri parser.URI) ([]Target, error) {
	return l.cfg.Locate(ctx, uri)
}

// Local is one socket that the layer receives on.
type Local struct {
	Protocol Protocol
	Addr     netip.AddrPort // as bound
	SentBy   string         // host[:port] for Via and Contact; "" on a wildcard, where it depends on the peer
}

// Locals returns the sockets, in the order in which they were opened.
func (l *Layer) Locals() []Local {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []Local
	for _, k := range l.sockets {
		all = append(all, l.local(UDP, k.addr))
	}
	for _, n := range l.listeners {
		all = append(all, l.local(n.protocol, n.addr))
	}
	return all
}

func (l *Layer) local(p Protocol, addr netip.AddrPort) Local {
	sentBy := l.advertise(p, addr.Addr())
	if sentBy == "" && !addr.Addr().IsUnspecified() {
		sentBy = sentByText(addr)
	}
	return Local{p, addr, sentBy}
}

// trusted reports whether the limits of one source do not hold for a.
func (l *Layer) trusted(a netip.Addr) bool {
	for _, p := range l.cfg.Trusted {
		if p.Contains(a.WithZone("")) {
			return true
		}
	}
	return false
}

// Shutdown accepts nothing more, writes what is queued until ctx is done, closes every socket and connection, and returns
// when all goroutines of the layer have ended. What could not be written is reported to Config.Failed. The error is
// ctx's when not everything was written in time. It must not be called from Config.Receive or Config.Failed.
func (l *Layer) Shutdown(ctx context.Context) error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.stop)
	}
	listeners, sockets := slices.Clone(l.listeners), slices.Clone(l.sockets)
	streams := l.streamList()
	l.mu.Unlock()

	for _, n := range listeners {
		_ = n.ln.Close()
	}
	l.bindings.close()
	for _, k := range sockets {
		k.close()
	}
	for _, s := range streams {
		s.finish()
	}
	ended := make(chan struct{})
	go func() {
		l.running.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
	}
	l.mu.Lock()
	streams = l.streamList()
	l.mu.Unlock()
	for _, s := range streams {
		s.abort(ErrClosed)
	}
	<-ended
	return ctx.Err()
}

// streamList returns the streams. l.mu is held.
func (l *Layer) streamList() []*stream {
	list := make([]*stream, 0, len(l.streams))
	for s := range l.streams {
		list = append(list, s)
	}
	return list
}
