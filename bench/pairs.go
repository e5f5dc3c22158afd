package main

import (
	"errors"
	"fmt"
)

// pair is one row of the table: the same work done by both sides.
type pair struct {
	id, what, work string
	octets         int
	ours, theirs   *candidate
	own            bool    // theirs is not that of another row
	target         float64 // how many times faster ours has to be, 0: nothing was said
	note           string
}

// targets are the ratios that the project asks of itself.
var targets = map[string]float64{
	"M1 full": 5, "M3 full": 5, "M4 full": 5, "M5 full": 5, "M6 full": 5,
	"M2 natural": 12, "M2 checked": 7, "M2 full": 6, "M2 write": 6,
}

// newPairs returns all rows of the table.
func newPairs(all []message, bad [][]byte, ours *ringback, theirs *sipgo) ([]pair, error) {
	var out []pair
	for _, m := range all {
		rows, err := messagePairs(m, ours, theirs)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.id, err)
		}
		out = append(out, rows...)
	}
	return append(out, malformedPair(bad, ours, theirs)), nil
}

func messagePairs(m message, ours *ringback, theirs *sipgo) ([]pair, error) {
	d, err := newProgram(m)
	if err != nil {
		return nil, err
	}
	if _, err := ours.write(d); err != nil {
		return nil, err
	}
	parsed, err := theirs.p.ParseSIP(m.bytes)
	if err != nil {
		return nil, err
	}
	in := m.bytes
	row := func(work string, f, g func() error) pair {
		p := pair{id: m.id, what: m.what, work: work, octets: len(in), own: true, target: targets[m.id+" "+work]}
		p.ours = &candidate{name: "Ringback " + m.id + " " + work, run: repeat(f)}
		p.theirs = &candidate{name: "sipgo " + m.id + " " + work, run: repeat(g)}
		return p
	}
	natural := row("natural", func() error { return ours.natural(in) }, func() error { return theirs.natural(in) })
	checked := row("checked", func() error { return ours.checked(in) }, nil)
	checked.theirs, checked.own = natural.theirs, false
	full := row("full", func() error { return ours.full(in) }, func() error { return theirs.full(in) })
	write := row("write", func() error { _, err := ours.write(d); return err }, func() error {
		if len(theirs.write(parsed)) == 0 {
			return errors.New("nothing was written")
		}
		return nil
	})
	return []pair{natural, checked, full, write}, nil
}

// malformedPair runs through all malformed messages; its figures are for one.
func malformedPair(bad [][]byte, ours *ringback, theirs *sipgo) pair {
	p := pair{id: "bad", what: fmt.Sprintf("%d malformed", len(bad)), work: "refuse", own: true}
	refused := [2]int{}
	for _, in := range bad {
		p.octets += len(in)
		if ours.checked(in) != nil {
			refused[0]++
		}
		if theirs.natural(in) != nil {
			refused[1]++
		}
	}
	p.octets /= max(1, len(bad))
	p.note = fmt.Sprintf("Of the %d malformed messages Ringback refuses %d, sipgo %d.", len(bad), refused[0], refused[1])
	through := func(read func(in []byte) error) func(n int) {
		i := 0
		return func(n int) {
			for range n {
				_ = read(bad[i]) // refused or not, as counted above
				i = (i + 1) % len(bad)
			}
		}
	}
	p.ours = &candidate{name: "Ringback malformed", run: through(ours.checked)}
	p.theirs = &candidate{name: "sipgo malformed", run: through(theirs.natural)}
	return p
}
