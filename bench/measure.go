package main

import (
	"runtime"
	"slices"
	"time"
)

// candidate is one thing that is measured. run does it n times.
type candidate struct {
	name   string
	run    func(n int)
	n      int       // how often it runs in a round
	rounds []float64 // nanoseconds of one run, in each round
	allocs int       // of one run
}

// repeat makes a candidate's run of f, which must not fail: it did not when the values were scored.
func repeat(f func() error) func(n int) {
	return func(n int) {
		for range n {
			if err := f(); err != nil {
				panic("bench: what passed before now fails: " + err.Error())
			}
		}
	}
}

// measure runs all candidates in rounds, each for about window in each round, in changing order, so that no one always
// runs behind the same other.
func measure(all []*candidate, rounds int, window time.Duration) {
	for _, c := range all {
		c.calibrate(window)
		c.allocs = allocations(c.run)
	}
	for round := range rounds {
		for i := range all {
			c := all[(i+round*7)%len(all)]
			runtime.GC()
			start := clock()
			c.run(c.n)
			c.rounds = append(c.rounds, float64(clock()-start)/float64(c.n))
		}
	}
	for _, c := range all {
		slices.Sort(c.rounds)
	}
}

// calibrate sets c.n so that it takes about window.
func (c *candidate) calibrate(window time.Duration) {
	for c.n = 1; ; c.n *= 2 {
		start := clock()
		c.run(c.n)
		if took := clock() - start; took >= window/4 {
			c.n = max(1, int(float64(c.n)*float64(window)/float64(took)))
			return
		}
	}
}

// allocations returns the allocations of one run, rounded down as by testing.AllocsPerRun: the runtime makes some of its own.
func allocations(run func(n int)) int {
	const runs = 200
	var before, after runtime.MemStats
	run(1)
	runtime.ReadMemStats(&before)
	run(runs)
	runtime.ReadMemStats(&after)
	return int((after.Mallocs - before.Mallocs) / runs)
}

// median returns the middle of the rounds, min the least.
func (c *candidate) median() float64 {
	n := len(c.rounds)
	return (c.rounds[(n-1)/2] + c.rounds[n/2]) / 2
}

func (c *candidate) min() float64 { return c.rounds[0] }
