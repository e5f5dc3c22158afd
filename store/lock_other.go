//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package store

import (
	"errors"
	"os"
)

// lockFolder fails: two processes on one folder would destroy it, and here is no way to keep the second one out.
func lockFolder(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func syncFolder(string) error { return nil }
