package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// plan says what is run.
type plan struct {
	rounds, ops, window int
	names               []string // of the peers; nil: all
	profile             string   // where the stack's profiles go, "" for none
}

// profiled runs f, and has the peer write profiles meanwhile if that is wanted of it.
func (p plan) profiled(s *peer, what string, f func() error) error {
	if p.profile == "" || !strings.HasPrefix(s.name, "ringback") {
		return f()
	}
	if _, err := s.ask("profile " + p.profile + "-" + what); err != nil {
		return err
	}
	err := f()
	if _, e := s.ask("profiled"); err == nil {
		err = e
	}
	return err
}

// wants reports whether a peer takes part. The floor always does.
func (p plan) wants(name string) bool {
	return p.names == nil || name == "floor" || slices.Contains(p.names, name)
}

// servers are the servers in the order of the tables, and what starts each.
var servers = []struct {
	name  string
	start func(name string) (*peer, error)
}{
	{"floor", startPeer},
	{"ringback", startPeer},
	{"sipgo", startPeer},
	{"sipgo, no dialogs", startPeer},
	{"kamailio stateless", func(name string) (*peer, error) { return startKamailio(name, stateless) }},
	{"kamailio stateful", func(name string) (*peer, error) { return startKamailio(name, stateful) }},
}

// startServers starts the servers that take part, and returns the names of those that are not installed.
func startServers(p plan) (peers []*peer, missing []string, err error) {
	for _, s := range servers {
		if !p.wants(s.name) {
			continue
		}
		one, err := s.start(s.name)
		switch {
		case err != nil:
			stopAll(peers)
			return nil, nil, err
		case one == nil:
			missing = append(missing, s.name)
		default:
			peers = append(peers, one)
		}
	}
	return peers, missing, nil
}

func stopAll(peers []*peer) {
	for _, p := range peers {
		p.stop()
	}
}

// row is what a candidate came to in one workload.
type row struct {
	name       string
	rates      []float64       // operations in a second, in each round
	cpu        []time.Duration // of 10,000 operations, in each round
	ratio      []float64       // of cpu to the floor's in the same round
	resent     int
	rss        int     // octets, after the last round
	goroutines int     // likewise; 0: not known
	allocs     float64 // for each operation of the last round
}

// failure is what a server did not get through.
type failure struct {
	name string
	w    workload
	err  error
}

func (f *failure) Error() string { return fmt.Sprintf("%s, %s: %v", f.name, f.w, f.err) }
func (f *failure) Unwrap() error { return f.err }

// compareThose is compareServers without the servers of others that fail, which it returns: the comparison begins anew then.
func compareThose(peers []*peer, w workload, p plan) (rows []row, left []error, err error) {
	peers = slices.Clone(peers)
	for {
		rows, err = compareServers(peers, w, p)
		var f *failure
		if !errors.As(err, &f) {
			return rows, left, err
		}
		at := slices.IndexFunc(peers, func(s *peer) bool { return s.name == f.name && !s.ours() })
		if at < 0 {
			return nil, left, err
		}
		peers = slices.Delete(peers, at, at+1)
		left = append(left, err)
	}
}

// compareServers has every server do a workload in each round.
func compareServers(peers []*peer, w workload, p plan) ([]row, error) {
	rows := make([]row, len(peers))
	for i, s := range peers {
		rows[i].name = s.name
		if err := prepare(s, w, p); err != nil {
			return nil, &failure{s.name, w, err}
		}
	}
	for round := range p.rounds {
		last := round == p.rounds-1
		for i := range peers {
			at := (i + round) % len(peers)
			measure := func() error { return rows[at].measure(peers[at], w, p) }
			var err error
			if last {
				err = p.profiled(peers[at], string(w), measure)
			} else {
				err = measure()
			}
			if err != nil {
				return nil, &failure{peers[at].name, w, err}
			}
		}
		for i := range rows {
			rows[i].ratio = append(rows[i].ratio, float64(rows[i].cpu[round])/float64(rows[0].cpu[round]))
		}
	}
	return rows, nil
}

