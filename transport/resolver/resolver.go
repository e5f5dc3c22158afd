package resolver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// ErrNoServer is in the error of a look-up that was answered: the domain does not exist, has no address, or says that it has no SIP
// server.
var ErrNoServer = errors.New("no SIP server")

// errClosed is the error of what is asked after Close.
var errClosed = errors.New("resolver closed")

// Resolver finds the servers of SIP URIs. New makes one; all methods are safe for concurrent use. Nothing runs but what Locate asks for.
type Resolver struct {
	cfg     Config
	dns     Querier
	intn    func(n int) int // by chance
	resolv  *file[conf]
	hosts   *file[map[string][]netip.Addr]
	cache   *cache
	flights singleflight.Group
	alarm   alarm
	running sync.WaitGroup // the goroutines of flights

	mu     sync.Mutex // guards what follows
	closed bool
	under  map[*context.CancelFunc]struct{} // ends each question that is under way
}

// New returns a Resolver. It copies cfg; nil is the zero Config. No file is read and nobody is asked before the first Locate.
func New(cfg *Config) *Resolver {
	r := &Resolver{cfg: cfg.withDefaults(), under: make(map[*context.CancelFunc]struct{})}
	r.intn = numbers(r.cfg.Random)
	r.cache = newCache(r.cfg.CacheSize)
	r.hosts = &file[map[string][]netip.Addr]{path: r.cfg.Hosts, parse: parseHosts}
	r.resolv = &file[conf]{path: r.cfg.ResolvConf, parse: parseConf}
	r.dns = r.cfg.DNS
	if r.dns == nil {
		r.dns = &client{conf: r.conf}
	}
	return r
}

// conf returns how DNS is asked now.
func (r *Resolver) conf() conf {
	c := r.resolv.get(time.Now())
	if len(r.cfg.Servers) > 0 {
		c.servers = r.cfg.Servers
	}
	return c
}

// Locate returns the targets of uri, the first to be tried first (RFC 3263, Section 4). It is a transport.Config.Locate. An error wraps
// ErrNoServer or ErrLookup where DNS is what it is about; with ErrNoServer another look-up will say the same for a while. It takes
// Config.Timeout at most, and no time at all for a numeric host.
func (r *Resolver) Locate(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
	if _, ok := transport.Literal(target(uri)); ok || !uri.IsSIP() {
		return transport.LocateLiteral(ctx, uri)
	}
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	targets, err := r.locate(ctx, uri)
	if err != nil {
		return nil, fmt.Errorf("locate %s: %w", uri.Raw(), err)
	}
	return targets, nil
}

// Close ends the questions that are under way; those who wait for them, and who ask later, get an error. It returns when they have ended.
func (r *Resolver) Close() {
	r.mu.Lock()
	r.closed = true
	for cancel := range r.under {
		(*cancel)()
	}
	r.mu.Unlock()
	r.running.Wait()
}

// query returns what DNS says, from the cache if it is known. The same question is asked once at a time, and goes on when who asked
// it first does not wait any more: others may, and the next one will.
func (r *Resolver) query(ctx context.Context, name string, t Type) (Answer, error) {
	k := asked{key(name), t}
	if a, ok := r.cache.get(k, time.Now()); ok {
		return a, nil
	}
	done := r.flights.DoChan(t.String()+" "+k.name, func() (any, error) { return r.fetch(k) })
	select {
	case got := <-done:
		a, _ := got.Val.(Answer)
		return a, got.Err
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("%w: %s %s: %w", ErrLookup, k.name, t, ctx.Err())
	}
}

// fetch asks DNS and keeps the answer. It ends by itself, or with Close.
func (r *Resolver) fetch(k asked) (a Answer, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), r.cfg.Timeout)
	defer cancel()
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return Answer{}, errClosed
	}
	r.running.Add(1)
	r.under[&cancel] = struct{}{}
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		delete(r.under, &cancel)
		r.mu.Unlock()
		r.running.Done()
	}()
	defer func() {
		if p := recover(); p != nil { // on a goroutine where nobody else would
			err = fmt.Errorf("%w: Config.DNS panicked: %v", ErrLookup, p)
		}
	}()
	if a, err = r.dns.Query(ctx, k.name, k.t); err != nil {
		return Answer{}, err
	}
	r.cache.put(k, a, time.Now())
	return a, nil
}

// numbers returns a function that returns a number from 0 to n-1, from source or, without one, from the runtime.
func numbers(source rand.Source) func(n int) int {
	if source == nil {
		return rand.IntN
	}
	r := rand.New(source)
	var mu sync.Mutex // guards r
	return func(n int) int {
		mu.Lock()
		defer mu.Unlock()
		return r.IntN(n)
	}
}
