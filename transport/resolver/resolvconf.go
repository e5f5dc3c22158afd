package resolver

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

const (
	dnsPort = 53
	// maxServers is how many servers of resolv.conf are asked, as in libc.
	maxServers = 3
	// maxSearch bounds the domains that a name without a dot is looked for in.
	maxSearch = 6
)

// conf is how DNS is asked: what resolv.conf(5) says.
type conf struct {
	servers  []netip.AddrPort
	search   []string
	ndots    int
	timeout  time.Duration // of one try
	attempts int           // for each server
	rotate   bool          // begin with another server each time
	tcp      bool          // no datagrams
	noAAAA   bool          // IPv6 addresses are of no use here
}

// newConf returns what holds where the file says nothing. libc would wait 5 s for one answer, which is what a whole Locate has.
func newConf() conf { return conf{ndots: 1, timeout: time.Second, attempts: 3} }

// parseConf reads resolv.conf(5). What cannot be understood is passed over, as by libc: half a configuration is better than none.
func parseConf(text string) conf {
	c := newConf()
	for line := range strings.Lines(text) {
		if i := strings.IndexAny(line, "#;"); i >= 0 {
			line = line[:i]
		}
		words := strings.Fields(line)
		if len(words) < 2 {
			continue
		}
		switch words[0] {
		case "nameserver":
			if a, err := netip.ParseAddr(words[1]); err == nil && len(c.servers) < maxServers {
				c.servers = append(c.servers, netip.AddrPortFrom(a, dnsPort))
			}
		case "domain":
			c.search = searchList(words[1:2])
		case "search":
			c.search = searchList(words[1:])
		case "options":
			for _, o := range words[1:] {
				c.option(o)
			}
		}
	}
	if len(c.servers) == 0 { // "If no nameserver entries are present, the default is to use the name server on the local machine."
		c.servers = []netip.AddrPort{netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), dnsPort)}
	}
	return c
}

func searchList(words []string) []string {
	var all []string
	for _, w := range words {
		if d := key(w); d != "" && len(all) < maxSearch {
			all = append(all, d)
		}
	}
	return all
}

func (c *conf) option(o string) {
	name, value, _ := strings.Cut(o, ":")
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		n = -1
	}
	switch {
	case name == "ndots" && n >= 0:
		c.ndots = min(n, 15) // the bounds of libc
	case name == "timeout" && n > 0:
		c.timeout = time.Duration(min(n, 30)) * time.Second
	case name == "attempts" && n > 0:
		c.attempts = min(n, 5)
	case name == "rotate":
		c.rotate = true
	case name == "use-vc":
		c.tcp = true
	case name == "no-aaaa":
		c.noAAAA = true
	}
}

// names returns the names under which the addresses of host are looked for, in order. Only one without a dot is looked for in the search
// list: in a longer one it would make others speak for the domain that the URI names.
func (c *conf) names(host string) []string {
	if strings.Contains(host, ".") || len(c.search) == 0 {
		return []string{host}
	}
	var all []string
	for _, s := range c.search {
		all = append(all, host+"."+s)
	}
	if c.ndots == 0 {
		return append([]string{host}, all...)
	}
	return append(all, host)
}