// prepare has a server do some operations that nobody counts: heaps grow, pages come in.
func prepare(s *peer, w workload, p plan) error {
	g, err := newGenerator(w, s.addr, p.window)
	if err != nil {
		return err
	}
	defer g.close()
	_, err = g.run(max(1, p.ops/4))
	return err
}

// measure has a server do the operations of one round.
func (r *row) measure(s *peer, w workload, p plan) error {
	g, err := newGenerator(w, s.addr, p.window)
	if err != nil {
		return err
	}
	defer g.close()
	var mallocs int
	if s.ours() {
		stats, err := s.ask("runtime")
		if err != nil {
			return err
		}
		mallocs = stats["mallocs"]
	}
	before, err := s.cpu()
	if err != nil {
		return err
	}
	out, err := g.run(p.ops)
	if err != nil {
		return err
	}
	after, err := s.cpu()
	if err != nil {
		return err
	}
	r.rates = append(r.rates, out.rate())
	r.cpu = append(r.cpu, time.Duration(float64(after-before)*10_000/float64(out.done)))
	r.resent += out.resent
	if r.rss, err = s.rss(); err != nil || !s.ours() {
		return err
	}
	stats, err := s.ask("runtime")
	if err != nil {
		return err
	}
	r.goroutines = stats["goroutines"]
	r.allocs = float64(stats["mallocs"]-mallocs) / float64(out.done)
	return nil
}

// compareClients has every client send OPTIONS to the floor in each round. The generator, which is this process, comes first.
func compareClients(p plan) ([]row, error) {
	server, err := startPeer("floor")
	if err != nil {
		return nil, err
	}
	defer server.stop()
	rows := []row{{name: "generator"}}
	var peers []*peer
	defer func() { stopAll(peers) }()
	for _, name := range []string{"ringback client", "sipgo client"} {
		if !p.wants(name) {
			continue
		}
		c, err := startPeer(name)
		if err != nil {
			return nil, err
		}
		peers = append(peers, c)
		rows = append(rows, row{name: name})
		if _, err := c.ask(fmt.Sprintf("ask %s %d %d", server.addr, max(1, p.ops/4), p.window)); err != nil {
			return nil, err
		}
	}
	for round := range p.rounds {
		if err := rows[0].generate(server, p); err != nil {
			return nil, err
		}
		for i, c := range peers {
			request := func() error { return rows[i+1].request(c, server, p) }
			var err error
			if round == p.rounds-1 {
				err = p.profiled(c, "client", request)
			} else {
				err = request()
			}
			if err != nil {
				return nil, err
			}
		}
		for i := range rows {
			rows[i].ratio = append(rows[i].ratio, float64(rows[i].cpu[round])/float64(rows[0].cpu[round]))
		}
	}
	return rows, nil
}

// generate measures the generator itself.
func (r *row) generate(server *peer, p plan) error {
	g, err := newGenerator(options, server.addr, p.window)
	if err != nil {
		return err
	}
	defer g.close()
	before := ownTime()
	out, err := g.run(p.ops)
	if err != nil {
		return err
	}
	r.rates = append(r.rates, out.rate())
	r.cpu = append(r.cpu, time.Duration(float64(ownTime()-before)*10_000/float64(out.done)))
	r.resent += out.resent
	return nil
}

// request measures a client.
func (r *row) request(c, server *peer, p plan) error {
	begin, err := c.ask("runtime")
	if err != nil {
		return err
	}
	before, err := c.cpu()
	if err != nil {
		return err
	}
	began := time.Now()
	if _, err := c.ask(fmt.Sprintf("ask %s %d %d", server.addr, p.ops, p.window)); err != nil {
		return err
	}
	took := time.Since(began)
	after, err := c.cpu()
	if err != nil {
		return err
	}
	r.rates = append(r.rates, float64(p.ops)/took.Seconds())
	r.cpu = append(r.cpu, time.Duration(float64(after-before)*10_000/float64(p.ops)))
	if r.rss, err = c.rss(); err != nil {
		return err
	}
	end, err := c.ask("runtime")
	if err != nil {
		return err
	}
	r.goroutines = end["goroutines"]
	r.allocs = float64(end["mallocs"]-begin["mallocs"]) / float64(p.ops)
	return nil
}
