package store

import (
	"fmt"
	"sync"
)

// turns has those who wait for the disk share its time: one of them flushes for all who have written by then, and the others wait for
// that one or take the next turn.
type turns struct {
	mu      sync.Mutex // guards what follows
	changed sync.Cond
	taken   bool
	settled uint64 // the disk has every revision up to this
	err     error  // the disk failed: nobody knows what it has
}

// take waits for the own turn. done ends it.
func (d *turns) take() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for d.taken {
		d.changed.Wait()
	}
	d.taken = true
}

// done ends a turn, in which everything up to rev was flushed unless there is an error.
func (d *turns) done(rev uint64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.taken = false
	if err != nil {
		d.err = err
	} else {
		d.settled = max(d.settled, rev)
	}
	d.changed.Broadcast()
}

// turn waits until the disk has rev, and returns true, or for the turn to see to it, and returns false.
func (d *turns) turn(rev uint64) (settled bool, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		switch {
		case d.settled >= rev:
			return true, nil
		case d.err != nil:
			return false, d.err
		case !d.taken:
			d.taken = true
			return false, nil
		}
		d.changed.Wait()
	}
}

// settle waits until the disk has rev.
func (f *File) settle(rev uint64) error {
	settled, err := f.disk.turn(rev)
	if settled || err != nil {
		return err
	}
	f.t.mu.RLock()
	active, last := f.active, f.t.last
	f.t.mu.RUnlock()
	if err = active.Sync(); err != nil {
		err = f.broken(err)
	}
	f.disk.done(last, err)
	return err
}

// broken remembers that the disk failed. What it has after that nobody knows, and asking again does not tell.
func (f *File) broken(err error) error {
	err = fmt.Errorf("store: %w", err)
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
	return err
}
