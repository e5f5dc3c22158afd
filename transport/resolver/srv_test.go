package resolver

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// names returns the targets in their order.
func names(records []SRV) []string {
	var all []string
	for _, s := range records {
		all = append(all, s.Target)
	}
	return all
}

// The example of RFC 2782, "choose a uniform random number between 0 and the sum computed (inclusive)": each number, and what it selects.
func TestOrderedSelectsByRunningSum(t *testing.T) {
	records := []SRV{{0, 3, 9, "new"}, {0, 0, 9, "zero"}, {0, 1, 9, "old"}, {1, 0, 9, "backup"}}
	tests := []struct {
		numbers []int
		want    []string
	}{
		{[]int{0, 0}, []string{"zero", "new", "old", "backup"}}, // weight 0 stands first, and is the first to reach 0
		{[]int{1, 0}, []string{"new", "zero", "old", "backup"}},
		{[]int{3, 0}, []string{"new", "zero", "old", "backup"}},
		{[]int{4, 0}, []string{"old", "zero", "new", "backup"}},
		{[]int{4, 1}, []string{"old", "new", "zero", "backup"}},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.numbers), func(t *testing.T) {
			i := 0
			got := names(ordered(records, func(n int) int {
				defer func() { i++ }()
				if i == 0 && n != 5 {
					t.Errorf("a number below %d was asked for, want 5: 0 to the sum of 4", n)
				}
				return tt.numbers[i]
			}))
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	if got := names(records); !slices.Equal(got, []string{"new", "zero", "old", "backup"}) {
		t.Errorf("the records of the answer were moved: %q", got)
	}
}

// Weights are kept in the long run, and a weight of 0 is chosen rarely but not never (RFC 2782).
func TestOrderedKeepsWeights(t *testing.T) {
	records := []SRV{{5, 60, 1, "b60"}, {5, 30, 1, "b30"}, {5, 10, 1, "b10"}, {5, 0, 1, "b0"}, {1, 0, 1, "a"}, {9, 0, 1, "c"}, {9, 0, 1, "d"}}
	r := rand.New(rand.NewPCG(1, 2))
	second := make(map[string]int)
	last := make(map[string]int)
	const n = 100_000
	for range n {
		got := names(ordered(records, r.IntN))
		if got[0] != "a" || len(got) != len(records) {
			t.Fatalf("got %q, want a first, and all of them", got)
		}
		second[got[1]]++
		last[got[len(got)-1]]++
	}
	for name, want := range map[string]float64{"b60": 60. / 101, "b30": 30. / 101, "b10": 10. / 101, "b0": 1. / 101} {
		if got := float64(second[name]) / n; got < want-0.01 || got > want+0.01 || second[name] == 0 {
			t.Errorf("%s came first among its priority in %.3f of all cases, want %.3f", name, got, want)
		}
	}
	for _, name := range []string{"c", "d"} {
		if got := float64(last[name]) / n; got < 0.49 || got > 0.51 {
			t.Errorf("%s of two without weight came last in %.3f of all cases, want a half", name, got)
		}
	}
}

// The same numbers make the same order.
func TestOrderIsDeterministic(t *testing.T) {
	records := []SRV{{0, 5, 1, "a"}, {0, 5, 1, "b"}, {0, 5, 1, "c"}, {0, 5, 1, "d"}}
	order := func(seed uint64) string {
		return fmt.Sprint(names(ordered(records, rand.New(rand.NewPCG(seed, 0)).IntN)))
	}
	different := false
	for seed := range uint64(10) {
		if order(seed) != order(seed) {
			t.Errorf("seed %d makes two orders", seed)
		}
		different = different || order(seed) != order(seed+1)
	}
	if !different {
		t.Error("all seeds make the same order")
	}
}
