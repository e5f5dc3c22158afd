package registrar

import (
	"log/slog"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/ua"
)

// Config is what a Registrar needs to know. New copies it; nil is all defaults. Hooks must be safe for concurrent use.
type Config struct {
	// Store keeps the bindings. Nil is a new store.Memory.
	Store store.Store
	// Domain returns the domain that a URI's host, and port if any, stands for: several names and addresses may be one domain, and "" is none of
	// ours. It runs in the reader and must not block. Nil makes every host a domain of its own, whatever the port.
	Domain func(uri parser.URI) string
	// Own reports whether a request for a contact would come back to this server: then it must not be the address of record itself, which would be a
	// loop, and is answered 403. It may run at the same time as everything else and must not block. Nil: the contact has a Domain.
	Own func(contact parser.URI) bool
	// Authorize decides whether the sender of r may see and change the bindings of aor: 0 allows it, and any status refuses it, 403 (RFC 3261,
	// Section 10.3) or 404 where there is no such user. It may block. Nil lets those who had to prove who they are, see Request.User, at
	// the address of record with their name, and anybody at any where nobody had to.
	Authorize func(r *ua.Request, aor AOR) parser.Status
	// MinExpires is the shortest time that is granted: who wants less, and less than an hour, is answered 423. Zero means 5s.
	MinExpires time.Duration
	// DefaultExpires is granted to those who name no time, MaxExpires at most. Zero means an hour, and a day.
	DefaultExpires, MaxExpires time.Duration
	// MaxContacts bounds the bindings of one address of record; a request for more is answered 403. Zero means 32.
	MaxContacts int
	// MaxAORs bounds the addresses of record with bindings, where the Store has a method Len() int, as those of package store do: another one is
	// answered 503. Zero means 1000000.
	MaxAORs int
	// ServiceRoute is the URIs of the servers that registered phones are to send their requests through, the first to be passed first (RFC 3608).
	ServiceRoute []string
	// AnyPath takes a Path that the phone does not know of: who put it there then gets all its calls. Without it such a request is answered
	// 420 (RFC 3327, Section 5.3).
	AnyPath bool
	// NoGRUU gives out no GRUUs. Phones put theirs into the Contact of their calls, so that ACK and BYE come to whoever serves the domain: who
	// only redirects, or does not forward within calls, must not give out any (RFC 5627, Section 5.4).
	NoGRUU bool
	// Logger hears of stores that fail. Nil is silent.
	Logger *slog.Logger
}

// Defaults and limits.
const (
	defaultMin         = 5 * time.Second
	defaultExpires     = time.Hour
	defaultMax         = 24 * time.Hour
	defaultMaxContacts = 32
	defaultMaxAORs     = 1_000_000

	// storeTimeout bounds what the store may take for one request.
	storeTimeout = 5 * time.Second
	// maxTries bounds how often a change begins anew because another process was faster.
	maxTries = 10
	// maxWaiting bounds the requests of one address of record that wait for the one before them.
	maxWaiting = 64
	// maxRecord bounds the octets of one address of record: all its bindings have to find place in one response.
	maxRecord = 32 << 10
)

// ownOnly is the default of Config.Authorize.
func ownOnly(r *ua.Request, aor AOR) parser.Status {
	if name := r.User().Name; name != "" && name != aor.User {
		return parser.StatusForbidden
	}
	return 0
}

// withDefaults returns a copy of c with every zero field that has a default set to it.
func (c *Config) withDefaults() Config {
	var d Config
	if c != nil {
		d = *c
	}
	if d.Store == nil {
		d.Store = new(store.Memory)
	}
	if d.Domain == nil {
		d.Domain = hostOf
	}
	if d.Authorize == nil {
		d.Authorize = ownOnly
	}
	for _, f := range []struct {
		field *time.Duration
		value time.Duration
	}{{&d.MinExpires, defaultMin}, {&d.DefaultExpires, defaultExpires}, {&d.MaxExpires, defaultMax}} {
		if *f.field <= 0 {
			*f.field = f.value
		}
	}
	if d.MaxContacts <= 0 {
		d.MaxContacts = defaultMaxContacts
	}
	if d.MaxAORs <= 0 {
		d.MaxAORs = defaultMaxAORs
	}
	d.ServiceRoute = slices.Clone(d.ServiceRoute)
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}
