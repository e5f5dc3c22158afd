package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// targets are the ratios that the project asks of itself.
var targets = map[string]float64{
	"ringback OPTIONS": 2.2, "ringback call": 2.6, "ringback client OPTIONS": 2.5,
}

// report prints tables. The first error of out sticks.
type report struct {
	out io.Writer
	err error
}

func (r *report) printf(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.out, format, args...)
	}
}

// table prints rows, of which the first is the head, as a table of Markdown that is aligned for a terminal too.
func (r *report) table(rows [][]string) {
	width := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			width[i] = max(width[i], len(cell))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			if i == 0 {
				r.printf("| %-*s", width[i], cell)
				continue
			}
			r.printf(" | %*s", width[i], cell)
		}
		r.printf(" |\n")
		if n > 0 {
			continue
		}
		for i := range row {
			if i == 0 {
				r.printf("|%s", strings.Repeat("-", width[i]+2))
				continue
			}
			r.printf("|%s:", strings.Repeat("-", width[i]+1))
		}
		r.printf("|\n")
	}
	r.printf("\n")
}

// head says what was measured.
func (r *report) head(p plan, missing []string) {
	r.printf("%s, %s/%s, %d processors, UDP on the loopback address, %d rounds of %d operations, window %d.\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), p.rounds, p.ops, p.window)
	r.printf("CPU is seconds of the process under test for 10,000 operations, the ratio that to the first row's in the same round: medians (minima).\n")
	for _, name := range missing {
		r.printf("%s is not installed and left out.\n", name)
	}
	r.printf("\n")
}

// left says which servers are left out of a comparison, and why.
func (r *report) left(all []error) {
	for _, err := range all {
		r.printf("Left out: %v.\n\n", err)
	}
}

// rows prints what the candidates came to in one workload.
func (r *report) rows(title string, w workload, all []row) {
	r.printf("%s\n\n", title)
	lines := [][]string{{"", "done/s", "CPU s/10,000", "ratio", "target", "sent again", "RSS MiB", "goroutines", "allocations"}}
	for _, row := range all {
		goroutines, allocs, target := "", "", ""
		if row.goroutines > 0 {
			goroutines, allocs = fmt.Sprint(row.goroutines), fmt.Sprintf("%.1f", row.allocs)
		}
		if t := targets[row.name+" "+string(w)]; t > 0 {
			target = fmt.Sprintf("%.1f", t)
		}
		size := ""
		if row.rss > 0 {
			size = fmt.Sprintf("%.0f", mebi(row.rss))
		}
		lines = append(lines, []string{row.name, fmt.Sprintf("%.0f", median(row.rates)),
			fmt.Sprintf("%.3f (%.3f)", median(row.cpu).Seconds(), slices.Min(row.cpu).Seconds()),
			fmt.Sprintf("%.2f (%.2f)", median(row.ratio), slices.Min(row.ratio)), target,
			fmt.Sprint(row.resent), size, goroutines, allocs})
	}
	r.table(lines)
}

// held prints what completed transactions weigh.
func (r *report) held(all []held) {
	r.printf("Completed OPTIONS transactions that wait for Timer J: octets of memory for each, beyond the answer that is kept\n\n")
	lines := [][]string{{"", "transactions", "counted", "answer", "RSS", "beyond", "after GC", "beyond", "goroutines", "sent again", "s"}}
	for _, h := range all {
		counted := ""
		if h.counted > 0 {
			counted = fmt.Sprint(h.counted)
		}
		lines = append(lines, []string{h.name, fmt.Sprint(h.transactions), counted, fmt.Sprint(h.answer),
			fmt.Sprintf("%.0f", h.resident), fmt.Sprintf("%.0f", h.resident-float64(h.answer)),
			fmt.Sprintf("%.0f", h.settled), fmt.Sprintf("%.0f", h.settled-float64(h.answer)),
			fmt.Sprint(h.goroutines), fmt.Sprint(h.resent), fmt.Sprintf("%.1f", h.took.Seconds())})
	}
	r.table(lines)
}

// soaked prints how the floor and the stack went through a long run.
func (r *report) soaked(rate int, interval time.Duration, all []soaked) {
	r.printf("OPTIONS at %d a second for each, at the same time, in intervals of %v\n\n", rate, interval)
	lines := [][]string{{"until", "floor CPU s", "ringback CPU s", "ratio", "floor RSS MiB", "ringback RSS MiB"}}
	floor, ours := all[0], all[1]
	for i := range floor.cpu {
		lines = append(lines, []string{fmt.Sprint(time.Duration(i+1) * interval), fmt.Sprintf("%.3f", floor.cpu[i].Seconds()), fmt.Sprintf("%.3f", ours.cpu[i].Seconds()),
			fmt.Sprintf("%.2f", float64(ours.cpu[i])/float64(floor.cpu[i])), fmt.Sprintf("%.1f", mebi(floor.rss[i])), fmt.Sprintf("%.1f", mebi(ours.rss[i]))})
	}
	r.table(lines)
	for _, s := range all {
		r.printf("%s: %d sent, %d answered.\n", s.name, s.sent, s.answered)
	}
}

func mebi(n int) float64 { return float64(n) / (1 << 20) }

// median returns the middle of s.
func median[T float64 | time.Duration](s []T) T {
	s = slices.Sorted(slices.Values(s))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}
