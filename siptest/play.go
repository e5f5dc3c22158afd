package siptest

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// Actor drives one real user agent of a [Script]. Its methods are called one at a time.
type Actor interface {
	// Do does what a step says, `answers` or `calls sip:bob@10.0.0.2`, and must not block. What cannot be done yet, because under
	// loss the call has not come, is done as soon as it can be.
	Do(verb string, args []string) error
	// Outcome says what became of the agent's calls, in the words of the script's outcome section.
	Outcome() string
	// Live returns the number of each kind of object that the agent holds. All are 0 when every deadline has passed.
	Live() map[string]int
	// Close shuts the agent down. It must leave no goroutine.
	Close()
}

// Part is what an agent of a script is given.
type Part struct {
	Name     string
	Host     *Host    // to listen on, port 5060, UDP and TCP
	Protocol string   // "udp" or "tcp": what the URIs of the script ask for
	Args     []string // what the script says after the agent's address
	// Locate returns the addresses that serve a domain of the script, in order; nil for others. It is nil when the script
	// has no domains.
	Locate func(domain string) []netip.AddrPort
}

// Cast makes the agent that plays a part.
type Cast func(p Part) (Actor, error)

// Staging says how a script is played.
type Staging struct {
	Protocol   string // "udp" or "tcp"; empty is "udp"
	Conditions Conditions
	Seed       uint64
	Cast       Cast
	// Wait is added to the time after the last step: an agent may hold something for longer, such as a call whose BYE was lost.
	Wait time.Duration
}

// Result is what a played script left.
type Result struct {
	Ladder   []string          // as the script's section has it
	Outcomes map[string]string // of the agents, and what the peers got
}

// Play plays the script in a bubble of [testing/synctest] and waits 128*T1 + T4, and Staging.Wait, after its last step. It fails t when an outcome is none
// of those that the script allows under the Conditions, when an agent still holds an object after that time, or when a
// goroutine is left. An Actor that has the method `Unarmed() []string` is asked after every step, and every five
// seconds, which of its live objects have no deadline; it must have none.
//
// Comparing the ladder is left to the caller, by [Script.Text]: it says something on a perfect network only, where nothing
// but the delay is set.
func (s *Script) Play(t *testing.T, st Staging) Result {
	t.Helper()
	var r Result
	synctest.Test(t, func(t *testing.T) { r = s.play(t, st) })
	return r
}

// perfect reports whether c loses, moves and breaks nothing.
func (c Conditions) perfect() bool {
	return c.Loss+c.Duplicate+c.Reorder+c.Stall+c.Reset == 0 && c.Jitter == 0 && !c.CutSegments
}

// stage is a script that is being played.
type stage struct {
	*Script
	Staging
	t      testing.TB
	net    *Network
	hosts  map[string]*Host
	actors map[string]Actor
	peers  map[string]*peer
	open   []*station
	start  time.Time
}

func (s *Script) play(t testing.TB, st Staging) Result {
	if st.Protocol == "" {
		st.Protocol = "udp"
	}
	g := &stage{Script: s, Staging: st, t: t, net: NewNetwork(st.Seed, st.Conditions), start: time.Now()}
	g.hosts, g.actors, g.peers = map[string]*Host{}, map[string]Actor{}, map[string]*peer{}
	defer g.net.Close()
	g.net.Record()
	if err := g.set(); err != nil {
		t.Error(err)
		g.close()
		return Result{}
	}
	for _, step := range s.steps {
		g.wait(step.at)
		if err := g.do(step); err != nil {
			t.Errorf("%v %s %s: %v", step.at, step.name, step.verb, err)
		}
		g.armed()
	}
	g.wait(s.end + 2*patience + t4 + st.Wait)
	synctest.Wait()
	r := Result{Ladder: g.ladder(), Outcomes: map[string]string{}}
	for _, p := range s.parts {
		if a := g.actors[p.name]; a != nil {
			r.Outcomes[p.name] = a.Outcome()
			Empty(t, func() map[string]int { return prefixed(p.name, a.Live()) })
		}
		if peer := g.peers[p.name]; peer != nil {
			r.Outcomes[p.name] = peer.outcome()
		}
	}
	g.compare(r)
	g.close()
	g.net.Close()
	Alone(t)
	if t.Failed() {
		t.Logf("%s, seed %d:\n%s", g.Protocol, g.Seed, strings.Join(r.Ladder, "\n"))
	}
	return r
}

