package resolver

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

// Config says how a [Resolver] finds servers. New copies it; nil is the zero Config, which looks names up as this host does.
type Config struct {
	// DNS is asked. Nil means the client of this package, which asks Servers.
	DNS Querier

	// Servers are the DNS servers. Nil means those of ResolvConf.
	Servers []netip.AddrPort

	// ResolvConf is the file that names the DNS servers, and how they are asked: nameserver, search, and the options ndots, timeout,
	// attempts, rotate, use-vc and no-aaaa. It is read again when it changes. Empty means /etc/resolv.conf. Without timeout and
	// attempts, and as far as Timeout allows with them, each server is asked three times and has a second each time.
	ResolvConf string

	// Hosts is the file of local names. It is read again when it changes. Empty means /etc/hosts.
	Hosts string

	// Protocols are those that a domain may choose from, the most wanted first. Nil means all: TLS, TCP, UDP, WSS, WS. A URI
	// that names its transport is not bound by them.
	Protocols []transport.Protocol

	// Timeout bounds each Locate. Zero means 5s.
	Timeout time.Duration

	// CacheSize bounds the answers that are kept. Zero means 2048.
	CacheSize int

	// Random orders servers of the same priority (RFC 2782). Nil means one that nobody can foresee; with another, Locate does the same
	// each time.
	Random rand.Source

	// Logger is told what looks like an attack (RFC 3263, Section 7). Nil is silent.
	Logger *slog.Logger
}

const (
	defaultTimeout   = 5 * time.Second
	defaultCacheSize = 2048
	defaultConf      = "/etc/resolv.conf"
	defaultHosts     = "/etc/hosts"
)

// withDefaults returns a copy of c with every nil and zero filled in, but Servers, DNS and Random.
func (c *Config) withDefaults() Config {
	var d Config
	if c != nil {
		d = *c
	}
	d.Servers = slices.Clone(d.Servers)
	d.Protocols = slices.Clone(d.Protocols)
	if d.Protocols == nil {
		d.Protocols = protocols[:]
	}
	if d.Timeout <= 0 {
		d.Timeout = defaultTimeout
	}
	if d.CacheSize <= 0 {
		d.CacheSize = defaultCacheSize
	}
	if d.ResolvConf == "" {
		d.ResolvConf = defaultConf
	}
	if d.Hosts == "" {
		d.Hosts = defaultHosts
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}
