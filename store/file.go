package store

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// FileConfig says how a File keeps its promise. Nil is all defaults.
type FileConfig struct {
	// Sync has Put and Delete return when the disk has the record, so that it survives a loss of power too; those that come at the same time
	// share the disk's time. False: it survives the end of the process, kill -9 included.
	Sync bool
	// Logger hears of what was found broken. Nil is silent.
	Logger *slog.Logger
}

// File is a Store in the files of one folder, with a copy in memory: reading never waits for the disk. Each change is appended to a log; when that
// has outgrown what it says, a snapshot takes its place.
type File struct {
	dir  string
	sync bool
	log  *slog.Logger
	lock *os.File // held while this process has the folder

	t       table          // its mu guards what follows too
	active  *os.File       // the log
	number  uint64         // of the log
	written int64          // octets of it
	grown   int64          // octets of all logs since the last snapshot
	buf     []byte         // of one record
	err     error          // nothing can be written any more
	busy    bool           // a snapshot is being made
	closing bool           // no other one will be
	running sync.WaitGroup // of snapshots

	disk turns
}

// What a File says when it cannot be used.
var (
	// ErrInUse: another process, or another File of this one, has the folder.
	ErrInUse = errors.New("store: the folder is in use by another process")
	// ErrDamaged: a file is broken in a way that an interrupted write does not explain.
	ErrDamaged = errors.New("store: damaged file")
	// ErrClosed: the File was closed.
	ErrClosed = errors.New("store: closed")
)

// maxBuffer is the largest buffer that is kept for the next record.
const maxBuffer = 64 << 10

// OpenFile opens the Store in the folder dir, which it makes if there is none. A record at the end of the log that is not whole, since the
// process ended while it was written and nobody was told that it was stored, is cut off and said.
func OpenFile(dir string, cfg *FileConfig) (*File, error) {
	if cfg == nil {
		cfg = &FileConfig{}
	}
	f := &File{dir: dir, sync: cfg.Sync, log: cfg.Logger}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	f.disk.changed.L = &f.disk.mu
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	f.lock = lock
	if err := f.load(); err != nil {
		lock.Close()
		return nil, fmt.Errorf("open store %s: %w", dir, err)
	}
	return f, nil
}

// Get returns the value of key; see Store. It never waits for the disk.
func (f *File) Get(ctx context.Context, key string) (val []byte, rev uint64, err error) {
	if err := check(ctx, key); err != nil {
		return nil, 0, fmt.Errorf("get: %w", err)
	}
	val, rev = f.t.get(key, time.Now())
	return val, rev, nil
}

// Put stores a copy of val; see Store.
func (f *File) Put(ctx context.Context, key string, val []byte, rev uint64, until time.Time) (uint64, error) {
	if err := check(ctx, key); err != nil {
		return 0, fmt.Errorf("put: %w", err)
	}
	e := entry{kind: kindPut, until: millis(until), key: key, val: own(val)}
	if err := f.change(&e, rev); err != nil {
		return 0, err
	}
	return e.rev, nil
}

// Delete removes key; see Store.
func (f *File) Delete(ctx context.Context, key string, rev uint64) error {
	if err := check(ctx, key); err != nil {
		return fmt.Errorf("delete: %w", err)
	}
	return f.change(&entry{kind: kindDelete, key: key}, rev)
}

// Range calls fn for every record whose key begins with prefix; see Store.
func (f *File) Range(ctx context.Context, prefix string, fn func(key string, val []byte, rev uint64, until time.Time) error) error {
	return rangeOver(ctx, &f.t, prefix, fn)
}

// Dir returns the folder.
func (f *File) Dir() string { return f.dir }

// Len returns how many records there are, those that are over and were not dropped yet among them.
func (f *File) Len() int { return f.t.len() }

// Close waits for what is being written and gives the folder free. Whatever comes later is refused with ErrClosed, but for reading.
func (f *File) Close() error {
	f.t.stop()
	f.t.mu.Lock()
	closed := f.closing
	f.closing = true
	f.t.mu.Unlock()
	f.running.Wait()
	if closed {
		return nil
	}
	f.disk.take()
	f.t.mu.Lock()
	err, last := f.err, f.t.last
	f.err = ErrClosed
	f.t.mu.Unlock()
	flushed := f.active.Sync()
	f.disk.done(last, flushed)
	return errors.Join(err, flushed, f.active.Close(), f.lock.Close())
}

// change writes e, gives it its revision, and makes it true, when rev is the one that it replaces.
func (f *File) change(e *entry, rev uint64) error {
	if err := f.apply(e, rev); err != nil || !f.sync || e.rev == 0 {
		return err
	}
	return f.settle(e.rev)
}

// apply is change but for the disk.
func (f *File) apply(e *entry, rev uint64) error {
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	now := time.Now()
	r := f.t.find(e.key, now)
	if r == nil && e.kind == kindDelete {
		return nil
	}
	if err := r.may(rev); err != nil {
		return err
	}
	e.rev = f.t.last + 1
	if err := f.write(e); err != nil {
		e.rev = 0
		return err
	}
	f.t.take(e)
	f.t.rouse(now)
	f.outgrown()
	return nil
}

// write appends e to the log, wholly or not at all. Locked.
func (f *File) write(e *entry) error {
	b, err := e.appendTo(f.buf[:0])
	if cap(b) <= maxBuffer {
		f.buf = b
	}
	if err != nil {
		return err
	}
	if _, err := f.active.Write(b); err != nil {
		// What follows half a record would be lost with it.
		if cut := f.active.Truncate(f.written); cut != nil {
			f.err = fmt.Errorf("store: %w, and half a record cannot be removed: %w", err, cut)
		}
		return fmt.Errorf("store: %w", err)
	}
	f.written += int64(len(b))
	f.grown += int64(len(b))
	return nil
}

// take makes e true. An entry of a file that was read may be older than what a snapshot knows already. Locked.
func (t *table) take(e *entry) {
	if r := t.records[e.key]; r != nil && r.rev > e.rev {
		return
	}
	switch e.kind {
	case kindPut:
		t.set(e.key, e.val, e.rev, e.until)
	case kindDelete:
		t.remove(e.key)
	}
	t.last = max(t.last, e.rev)
}
