package main

import (
	"fmt"
	"io"
	"path"
	"strconv"
	"time"
)

// report writes a table of what was done.
func report(w io.Writer, results []result) {
	var execs int64
	var took time.Duration
	fmt.Fprintln(w, "| target | time | executions | inputs kept | result |")
	fmt.Fprintln(w, "|---|---|---|---|---|")
	for _, r := range results {
		verdict := "passed"
		if r.err != nil {
			verdict = "failed"
		}
		fmt.Fprintf(w, "| %s.%s | %s | %s | %s | %s |\n", path.Base(r.pkg), r.name, r.took.Round(time.Second), grouped(r.execs), grouped(r.interesting), verdict)
		execs += r.execs
		took += r.took
	}
	fmt.Fprintf(w, "| %d targets | %s | %s | | |\n", len(results), took.Round(time.Second), grouped(execs))
}

// grouped writes n with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
