package resolver

import (
	"io"
	"os"
	"sync"
	"time"
)

const (
	// recheck is how often it is looked whether a file has changed.
	recheck = 5 * time.Second
	// maxFile bounds what is read of a file; a hosts file that blocks advertisements is a few MiB.
	maxFile = 16 << 20
)

// file is a file of the system that is parsed, and parsed again when it has changed. Safe for concurrent use.
type file[T any] struct {
	path  string
	parse func(text string) T // "" for a file that cannot be read

	mu      sync.Mutex // guards what follows
	checked time.Time
	changed time.Time
	size    int64
	value   T
}

// get returns what the file says at now, or said within the last seconds.
func (f *file[T]) get(now time.Time) T {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.checked.IsZero() && now.Sub(f.checked) < recheck {
		return f.value
	}
	first := f.checked.IsZero()
	f.checked = now
	var changed time.Time
	var size int64
	if info, err := os.Stat(f.path); err == nil {
		changed, size = info.ModTime(), info.Size()
	}
	if first || !changed.Equal(f.changed) || size != f.size {
		f.changed, f.size = changed, size
		f.value = f.parse(text(f.path))
	}
	return f.value
}

// text returns what stands in a file, "" if it cannot be read.
func text(path string) string {
	in, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer in.Close()
	b, err := io.ReadAll(io.LimitReader(in, maxFile))
	if err != nil {
		return ""
	}
	return string(b)
}
