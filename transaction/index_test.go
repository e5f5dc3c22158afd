package transaction

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// Held against a list: few hashes, so that many entries want the same place, and at both ends of the index.
func TestIndexAgainstAList(t *testing.T) {
	hashes := []uint32{0, 1, 2, 3, 15, 16, 31, 63, 127, 255, 511, 1<<32 - 1, 1<<32 - 2, 1<<31 - 1}
	type one struct {
		hash  uint32
		entry *entry
	}
	for seed := range uint64(50) {
		r := rand.New(rand.NewPCG(seed, 1))
		var x index
		var list []one
		most := 1 + r.IntN(400)
		for range 4000 {
			grow := r.IntN(most) >= len(list)
			if grow {
				o := one{hashes[r.IntN(len(hashes))], new(entry)}
				if r.IntN(2) == 0 {
					o.hash = r.Uint32()
				}
				x.add(o.hash, o.entry)
				list = append(list, o)
			} else {
				i := r.IntN(len(list))
				if o := list[i]; !x.remove(o.hash, o.entry) || x.remove(o.hash, o.entry) {
					t.Fatalf("seed %d: an entry is not there, or twice", seed)
				}
				list = slices.Delete(list, i, i+1)
			}
			if x.n != len(list) || len(x.hashes) != len(x.entries) || len(x.hashes) > max(minIndex, 8*(x.n+1)) {
				t.Fatalf("seed %d: %d entries in %d places, want %d", seed, x.n, len(x.hashes), len(list))
			}
			h := hashes[r.IntN(len(hashes))]
			found := map[*entry]bool{}
			x.find(h, func(p *entry) bool { found[p] = true; return false })
			want := 0
			for _, o := range list {
				if same := o.hash == h || max(o.hash, 1) == max(h, 1); same {
					want++
					if !found[o.entry] {
						t.Fatalf("seed %d: an entry is not found", seed)
					}
				}
			}
			if len(found) != want {
				t.Fatalf("seed %d: found %d entries, want %d", seed, len(found), want)
			}
		}
		for _, o := range list {
			if got := x.find(o.hash, func(p *entry) bool { return p == o.entry }); got != o.entry {
				t.Errorf("seed %d: got %p, want %p", seed, got, o.entry)
			}
			if !x.remove(o.hash, o.entry) {
				t.Errorf("seed %d: an entry cannot be removed", seed)
			}
		}
		if x.n != 0 || len(x.hashes) > minIndex {
			t.Errorf("seed %d: an empty index has %d entries and %d places", seed, x.n, len(x.hashes))
		}
	}
}

func TestIndexOfNothing(t *testing.T) {
	var x index
	if x.find(1, func(*entry) bool { return true }) != nil || x.remove(1, new(entry)) {
		t.Error("found something")
	}
	x.add(7, new(entry))
	if x.remove(7, new(entry)) || x.remove(8, new(entry)) {
		t.Error("removed what is not there")
	}
}

// A request that is new is looked for, added and removed, among so many others.
func BenchmarkIndex(b *testing.B) {
	var x index
	for range 100_000 {
		x.add(rand.Uint32(), new(entry))
	}
	p := new(entry)
	is := func(*entry) bool { return false }
	b.ReportAllocs()
	for b.Loop() {
		h := rand.Uint32()
		x.find(h, is)
		x.add(h, p)
		x.remove(h, p)
	}
}
