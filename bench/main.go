package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"
)

func main() {
	md := flag.Bool("md", false, "print the tables as Markdown")
	rounds := flag.Int("rounds", 16, "how often each candidate is measured")
	window := flag.Duration("window", 5*time.Millisecond, "how long each time")
	flag.Parse()
	if flag.NArg() > 0 || *rounds < 1 || *window <= 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(os.Stdout, *md, *rounds, *window); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures everything and prints the tables.
func run(out io.Writer, md bool, rounds int, window time.Duration) error {
	runtime.GOMAXPROCS(1)
	all, err := load("../testdata")
	if err != nil {
		return err
	}
	bad, err := loadMalformed("../testdata")
	if err != nil {
		return err
	}
	ours, theirs := new(ringback), newSipgo()
	scored, err := scores(all, ours, theirs)
	if err != nil {
		return err
	}
	pairs, err := newPairs(all, bad, ours, theirs)
	if err != nil {
		return err
	}
	grows, err := newGrowth(ours)
	if err != nil {
		return err
	}
	var candidates []*candidate
	for _, p := range pairs {
		candidates = append(candidates, p.ours)
		if p.own {
			candidates = append(candidates, p.theirs)
		}
	}
	for _, g := range grows {
		candidates = append(candidates, g.once, g.twice, g.more)
	}
	measure(candidates, rounds, window)
	r := &report{out: out, md: md}
	r.head(rounds, window)
	r.pairs(pairs)
	r.scores(scored)
	r.growth(grows)
	return r.err
}
