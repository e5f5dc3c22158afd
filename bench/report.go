package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"
)

// report prints tables, aligned for a terminal or as Markdown. The first error of out sticks.
type report struct {
	out io.Writer
	md  bool
	err error
}

func (r *report) printf(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.out, format, args...)
	}
}

// head says what was measured, where and how.
func (r *report) head(rounds int, window time.Duration) {
	r.printf("Ringback beside sipgo %s: %s, %s/%s, %s, GOMAXPROCS=1, %d interleaved rounds of %v.\n",
		version("github.com/emiago/sipgo"), runtime.Version(), runtime.GOOS, runtime.GOARCH, processor(), rounds, window)
	r.printf("Nanoseconds of %s: median (minimum). Times faster: of the medians (of the minima).\n\n", clockName)
}

// version returns the version of a module that this program was built with.
func version(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, d := range info.Deps {
			if d.Path == path {
				return d.Version
			}
		}
	}
	return "of unknown version"
}

// processor returns the name of the processor where the system tells it.
func processor() string {
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, ok := strings.CutPrefix(lines.Text(), "model name"); ok {
			return strings.TrimLeft(name, "\t :")
		}
	}
	return "unknown processor"
}

func (r *report) pairs(pairs []pair) {
	rows := [][]string{{"message", "octets", "work", "Ringback ns", "sipgo ns", "times faster", "target", "allocations"}}
	for _, p := range pairs {
		target := ""
		if p.target > 0 {
			target = fmt.Sprintf("%.0f", p.target)
		}
		rows = append(rows, []string{p.id + " " + p.what, fmt.Sprint(p.octets), p.work, figures(p.ours), figures(p.theirs),
			fmt.Sprintf("%.1f (%.1f)", p.theirs.median()/p.ours.median(), p.theirs.min()/p.ours.min()), target,
			fmt.Sprintf("%d : %d", p.ours.allocs, p.theirs.allocs)})
	}
	r.table(rows, 3)
	for _, p := range pairs {
		if p.note != "" {
			r.printf("\n%s\n", p.note)
		}
	}
}

func figures(c *candidate) string { return fmt.Sprintf("%.0f (%.0f)", c.median(), c.min()) }

// scores prints how many values each side read right, and each one that it missed.
func (r *report) scores(all []score) {
	right, want := map[string]int{}, map[string]int{}
	var misses []string
	for _, s := range all {
		right[s.side] += s.right
		want[s.side] += s.want
		for _, m := range s.misses {
			misses = append(misses, fmt.Sprintf("%s %s, %s", s.side, s.id, m))
		}
	}
	r.printf("\nValues read as they stand in the messages: Ringback %d of %d, sipgo %d of %d. Misses:\n\n",
		right["Ringback"], want["Ringback"], right["sipgo"], want["sipgo"])
	if len(misses) == 0 {
		misses = append(misses, "none")
	}
	for _, m := range misses {
		r.printf("- %s\n", m)
	}
}

// growth prints that twice as much takes about twice as long, and that too much is refused at a bounded price.
func (r *report) growth(all []growth) {
	r.printf("\nParse and Check of growing messages. Twice as much may take 2.5 times as long.\n\n")
	rows := [][]string{{"growing", "n", "ns with n", "ns with 2n", "times", "too much", "ns to refuse", "ns an octet", "refused for"}}
	for _, g := range all {
		rows = append(rows, []string{g.what, fmt.Sprint(g.n), figures(g.once), figures(g.twice),
			fmt.Sprintf("%.2f (%.2f)", g.twice.median()/g.once.median(), g.twice.min()/g.once.min()),
			fmt.Sprint(g.beyond), figures(g.more), fmt.Sprintf("%.2f", g.more.median()/float64(g.octets)), g.err.Error()})
	}
	r.table(rows, 1)
}

// table prints rows, of which the first is the head. Columns from the one given on hold figures.
func (r *report) table(rows [][]string, figuresFrom int) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], utf8.RuneCountInString(cell))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			switch {
			case r.md && i == 0:
				r.printf("| ")
			case r.md:
				r.printf(" | ")
			case i > 0:
				r.printf("  ")
			}
			if i < figuresFrom {
				r.printf("%-*s", width[i], cell)
			} else {
				r.printf("%*s", width[i], cell)
			}
		}
		if r.md {
			r.printf(" |")
		}
		r.printf("\n")
		if r.md && n == 0 {
			for i := range row {
				if i < figuresFrom {
					r.printf("|---")
				} else {
					r.printf("|---:")
				}
			}
			r.printf("|\n")
		}
	}
}
