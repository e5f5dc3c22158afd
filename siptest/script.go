package siptest

import (
	"bytes"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Script is a call flow that is specification and test in one: who takes part, what the users do and when, which messages pass on a
// perfect network, and how it must end whatever the network does. The package comment describes the text. A Script does not change
// and may be played any number of times, at the same time too.
type Script struct {
	head     string // the text before the ladders
	tail     string // the text after them
	parts    []part
	domains  map[string][]string
	steps    []step
	end      time.Duration
	outcomes map[string][]outcome // by section: alternatives
}

// part is one who takes part.
type part struct {
	kind  string // "agent", "peer" or "proxy"
	name  string
	addr  netip.Addr
	words []string // of an agent: what follows its address
	rules []rule
	proxy proxySettings
}

// step is something that happens at a time.
type step struct {
	at   time.Duration
	name string
	verb string
	args []string
}

// outcome is one way to end: what each name may have met.
type outcome map[string][]string

// The sections of a script.
const (
	sectionSteps     = "steps"
	sectionLadder    = "ladder"
	sectionLadderTCP = "ladder over tcp"
	sectionOutcome   = "outcome"
	sectionLoss      = "outcome under loss"
	sectionResets    = "outcome under resets"
)

var sections = [...]string{sectionSteps, sectionLadder, sectionLadderTCP, sectionOutcome, sectionLoss, sectionResets}

// ParseScript reads a script. Its sections stand in the order of the package comment. The error names the line.
func ParseScript(text []byte) (*Script, error) {
	s := &Script{domains: map[string][]string{}, outcomes: map[string][]outcome{}}
	section, at, number := "", -1, 0
	for line := range strings.Lines(string(text)) {
		number++
		line = strings.TrimRight(line, "\r\n\t ") + "\n"
		if i := slices.Index(sections[:], strings.TrimSuffix(line, "\n")); i >= 0 {
			if i <= at {
				return nil, fmt.Errorf("line %d: %q has to stand before %q, and once", number, sections[i], section)
			}
			section, at = sections[i], i
		} else if err := s.line(section, line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		s.keep(section, line)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	return s, nil
}

// keep sorts the text of a line, so that the ladders can be written anew.
func (s *Script) keep(section, line string) {
	switch section {
	case "", sectionSteps:
		s.head += line
	case sectionLadder, sectionLadderTCP:
	default:
		s.tail += line
	}
}

// line reads one line of a section.
func (s *Script) line(section, line string) error {
	words := strings.Fields(line)
	if len(words) == 0 || strings.HasPrefix(words[0], "#") {
		return nil
	}
	switch section {
	case "":
		return s.declare(words)
	case sectionSteps:
		return s.addStep(words)
	case sectionLadder, sectionLadderTCP:
		return nil
	}
	return s.addOutcome(section, line)
}

// declare reads a line that says who takes part.
func (s *Script) declare(words []string) error {
	switch words[0] {
	case "on":
		if len(s.parts) == 0 || s.parts[len(s.parts)-1].kind != "peer" {
			return fmt.Errorf("a rule needs a peer above it")
		}
		r, err := parseRule(words[1:])
		if err != nil {
			return err
		}
		p := &s.parts[len(s.parts)-1]
		p.rules = append(p.rules, r)
		return nil
	case "domain":
		if len(words) < 3 {
			return fmt.Errorf("a domain needs a name and who serves it")
		}
		s.domains[words[1]] = words[2:]
		return nil
	case "agent", "peer", "proxy":
	default:
		return fmt.Errorf("%q is neither agent, peer, proxy, domain nor on", words[0])
	}
	if len(words) < 3 {
		return fmt.Errorf("%s needs a name and an address", words[0])
	}
	addr, err := netip.ParseAddr(words[2])
	if err != nil {
		return err
	}
	p := part{kind: words[0], name: words[1], addr: addr, words: words[3:]}
	switch {
	case s.part(p.name) != nil:
		return fmt.Errorf("%s takes part twice", p.name)
	case p.kind == "peer" && len(p.words) > 0:
		return fmt.Errorf("%q after the address of a peer", p.words[0])
	case p.kind == "proxy":
		if p.proxy, err = parseProxy(p.words); err != nil {
			return err
		}
	}
	s.parts = append(s.parts, p)
	return nil
}

// addStep reads `2s bob answers`, or `60s end`.
func (s *Script) addStep(words []string) error {
	at, err := time.ParseDuration(words[0])
	switch {
	case err != nil:
		return err
	case at < s.end:
		return fmt.Errorf("%s is before the step above", words[0])
	}
	s.end = at
	if len(words) == 2 && words[1] == "end" {
		return nil
	}
	if len(words) < 3 {
		return fmt.Errorf("a step is a time, a name and what happens")
	}
	p := s.part(words[1])
	if p == nil {
		return fmt.Errorf("%s does not take part", words[1])
	}
	if p.kind == "proxy" && words[2] != "vanishes" && words[2] != "returns" && words[2] != "resets" {
		return fmt.Errorf("a proxy only vanishes, returns and resets")
	}
	s.steps = append(s.steps, step{at, words[1], words[2], words[3:]})
	return nil
}

// addOutcome reads `alice: ended remote | failed 408`, or `or`.
func (s *Script) addOutcome(section, line string) error {
	line = strings.TrimSpace(line)
	all := s.outcomes[section]
	if line == "or" || len(all) == 0 {
		all = append(all, outcome{})
		s.outcomes[section] = all
	}
	if line == "or" {
		return nil
	}
	name, rest, ok := strings.Cut(line, ":")
	p := s.part(name)
	if !ok || p == nil || p.kind == "proxy" {
		return fmt.Errorf("an outcome is the name of an agent or a peer, a colon and what became of it")
	}
	last := all[len(all)-1]
	for _, o := range strings.Split(rest, "|") {
		o = strings.Join(strings.Fields(o), " ")
		if first, _, _ := strings.Cut(o, " "); p.kind == "peer" && first != "got" {
			return fmt.Errorf("the outcome of a peer is what it got")
		}
		last[name] = append(last[name], o)
	}
	return nil
}

// check looks at what only the whole can show.
func (s *Script) check() error {
	for _, p := range s.parts {
		if p.kind == "proxy" && p.proxy.next != "" && s.part(p.proxy.next) == nil {
			return fmt.Errorf("proxy %s: %s does not take part", p.name, p.proxy.next)
		}
		if p.kind != "agent" {
			continue
		}
		if s.outcomes[sectionOutcome] == nil {
			return fmt.Errorf("agent %s has no outcome", p.name)
		}
		for section, all := range s.outcomes {
			for _, o := range all {
				if o[p.name] == nil {
					return fmt.Errorf("agent %s has no outcome in each part of %q", p.name, section)
				}
			}
		}
	}
	for d, names := range s.domains {
		for _, name := range names {
			if s.part(name) == nil {
				return fmt.Errorf("domain %s: %s does not take part", d, name)
			}
		}
	}
	if len(s.steps) == 0 {
		return fmt.Errorf("nothing happens: there are no steps")
	}
	return nil
}

func (s *Script) part(name string) *part {
	for i := range s.parts {
		if s.parts[i].name == name {
			return &s.parts[i]
		}
	}
	return nil
}

// Text returns the script's text with other ladders, as Play returns them for UDP and TCP. The one for TCP, which may be nil, is left
// out when it differs in nothing but the times that opening connections takes. A test compares the text with the file it came from, or
// writes that anew.
func (s *Script) Text(udp, tcp []string) []byte {
	var b bytes.Buffer
	b.WriteString(s.head)
	section := func(name string, ladder []string) {
		b.WriteString(name + "\n")
		for _, l := range ladder {
			b.WriteString(l + "\n")
		}
		b.WriteString("\n")
	}
	section(sectionLadder, udp)
	if tcp != nil && !slices.EqualFunc(udp, tcp, sameArrow) {
		section(sectionLadderTCP, tcp)
	}
	b.WriteString(s.tail)
	return b.Bytes()
}

// sameArrow reports whether two lines of a ladder differ in their time at most.
func sameArrow(a, b string) bool {
	_, a, _ = strings.Cut(strings.TrimSpace(a), " ")
	_, b, _ = strings.Cut(strings.TrimSpace(b), " ")
	return a == b
}

// allowed returns the outcomes that conditions allow.
func (s *Script) allowed(protocol string, perfect bool) []outcome {
	order := []string{sectionOutcome}
	if !perfect {
		order = []string{sectionLoss, sectionOutcome}
		if protocol == "tcp" {
			order = []string{sectionResets, sectionLoss, sectionOutcome}
		}
	}
	for _, section := range order {
		if o := s.outcomes[section]; o != nil {
			return o
		}
	}
	return nil
}

// wrong returns what in got o does not allow; "" when it allows all.
func (o outcome) wrong(got map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(o)) {
		match := func(want string) bool {
			switch {
			case want == "got nothing":
				return got[name] == "got"
			case strings.HasPrefix(want, "got"): // at least
				return hasAll(strings.Fields(got[name]), strings.Fields(want))
			}
			return got[name] == want
		}
		if !slices.ContainsFunc(o[name], match) {
			return fmt.Sprintf("%s: %s, want %s", name, got[name], strings.Join(o[name], " | "))
		}
	}
	return ""
}

// hasAll reports whether every word is among all.
func hasAll(all, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(all, w) })
}
