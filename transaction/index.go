package transaction

// An index finds entries by a hash. The hashes stand side by side, and an entry is touched only when its hash is the one looked for: to find
// that a request is new, as most are, costs one line of the processor's cache however many transactions live. Several entries may have the same
// hash. The zero index is empty; a lock of the caller's guards it.
type index struct {
	hashes  []uint32 // of entries; 0 where there is none
	entries []*entry // as many: a power of two
	n       int
}

// minIndex is the size of the smallest index that was ever used.
const minIndex = 16

// home returns h as it stands in an index, and where it is looked for first.
func (x *index) home(h uint32) (uint32, int) {
	if h == 0 {
		h = 1
	}
	return h, int(h) & (len(x.hashes) - 1)
}

// find returns an entry with hash h that is reports true of, nil when there is none.
func (x *index) find(h uint32, is func(*entry) bool) *entry {
	if x.n == 0 {
		return nil
	}
	h, i := x.home(h)
	for x.hashes[i] != 0 {
		if x.hashes[i] == h && is(x.entries[i]) {
			return x.entries[i]
		}
		i = (i + 1) & (len(x.hashes) - 1)
	}
	return nil
}

// add adds p, which is not there, under h.
func (x *index) add(h uint32, p *entry) {
	if size := len(x.hashes); x.n >= size-size/4 { // a search ends at a free place, and soon
		x.resize(max(2*size, minIndex))
	}
	x.put(h, p)
	x.n++
}

// put puts p into a free place.
func (x *index) put(h uint32, p *entry) {
	h, i := x.home(h)
	for x.hashes[i] != 0 {
		i = (i + 1) & (len(x.hashes) - 1)
	}
	x.hashes[i], x.entries[i] = h, p
}

// remove removes p, which was added under h, and reports whether it was there.
func (x *index) remove(h uint32, p *entry) bool {
	if x.n == 0 {
		return false
	}
	_, i := x.home(h)
	mask := len(x.hashes) - 1
	for x.entries[i] != p {
		if x.hashes[i] == 0 {
			return false
		}
		i = (i + 1) & mask
	}
	// What stands behind may have had to pass this place, and moves up: no search ends too early.
	for j := (i + 1) & mask; x.hashes[j] != 0; j = (j + 1) & mask {
		if _, home := x.home(x.hashes[j]); (j-home)&mask >= (j-i)&mask {
			x.hashes[i], x.entries[i] = x.hashes[j], x.entries[j]
			i = j
		}
	}
	x.hashes[i], x.entries[i] = 0, nil
	x.n--
	if size := len(x.hashes); size > minIndex && x.n < size/8 {
		x.resize(size / 2)
	}
	return true
}

// resize moves everything to a place for size entries.
func (x *index) resize(size int) {
	old := *x
	x.hashes, x.entries = make([]uint32, size), make([]*entry, size)
	for i, h := range old.hashes {
		if h != 0 {
			x.put(h, old.entries[i])
		}
	}
}
