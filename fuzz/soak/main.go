// Soak runs every native fuzz target of the module, one after the other, and sums up what they did:
//
//	go run ./fuzz/soak -for 8h          # eight hours, shared by all targets
//	go run ./fuzz/soak -for 10s -each   # ten seconds for each: what CI does
//	go run ./fuzz/soak -for 1h -run 'Framer|URI'
//
// Progress goes to stderr, the summary to stdout, as a table for SOAK.md. What the engine found interesting stays in Go's
// build cache and is where the next run starts. An input that fails is written below testdata/fuzz of its package. Exit
// status: 0 when every target passed, 1 when one failed, 2 for wrong usage.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"time"
)

func main() {
	total := flag.Duration("for", time.Hour, "how long to run")
	each := flag.Bool("each", false, "-for is meant for each target instead of all")
	only := flag.String("run", "", "run only targets whose names match this `regexp`")
	workers := flag.Int("parallel", 1, "how many processors to use")
	flag.Parse()
	match, err := regexp.Compile(*only)
	if err != nil || flag.NArg() > 0 || *total <= 0 || *workers < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	s := &soak{tool: "go", workers: *workers, progress: os.Stderr, terminal: isTerminal(os.Stderr)}
	targets, err := s.list(ctx, match)
	if err != nil || len(targets) == 0 {
		fmt.Fprintln(os.Stderr, "soak: no targets:", err)
		os.Exit(1)
	}
	share := *total
	if !*each {
		share /= time.Duration(len(targets))
	}
	results := s.run(ctx, targets, share)
	report(os.Stdout, results)
	for _, r := range results {
		if r.err != nil {
			os.Exit(1)
		}
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
