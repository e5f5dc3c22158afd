// Package storetest is the conformance kit of [store.Store]: an implementation that passes [Run] can hold what registrars, notifiers and
// conferences keep.
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return newStore(t) })
//	}
//
// It is to be run with -race too.
package storetest

import (
	"context"
	"testing"

	"github.com/ringback-sip/ringback/store"
)

// check is one promise of a Store, which is empty: the error says how it was broken.
type check struct {
	name  string
	holds func(ctx context.Context, s store.Store) error
}

// Run tests the promises of store.Store, each on a new and empty one that open makes. What is to be closed, open gives to t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	for _, c := range checks() {
		t.Run(c.name, func(t *testing.T) {
			if err := c.holds(t.Context(), open(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// RunDurable is Run for a Store that survives its process: reopen ends the given one, as abruptly as it can, and opens another one with the
// same contents.
func RunDurable(t *testing.T, open func(t *testing.T) store.Store, reopen func(t *testing.T, s store.Store) store.Store) {
	Run(t, open)
	t.Run("survives", func(t *testing.T) {
		s := open(t)
		before, err := fill(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			s = reopen(t, s)
			if err := same(t.Context(), s, before); err != nil {
				t.Fatal(err)
			}
		}
		if err := higher(t.Context(), s, before); err != nil {
			t.Error(err)
		}
	})
}

func checks() []check {
	return []check{
		{"a key without a record", absent},
		{"a record", present},
		{"a revision replaces one record", swaps},
		{"a conflict changes nothing", conflicts},
		{"delete", deletes},
		{"a revision is given once", fresh},
		{"any bytes", anyBytes},
		{"values are nobody's to change", owned},
		{"the end of a record", ends},
		{"range", ranges},
		{"range while others write", rangesAmongWriters},
		{"a context that is over", canceled},
		{"one of many creates", oneCreates},
		{"no change is lost", noneLost},
	}
}
