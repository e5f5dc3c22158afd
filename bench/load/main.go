package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	if name := os.Getenv(peerVariable); name != "" {
		if err := servePeer(name, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, "load:", err)
			os.Exit(1)
		}
		return
	}
	var p plan
	flag.IntVar(&p.rounds, "rounds", 5, "how often each candidate is measured")
	flag.IntVar(&p.ops, "ops", 20_000, "operations in each round")
	flag.IntVar(&p.window, "window", 256, "operations under way")
	flag.StringVar(&p.profile, "profile", "", "write the stack's profiles of the last round to `PREFIX`-OPTIONS.cpu, .allocs and so on")
	only := flag.String("only", "", "compare only these candidates with the floor, `NAMES` separated by semicolons")
	held := flag.Int("held", 100_000, "transactions in the weighing of Timer J; 0 leaves it out")
	long := flag.Duration("soak", 0, "only drive the floor and the stack at -rate for so long")
	storm := flag.Int("storm", 0, "only have so many phones register and refresh, all at once")
	rate := flag.Int("rate", 5000, "operations a second of -soak")
	flag.Parse()
	if flag.NArg() > 0 || p.rounds < 1 || p.ops < 1 || p.window < 1 || *held < 0 || *rate < 1 || *long < 0 || *storm < 0 {
		flag.Usage()
		os.Exit(2)
	}
	if *only != "" {
		for _, name := range strings.Split(*only, ";") {
			p.names = append(p.names, strings.TrimSpace(name))
		}
	}
	var err error
	if *storm > 0 {
		p.ops = *storm
		err = runStorm(os.Stdout, p)
	} else if *long > 0 {
		err = runSoak(os.Stdout, *rate, *long, min(*long, 10*time.Second))
	} else {
		err = run(os.Stdout, p, *held)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// run compares everything that p names, and weighs so many transactions.
func run(out io.Writer, p plan, transactions int) error {
	peers, missing, err := startServers(p)
	if err != nil {
		return err
	}
	defer func() { stopAll(peers) }()
	r := &report{out: out}
	r.head(p, missing)
	for _, w := range []workload{options, register, call} {
		rows, left, err := compareThose(peers, w, p)
		if err != nil {
			return err
		}
		r.rows("Servers, "+string(w), w, rows)
		r.left(left)
	}
	stopAll(peers)
	peers = nil
	rows, err := compareClients(p)
	if err != nil {
		return err
	}
	r.rows("Clients, OPTIONS to the floor; the first row is the generator", options, rows)
	if transactions == 0 {
		return r.err
	}
	var weighed []held
	for _, name := range []string{"ringback", "sipgo"} {
		if !p.wants(name) {
			continue
		}
		h, err := hold(name, transactions, p.window)
		if err != nil {
			return err
		}
		weighed = append(weighed, h)
	}
	if len(weighed) > 0 {
		r.held(weighed)
	}
	return r.err
}

// runSoak is the long run.
func runSoak(out io.Writer, rate int, length, interval time.Duration) error {
	rows, err := soak(rate, length, interval)
	if err != nil {
		return err
	}
	r := &report{out: out}
	r.soaked(rate, interval, rows)
	return r.err
}
