package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// The whole run in its shortest form: both tables are there, in either dress, with a row for each pair and each series.
func TestRunPrintsAllRows(t *testing.T) {
	for _, md := range []bool{false, true} {
		var out bytes.Buffer
		if err := run(&out, md, 2, 20*time.Microsecond); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		for _, m := range messages {
			if got := strings.Count(text, m.id+" "+m.what); got != 4 {
				t.Errorf("rows of %s: got %d, want 4", m.id, got)
			}
		}
		for _, s := range allSeries {
			if !strings.Contains(text, s.what) {
				t.Errorf("no row for %s", s.what)
			}
		}
		if got := strings.Contains(text, "|---"); got != md {
			t.Errorf("Markdown: got %t, want %t", got, md)
		}
	}
}

func TestMedianAndMinimum(t *testing.T) {
	c := candidate{rounds: []float64{1, 2, 4, 9}}
	if c.median() != 3 || c.min() != 1 {
		t.Errorf("got %v and %v, want 3 and 1", c.median(), c.min())
	}
	c.rounds = []float64{1, 2, 9}
	if c.median() != 2 {
		t.Errorf("got %v, want 2", c.median())
	}
}

func TestCalibrateFillsTheWindow(t *testing.T) {
	text := bytes.Repeat([]byte("x"), 1<<20)
	c := candidate{run: func(n int) {
		for range n {
			if bytes.IndexByte(text, 'y') >= 0 {
				panic("an octet that is not there")
			}
		}
	}}
	c.calibrate(time.Nanosecond)
	least := c.n
	c.calibrate(20 * time.Millisecond)
	if least < 1 || c.n <= least {
		t.Errorf("got %d runs for a nanosecond and %d for 20 ms", least, c.n)
	}
}
