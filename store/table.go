package store

import (
	"bytes"
	"container/heap"
	"strings"
	"sync"
	"time"
)

// table is the records of a Store in this process. The zero table is ready. mu guards all of it.
type table struct {
	mu      sync.RWMutex
	records map[string]*record
	dying   byUntil // those that end, the next one first
	last    uint64  // the highest revision that was given
	size    int64   // octets of keys and values
	sweeper *time.Timer
	due     int64 // when the sweeper looks, as in record; 0 when it is not set
	closed  bool
}

// record is one record. It is changed under the table's lock; its value is replaced and never written.
type record struct {
	key   string
	val   []byte
	rev   uint64
	until int64 // in milliseconds since 1970, 0 for never
	index int   // in dying; -1 outside
}

// sweepEvery is the least time between two looks for records to be dropped, sweepMost how many one look drops before it lets others have
// the table.
const (
	sweepEvery = time.Second
	sweepMost  = 1000
)

// millis returns t in the form that records have it.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return max(t.UnixMilli(), 1)
}

// moment is the reverse of millis.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// over reports whether r may be dropped.
func (r *record) over(now int64) bool { return r.until != 0 && r.until <= now }

// get returns the value and the revision of key.
func (t *table) get(key string, now time.Time) ([]byte, uint64) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := t.find(key, now)
	if r == nil {
		return nil, 0
	}
	return r.val, r.rev
}

// find returns the record of key, nil when there is none. Locked.
func (t *table) find(key string, now time.Time) *record {
	if r := t.records[key]; r != nil && !r.over(now.UnixMilli()) {
		return r
	}
	return nil
}

// may returns ErrConflict unless rev is the revision of r, 0 of none.
func (r *record) may(rev uint64) error {
	if r == nil && rev == 0 || r != nil && r.rev == rev {
		return nil
	}
	return ErrConflict
}

// set makes val, which it keeps, the value of key. Locked.
func (t *table) set(key string, val []byte, rev uint64, until int64) {
	t.last = max(t.last, rev)
	r := t.records[key]
	if r == nil {
		if t.records == nil {
			t.records = make(map[string]*record)
		}
		r = &record{key: strings.Clone(key), index: -1}
		t.records[r.key] = r
		t.size += int64(len(key))
	}
	t.size += int64(len(val) - len(r.val))
	r.val, r.rev, r.until = val, rev, until
	switch {
	case until == 0 && r.index >= 0:
		heap.Remove(&t.dying, r.index)
	case until != 0 && r.index >= 0:
		heap.Fix(&t.dying, r.index)
	case until != 0:
		heap.Push(&t.dying, r)
	}
}

// remove drops key. Locked.
func (t *table) remove(key string) {
	r := t.records[key]
	if r == nil {
		return
	}
	delete(t.records, key)
	t.size -= int64(len(r.key) + len(r.val))
	if r.index >= 0 {
		heap.Remove(&t.dying, r.index)
	}
	r.rev = 0 // for those who walk
}

// rouse sets the sweeper to the next record that ends. Locked.
func (t *table) rouse(now time.Time) {
	if t.closed || len(t.dying) == 0 {
		return
	}
	wait := max(moment(t.dying[0].until).Sub(now), sweepEvery)
	due := now.Add(wait).UnixMilli()
	if t.due != 0 && t.due <= due {
		return
	}
	t.due = due
	if t.sweeper == nil {
		t.sweeper = time.AfterFunc(wait, t.sweep)
		return
	}
	t.sweeper.Reset(wait)
}

// sweep drops the records that are over.
func (t *table) sweep() {
	for more := true; more; {
		t.mu.Lock()
		now := time.Now()
		more = t.drop(now, sweepMost)
		if !more {
			t.due = 0
			t.rouse(now)
		}
		t.mu.Unlock()
	}
}

// drop drops up to n records that are over, and reports whether there are more. Locked.
func (t *table) drop(now time.Time, n int) (more bool) {
	for ms := now.UnixMilli(); len(t.dying) > 0 && t.dying[0].over(ms); n-- {
		if n == 0 {
			return true
		}
		t.remove(t.dying[0].key)
	}
	return false
}

// stop ends the sweeper for good.
func (t *table) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	if t.sweeper != nil {
		t.sweeper.Stop()
	}
}

// len returns the number of records, those that are over and not dropped yet among them.
func (t *table) len() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return len(t.records)
}

// walkAtOnce is how many records a walk copies before it lets go of the table.
const walkAtOnce = 256

// walk calls f for the records whose key begins with prefix. f may use the table.
func (t *table) walk(prefix string, f func(record) error) error {
	t.mu.RLock()
	var all []*record
	for key, r := range t.records {
		if strings.HasPrefix(key, prefix) {
			all = append(all, r)
		}
	}
	t.mu.RUnlock()
	some := make([]record, 0, min(walkAtOnce, len(all)))
	for len(all) > 0 {
		n := min(walkAtOnce, len(all))
		some = some[:0]
		t.mu.RLock()
		now := time.Now().UnixMilli()
		for _, r := range all[:n] {
			if r.rev != 0 && !r.over(now) {
				some = append(some, *r)
			}
		}
		t.mu.RUnlock()
		all = all[n:]
		for _, r := range some {
			if err := f(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// own returns a copy of val that is not nil: nil is no value.
func own(val []byte) []byte {
	if len(val) == 0 {
		return []byte{}
	}
	return bytes.Clone(val)
}

// byUntil is a heap of the records that end.
type byUntil []*record

func (h byUntil) Len() int           { return len(h) }
func (h byUntil) Less(i, j int) bool { return h[i].until < h[j].until }

func (h byUntil) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push adds a *record.
func (h *byUntil) Push(x any) {
	r := x.(*record)
	r.index = len(*h)
	*h = append(*h, r)
}

// Pop removes the last one.
func (h *byUntil) Pop() any {
	old := *h
	r := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	r.index = -1
	return r
}
