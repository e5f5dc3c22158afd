package store

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A folder holds logs and snapshots that are numbered. Snapshot n says what the logs below n said; log n goes on from there. What is called
// tmp was not finished.
const (
	logSuffix      = ".log"
	snapshotSuffix = ".snapshot"
	tmpSuffix      = ".tmp"
)

// name returns the path of a file.
func (f *File) name(number uint64, suffix string) string {
	return filepath.Join(f.dir, fmt.Sprintf("%016x%s", number, suffix))
}

// numbers returns the numbers of the files with a suffix, in order.
func (f *File) numbers(suffix string) ([]uint64, error) {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil, err
	}
	var all []uint64
	for _, e := range entries {
		hex, ok := strings.CutSuffix(e.Name(), suffix)
		if n, err := strconv.ParseUint(hex, 16, 64); ok && err == nil && len(hex) == 16 {
			all = append(all, n)
		}
	}
	slices.Sort(all)
	return all, nil
}

// load reads what the folder has, and opens the log to go on with.
func (f *File) load() error {
	snapshots, err := f.numbers(snapshotSuffix)
	if err != nil {
		return err
	}
	logs, err := f.numbers(logSuffix)
	if err != nil {
		return err
	}
	f.number = 1
	if n := len(snapshots); n > 0 {
		f.number = snapshots[n-1]
		if err := f.read(f.name(f.number, snapshotSuffix), false); err != nil {
			return err
		}
	}
	logs = slices.DeleteFunc(logs, func(n uint64) bool { return n < f.number })
	for i, n := range logs {
		if n != f.number+uint64(i) {
			return fmt.Errorf("%w: %s is missing", ErrDamaged, f.name(f.number+uint64(i), logSuffix))
		}
		if err := f.read(f.name(n, logSuffix), i == len(logs)-1); err != nil {
			return err
		}
	}
	f.number += uint64(max(len(logs)-1, 0))
	if f.active, f.written, err = openLog(f.name(f.number, logSuffix)); err != nil {
		return err
	}
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	now := time.Now()
	f.t.drop(now, len(f.t.records))
	f.t.rouse(now)
	f.disk.settled = f.t.last // or nobody waits for it any more
	f.forget(f.number - uint64(max(len(logs)-1, 0)))
	return nil
}

// read reads one file. The last log may have a torn end, which is cut off.
func (f *File) read(name string, last bool) error {
	b, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(b, []byte(fileHeader)) {
		if last && len(b) == 0 {
			return nil // openLog writes the header
		}
		if last && strings.HasPrefix(fileHeader, string(b)) {
			return f.cut(name, b, 0)
		}
		return fmt.Errorf("%w: %s is no file of a store, or of a later version", ErrDamaged, name)
	}
	f.t.mu.Lock()
	defer f.t.mu.Unlock()
	for at := len(fileHeader); at < len(b); {
		e, size, err := readEntry(b[at:])
		switch {
		case err == nil:
			e.val = own(e.val)
			f.t.take(&e)
		case last && !followed(b[at:], size):
			b, err = b[:at], f.cut(name, b, at)
			if err != nil {
				return err
			}
		default:
			return fmt.Errorf("%w: %s, at octet %d: %w; move the folder away to begin anew", ErrDamaged, name, at, err)
		}
		at += size
	}
	if strings.HasSuffix(name, logSuffix) {
		f.grown += int64(len(b))
	}
	return nil
}

// followed reports whether a whole record begins at size, behind a broken one: then that was not the last that was written, and whoever
// broke it is not the end of a process.
func followed(b []byte, size int) bool {
	if size == 0 {
		return false
	}
	_, _, err := readEntry(b[size:])
	return err == nil
}

// cut removes what follows octet at of a file, b.
func (f *File) cut(name string, b []byte, at int) error {
	f.log.Warn("store: the last record was not written to its end; it is removed", "file", name, "octets", len(b)-at)
	return os.Truncate(name, int64(at))
}

// openLog opens a log to append to it, and returns its size. It writes the header of a new one.
func openLog(name string) (*os.File, int64, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	size := int64(0)
	if err == nil {
		if size = info.Size(); size == 0 {
			size = int64(len(fileHeader))
			_, err = file.WriteString(fileHeader)
		}
	}
	if err == nil {
		err = syncFolder(filepath.Dir(name))
	}
	if err != nil {
		return nil, 0, errors.Join(err, file.Close())
	}
	return file, size, nil
}

// forget removes the files below number, and what was not finished. What fails is tried again the next time.
func (f *File) forget(number uint64) {
	for _, suffix := range []string{logSuffix, snapshotSuffix, snapshotSuffix + tmpSuffix} {
		all, err := f.numbers(suffix)
		for _, n := range all {
			if n < number || strings.HasSuffix(suffix, tmpSuffix) {
				err = errors.Join(err, os.Remove(f.name(n, suffix)))
			}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.log.Warn("store: an old file is left", "err", err)
		}
	}
}
