package main

import (
	"bytes"
	"slices"
	"testing"
)

// What Ringback writes field by field is the message, octet by octet; of M5, which is folded and spelled in odd ways, the
// values are the same.
func TestWrittenMessages(t *testing.T) {
	for _, m := range loaded(t) {
		t.Run(m.id, func(t *testing.T) {
			d, err := newProgram(m)
			if err != nil {
				t.Fatal(err)
			}
			var r, again ringback
			out, err := r.write(d)
			if err != nil {
				t.Fatal(err)
			}
			if m.id != "M5" {
				if !bytes.Equal(out, m.bytes) {
					t.Errorf("got\n%s\nwant\n%s", out, m.bytes)
				}
				return
			}
			want, err := expected(m.id)
			if err != nil {
				t.Fatal(err)
			}
			if err := again.full(out); err != nil {
				t.Fatal(err)
			}
			if got := again.v.lines(); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

// sipgo writes what it read: of all messages but M5 the values are those expected.
func TestSipgoWritesTheSameValues(t *testing.T) {
	s := newSipgo()
	for _, m := range loaded(t) {
		if m.id == "M5" {
			continue
		}
		msg, err := s.p.ParseSIP(m.bytes)
		if err != nil {
			t.Fatal(err)
		}
		want, err := expected(m.id)
		if err != nil {
			t.Fatal(err)
		}
		var r ringback
		if err := r.full(s.write(msg)); err != nil {
			t.Fatal(err)
		}
		if got := r.v.lines(); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", m.id, got, want)
		}
	}
}

// Ringback allocates in no row of the table, nor where a message is too long.
func TestNoAllocations(t *testing.T) {
	ours := new(ringback)
	bad, err := loadMalformed("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	pairs, err := newPairs(loaded(t), bad, ours, newSipgo())
	if err != nil {
		t.Fatal(err)
	}
	grows, err := newGrowth(ours)
	if err != nil {
		t.Fatal(err)
	}
	var all []*candidate
	for _, p := range pairs {
		all = append(all, p.ours)
	}
	for _, g := range grows {
		all = append(all, g.once, g.twice, g.more)
	}
	for _, c := range all {
		if n := testing.AllocsPerRun(20, func() { c.run(1) }); n != 0 {
			t.Errorf("%s: got %v allocations, want 0", c.name, n)
		}
	}
}

// Every target is that of a row.
func TestTargetsHaveRows(t *testing.T) {
	pairs, err := newPairs(loaded(t), nil, new(ringback), newSipgo())
	if err != nil {
		t.Fatal(err)
	}
	for name := range targets {
		if !slices.ContainsFunc(pairs, func(p pair) bool { return p.id+" "+p.work == name }) {
			t.Errorf("no row %q", name)
		}
	}
}
