package store

import (
	"bufio"
	"errors"
	"os"
)

// A log is replaced by a snapshot when it is larger than minLog and more than outgrownBy times what it says.
const (
	minLog     = 1 << 20
	outgrownBy = 2
)

// outgrown has a snapshot made when the log has outgrown what it says. Locked.
func (f *File) outgrown() {
	if f.busy || f.closing || f.grown < max(minLog, outgrownBy*f.t.size) {
		return
	}
	f.busy = true
	f.running.Go(func() {
		grown, err := f.snapshot()
		if err != nil {
			f.log.Error("store: no snapshot was made; the log goes on", "err", err)
		}
		f.t.mu.Lock()
		defer f.t.mu.Unlock()
		f.busy = false
		f.grown -= grown // after a failure too: the next attempt waits as long again
	})
}

// snapshot begins a new log, writes what the old ones say into one file, and removes them. It returns how long they were.
func (f *File) snapshot() (grown int64, err error) {
	number := f.number + 1 // nobody else changes it
	next, written, err := openLog(f.name(number, logSuffix))
	f.disk.take()
	f.t.mu.Lock()
	grown = f.grown
	if err != nil || f.err != nil {
		err = errors.Join(err, f.err)
		f.t.mu.Unlock()
		f.disk.done(0, nil)
		if next != nil {
			err = errors.Join(err, next.Close())
		}
		return grown, err
	}
	old, last := f.active, f.t.last
	f.active, f.number, f.written = next, number, written
	f.t.mu.Unlock()

	if err = old.Sync(); err != nil {
		err = f.broken(err)
	}
	f.disk.done(last, err)
	if err = errors.Join(err, old.Close()); err != nil {
		return grown, err
	}
	tmp := f.name(number, snapshotSuffix+tmpSuffix)
	if err = f.writeSnapshot(tmp, last); err == nil {
		err = os.Rename(tmp, f.name(number, snapshotSuffix))
	}
	if err == nil {
		err = syncFolder(f.dir)
	}
	if err != nil {
		return grown, errors.Join(err, os.Remove(tmp))
	}
	f.forget(number)
	return grown, nil
}

// writeSnapshot writes every record there is. Those that change meanwhile stand in the new log, which is read later.
func (f *File) writeSnapshot(name string, last uint64) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(file, 1<<16)
	_, err = w.WriteString(fileHeader)
	var buf []byte
	put := func(e entry) error {
		b, err := e.appendTo(buf[:0])
		if err != nil {
			return err
		}
		buf = b
		_, err = w.Write(b)
		return err
	}
	if err == nil {
		err = put(entry{kind: kindMark, rev: last})
	}
	if err == nil {
		err = f.t.walk("", func(r record) error {
			return put(entry{kind: kindPut, rev: r.rev, until: r.until, key: r.key, val: r.val})
		})
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
