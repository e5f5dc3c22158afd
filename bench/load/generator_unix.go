//go:build unix

package main

import (
	"errors"
	"syscall"
)

// refused reports whether err says that nobody listened when something was sent.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
