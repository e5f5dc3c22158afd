package main

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The test program is its own go command: it prints what that would.
func TestMain(m *testing.M) {
	if os.Getenv("SOAK_FAKE_GO") == "" {
		os.Exit(m.Run())
	}
	args := strings.Join(os.Args[1:], " ")
	switch {
	case strings.Contains(args, "-list"):
		fmt.Print("FuzzOne\nFuzzTwo\nok  \texample.com/a\t0.01s\n?   \texample.com/b\t[no test files]\nok  \texample.com/c\t0.01s\nFuzzOther\nok  \texample.com/d\t0.01s\n")
	case strings.Contains(args, "-fuzz ^FuzzTwo$"):
		fmt.Print("fuzz: elapsed: 1s, execs: 7 (7/sec), new interesting: 1 (total: 2)\n--- FAIL: FuzzTwo (1.00s)\n    what went wrong\nFAIL\n")
		os.Exit(1)
	case strings.Contains(args, "-fuzz ^FuzzSlow$ -fuzztime 1s"):
		fmt.Print("fuzz: elapsed: 1s, gathering baseline coverage: 12/66 completed\nPASS\nok  \texample.com/a\t1.0s\n")
	case strings.Contains(args, "-fuzz ^FuzzSlow$ -fuzztime 2s"), strings.Contains(args, "-fuzz ^FuzzNever$"):
		fmt.Print("fuzz: elapsed: 1s, execs: 7 (7/sec), new interesting: 1 (total: 2)\n--- FAIL: FuzzSlow (2.00s)\n    context deadline exceeded\nFAIL\n")
		os.Exit(1)
	default:
		fmt.Print("fuzz: elapsed: 0s, gathering baseline coverage: 0/66 completed\n" +
			"fuzz: elapsed: 3s, execs: 8201 (2724/sec), new interesting: 4 (total: 70)\n" +
			"fuzz: elapsed: 1m2s, execs: 1234567 (10878/sec), new interesting: 11 (total: 77)\nPASS\nok  \texample.com/a\t62.0s\n")
	}
	os.Exit(0)
}

func newSoak(t *testing.T) (*soak, *strings.Builder) {
	t.Helper()
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	progress := new(strings.Builder)
	return &soak{tool: tool, env: []string{"SOAK_FAKE_GO=1"}, workers: 1, progress: progress}, progress
}

func TestList(t *testing.T) {
	s, _ := newSoak(t)
	all, err := s.list(t.Context(), regexp.MustCompile(""))
	want := []target{{"example.com/a", "FuzzOne"}, {"example.com/a", "FuzzTwo"}, {"example.com/d", "FuzzOther"}}
	if err != nil || !slices.Equal(all, want) {
		t.Errorf("got %v, %v, want %v", all, err, want)
	}
	some, err := s.list(t.Context(), regexp.MustCompile("O[nt]"))
	if want := []target{want[0], want[2]}; err != nil || !slices.Equal(some, want) {
		t.Errorf("got %v, %v, want %v", some, err, want)
	}
}

// Every target gets its turn, also behind one that fails, and the failure is shown.
func TestRun(t *testing.T) {
	s, progress := newSoak(t)
	results := s.run(t.Context(), []target{{"a", "FuzzOne"}, {"a", "FuzzTwo"}, {"d", "FuzzOther"}}, time.Second)
	if len(results) != 3 || results[0].err != nil || results[1].err == nil || results[2].err != nil {
		t.Fatalf("got %v", results)
	}
	if got, want := results[0].state, (state{1234567, 77}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := progress.String(); !strings.Contains(got, "what went wrong") || !strings.Contains(got, "3/3 FuzzOther: 1234567 executions") {
		t.Errorf("got progress %q", got)
	}
	for i := range results {
		results[i].took = time.Duration(i) * time.Minute
	}
	var out strings.Builder
	report(&out, results)
	for _, want := range []string{"| a.FuzzOne | 0s | 1,234,567 | 77 | passed |", "| a.FuzzTwo | 1m0s | 7 | 2 | failed |", "| 3 targets | 3m0s | 2,469,141 | | |"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

// A target that had no time to try anything, or whose time was over at the wrong moment, gets more, but not for ever.
func TestRunGivesMoreTime(t *testing.T) {
	s, progress := newSoak(t)
	results := s.run(t.Context(), []target{{"a", "FuzzSlow"}, {"a", "FuzzNever"}}, time.Second)
	if len(results) != 2 || results[0].err != nil || results[0].execs != 1234567 || results[1].err == nil {
		t.Fatalf("got %+v", results)
	}
	if got := strings.Count(progress.String(), "FuzzNever: 2s was too short on this machine; again for 4s\n"); got != 1 {
		t.Errorf("got progress %q", progress)
	}
}

func TestRunStops(t *testing.T) {
	s, _ := newSoak(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if results := s.run(ctx, []target{{"a", "FuzzOne"}}, time.Hour); len(results) != 0 {
		t.Errorf("got %v", results)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
