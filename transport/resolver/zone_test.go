package resolver

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// zone is a Querier with the records of a test, a line for each: "NAME TYPE DATA", with a TTL of an hour. The data "SERVFAIL" is a
// look-up that fails. It writes down what it is asked.
type zone struct {
	t       *testing.T
	records map[asked]Answer
	fails   map[asked]bool

	mu    sync.Mutex // guards what follows
	asked []string
}

func newZone(t *testing.T, text string) *zone {
	t.Helper()
	z := &zone{t: t, records: make(map[asked]Answer), fails: make(map[asked]bool)}
	types := map[string]Type{"A": TypeA, "AAAA": TypeAAAA, "SRV": TypeSRV, "NAPTR": TypeNAPTR}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) == 0 || f[0] == ";" {
			continue
		}
		k := asked{f[0], types[f[1]]}
		a := z.records[k]
		a.TTL = time.Hour
		var err error
		switch {
		case f[2] == "SERVFAIL":
			z.fails[k] = true
		case k.t == TypeSRV:
			var s SRV
			_, err = fmt.Sscan(strings.Join(f[2:], " "), &s.Priority, &s.Weight, &s.Port, &s.Target)
			s.Target = key(s.Target)
			a.SRV = append(a.SRV, s)
		case k.t == TypeNAPTR:
			var n NAPTR
			_, err = fmt.Sscan(strings.Join(f[2:], " "), &n.Order, &n.Preference, &n.Flags, &n.Service, &n.Regexp, &n.Replacement)
			for _, s := range []*string{&n.Flags, &n.Service, &n.Regexp} {
				*s = strings.Trim(*s, `"`)
			}
			n.Replacement = key(n.Replacement)
			a.NAPTR = append(a.NAPTR, n)
		default:
			var addr netip.Addr
			addr, err = netip.ParseAddr(f[2])
			a.Addrs = append(a.Addrs, addr)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		z.records[k] = a
	}
	return z
}

var errServfail = errors.New("SERVFAIL")

func (z *zone) Query(_ context.Context, name string, t Type) (Answer, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	k := asked{key(name), t}
	z.asked = append(z.asked, k.name+" "+t.String())
	if z.fails[k] {
		return Answer{}, fmt.Errorf("%w: %w", ErrLookup, errServfail)
	}
	return z.records[k], nil
}

// questions returns what was asked since the last time. Those of one step are asked in no order: they come in that of the alphabet.
func (z *zone) questions() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	all := z.asked
	z.asked = nil
	slices.Sort(all)
	return all
}

// newResolver returns a Resolver that asks dns and does the same in each run. There is no hosts file, unless cfg has one.
func newResolver(t *testing.T, dns Querier, cfg Config) *Resolver {
	t.Helper()
	cfg.DNS = dns
	if cfg.Hosts == "" {
		cfg.Hosts = filepath.Join(t.TempDir(), "none")
	}
	if cfg.ResolvConf == "" {
		cfg.ResolvConf = filepath.Join(t.TempDir(), "none")
	}
	r := New(&cfg)
	r.intn = func(int) int { return 0 } // of several, the first is chosen
	t.Cleanup(r.Close)
	return r
}

func mustURI(t *testing.T, s string) parser.URI {
	t.Helper()
	uri, err := parser.ParseURI([]byte(s))
	if err != nil {
		t.Fatalf("%s: %v", s, err)
	}
	return uri
}

// texts returns the targets as one writes them, the name behind a space if there is one.
func texts(targets []transport.Target) []string {
	var all []string
	for _, t := range targets {
		s := t.Protocol.Network() + " " + t.Addr.String()
		if t.Name != "" {
			s += " " + t.Name
		}
		all = append(all, s)
	}
	return all
}
