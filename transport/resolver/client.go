package resolver

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// ErrLookup is in the error of a look-up that got no answer: no server was reached, or those that were are in trouble. That a
// name does not exist is no such error.
var ErrLookup = errors.New("look-up failed")

// client is a Querier that asks recursive servers. Safe for concurrent use.
type client struct {
	conf  func() conf
	first atomic.Uint32 // the index of the server that is asked first: the last one that answered
}

// Query asks until it has the records, or the word of a server that there are none. Aliases are followed.
func (c *client) Query(ctx context.Context, name string, t Type) (Answer, error) {
	a, err := c.query(ctx, name, t)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %s %s: %w", ErrLookup, key(name), t, err)
	}
	return a, nil
}

func (c *client) query(ctx context.Context, name string, t Type) (Answer, error) {
	conf := c.conf()
	if t == TypeAAAA && conf.noAAAA {
		return Answer{}, nil
	}
	ttl := maxTTL
	for range maxAliases {
		r, err := c.ask(ctx, &conf, name, t)
		if err != nil {
			return Answer{}, err
		}
		ttl = min(ttl, r.TTL)
		if r.Alias == "" {
			r.TTL = ttl
			return r.Answer, nil
		}
		name = r.Alias // of which this server knew no more
	}
	return Answer{}, errAliases
}

// ask asks one server after the other, and again, until one of them knows. A server that says it cannot is not asked again; what is
// left of ctx's time is divided among the tries that are left.
func (c *client) ask(ctx context.Context, conf *conf, name string, t Type) (Reply, error) {
	n := len(conf.servers)
	begin := int(c.first.Load() % uint32(n))
	if conf.rotate {
		begin = int(c.first.Add(1) % uint32(n))
	}
	unable := make([]bool, n)
	last := errors.New("no server was asked")
	for i := range n * conf.attempts {
		k := (begin + i) % n
		if unable[k] {
			continue
		}
		if err := ctx.Err(); err != nil {
			return Reply{}, fmt.Errorf("%w, after: %w", err, last)
		}
		wait := conf.timeout
		if deadline, ok := ctx.Deadline(); ok {
			wait = min(wait, time.Until(deadline)/time.Duration(n*conf.attempts-i))
		}
		e := exchange{server: conf.servers[k], tcp: conf.tcp}
		// Somewhere between, a firewall may still drop what it does not know: the last try does without.
		e.edns = conf.attempts == 1 || i < n*(conf.attempts-1)
		r, err := e.try(ctx, wait, name, t)
		if err == nil {
			if !conf.rotate {
				c.first.Store(uint32(k))
			}
			return r, nil
		}
		unable[k] = errors.As(err, new(refusal))
		last = fmt.Errorf("%s: %w", e.server, err)
	}
	return Reply{}, last
}

// refusal is what a server answered that is no answer: asking it again changes nothing.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// codeOf returns the error for a code other than success and NXDOMAIN.
func codeOf(code uint16) error {
	names := [...]string{1: "FORMERR", 2: "SERVFAIL", 4: "NOTIMP", 5: "REFUSED"}
	if int(code) < len(names) && names[code] != "" {
		return fmt.Errorf("the server says %s", names[code])
	}
	return fmt.Errorf("the server says error %d", code)
}
