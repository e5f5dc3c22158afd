package parser

import "math/bits"

// nameSet notices a parameter name that comes twice: that is malformed (RFC 3261, Section 7.3.1). It knows a name by
// its key, and the first few names only: beyond them full is true, and the owner looks once more with a nameTable.
type nameSet struct {
	keys  [8]uint64
	count int
}

// add notes the name of key, and reports whether it may have been there before, or that there are too many.
func (s *nameSet) add(key uint64) (again bool, err Error) {
	n := s.count
	if n >= MaxParams {
		return false, errParamsMany
	}
	s.count = n + 1
	if n >= len(s.keys) {
		return false, 0
	}
	for _, k := range s.keys[:n] {
		again = again || k == key
	}
	s.keys[n] = key
	return again, 0
}

// full reports whether there are more names than add has compared.
func (s *nameSet) full() bool { return s.count > len(s.keys) }

// nameTable is a nameSet for up to MaxParams names, as a hash table.
type nameTable struct{ slots [2 * MaxParams]uint32 }

// add notes the name of key, and reports whether it may have been there before: another name rarely looks the same.
func (t *nameTable) add(key uint64) (again bool) {
	high, low := bits.Mul64(key, 0x9e3779b97f4a7c15)
	h := uint32(high^low) | 1 // 0 is an empty slot
	for i := h >> 8; ; i++ {
		switch slot := &t.slots[i%uint32(len(t.slots))]; *slot {
		case 0:
			*slot = h
			return false
		case h:
			return true
		}
	}
}

// keyOf returns the key of the name b[off:off+n], which is not empty: the same for names that differ in the case of
// letters only. Of a token of up to eight octets it is all of it, and no other name has it.
func keyOf(b []byte, off, n int) uint64 {
	if n > 8 {
		x := (load8(b, off) | 0x20*ones) + bits.RotateLeft64(load8(b, off+n-8)|0x20*ones, 27)
		return (x + uint64(n)) << 8 >> 8 // in no short one is the highest octet zero
	}
	if b = b[:cap(b)]; off+8 <= len(b) {
		return load8(b, off)&(1<<(8*uint(n))-1) | 0x20*ones
	}
	x := uint64(0)
	for k, c := range b[off : off+n] {
		x |= uint64(c) << (8 * k)
	}
	return x | 0x20*ones
}

// The keys of names that have accessors.
const (
	keyTag      = 't' | 'a'<<8 | 'g'<<16 | 0x2020202020<<24
	keyRPort    = 'r' | 'p'<<8 | 'o'<<16 | 'r'<<24 | 't'<<32 | 0x202020<<40
	keyMAddr    = 'm' | 'a'<<8 | 'd'<<16 | 'd'<<24 | 'r'<<32 | 0x202020<<40
	keyBranch   = 'b' | 'r'<<8 | 'a'<<16 | 'n'<<24 | 'c'<<32 | 'h'<<40 | 0x2020<<48
	keyReceived = 'r' | 'e'<<8 | 'c'<<16 | 'e'<<24 | 'i'<<32 | 'v'<<40 | 'e'<<48 | 'd'<<56
)