// set gives every part to somebody.
func (g *stage) set() error {
	for _, p := range g.parts {
		g.hosts[p.name] = g.net.Host(p.addr)
	}
	for _, p := range g.parts {
		host := g.hosts[p.name]
		if p.kind == "agent" {
			part := Part{Name: p.name, Host: host, Protocol: g.Protocol, Args: g.words(p.words)}
			if len(g.domains) > 0 {
				part.Locate = g.locate
			}
			a, err := g.Cast(part)
			if err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
			g.actors[p.name] = a
			continue
		}
		s := &station{host: host, protocol: g.Protocol}
		if p.kind == "peer" {
			g.peers[p.name] = newPeer(s, p.name, g.rules(p.rules))
		} else {
			set := p.proxy
			set.redirect = g.word(set.redirect)
			var next part
			if set.next != "" {
				next = *g.part(set.next)
			}
			newProxy(s, p.name, set, next.addr, next.kind == "proxy")
		}
		if err := s.open(); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		g.open = append(g.open, s)
	}
	return nil
}

// rules returns rules with the names in them replaced.
func (g *stage) rules(rules []rule) []rule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].actions = slices.Clone(rules[i].actions)
		for j := range rules[i].actions {
			a := &rules[i].actions[j]
			a.to, a.via, a.contact = g.word(a.to), g.word(a.via), g.word(a.contact)
		}
	}
	return rules
}

// word returns what a word of the script means: a name is the URI of who has it, `user@name` that of another user there, and a
// URI asks for the protocol that is played.
func (g *stage) word(w string) string {
	user, name, at := strings.Cut(w, "@")
	if !at {
		user, name = w, w
	}
	if p := g.part(name); p != nil {
		return sipURI(user, p.addr, g.Protocol)
	}
	if strings.HasPrefix(w, "sip:") && g.Protocol == "tcp" && !strings.Contains(w, ";transport=") {
		return w + ";transport=tcp"
	}
	return w
}

func (g *stage) words(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = g.word(w)
		if name, value, ok := strings.Cut(w, "="); ok {
			out[i] = name + "=" + g.word(value)
		}
	}
	return out
}

func (g *stage) locate(domain string) []netip.AddrPort {
	var all []netip.AddrPort
	for _, name := range g.domains[domain] {
		all = append(all, netip.AddrPortFrom(g.part(name).addr, sipPort))
	}
	return all
}

// do takes a step.
func (g *stage) do(s step) error {
	switch addr := g.part(s.name).addr; s.verb {
	case "vanishes":
		g.net.Partition(addr, netip.Addr{})
		return nil
	case "returns":
		g.net.Heal(addr, netip.Addr{})
		return nil
	case "resets":
		g.hosts[s.name].Reset()
		return nil
	}
	if a := g.actors[s.name]; a != nil {
		return a.Do(s.verb, g.words(s.args))
	}
	return g.peers[s.name].step(s.verb, g.words(s.args))
}

// wait waits until a time of the script, and looks every five seconds whether all that lives has a deadline.
func (g *stage) wait(until time.Duration) {
	for {
		left := until - time.Since(g.start)
		if left <= 0 {
			return
		}
		time.Sleep(min(left, 5*time.Second))
		g.armed()
	}
}

func (g *stage) armed() {
	for _, p := range g.parts {
		u, ok := g.actors[p.name].(interface{ Unarmed() []string })
		if !ok {
			continue
		}
		Armed(g.t, func() []string {
			var all []string
			for _, what := range u.Unarmed() {
				all = append(all, fmt.Sprintf("%v: %s's %s", time.Since(g.start), p.name, what))
			}
			return all
		})
	}
}

func (g *stage) ladder() []string {
	names := map[netip.Addr]string{}
	for _, p := range g.parts {
		names[p.addr] = p.name
	}
	return ladder(g.net.Packets(), names, g.start)
}

// compare holds the outcomes against the script.
func (g *stage) compare(r Result) {
	var all []string
	for _, o := range g.allowed(g.Protocol, g.Conditions.perfect()) {
		wrong := o.wrong(r.Outcomes)
		if wrong == "" {
			return
		}
		all = append(all, wrong)
	}
	if all != nil {
		g.t.Errorf("%s", strings.Join(all, "; or "))
	}
}

// close ends everybody.
func (g *stage) close() {
	for _, p := range g.parts {
		if a := g.actors[p.name]; a != nil {
			a.Close()
		}
	}
	for _, s := range g.open {
		s.close()
	}
}

// prefixed names what an agent holds.
func prefixed(name string, live map[string]int) map[string]int {
	all := map[string]int{}
	for what, n := range live {
		all[name+"'s "+what] = n
	}
	return all
}
