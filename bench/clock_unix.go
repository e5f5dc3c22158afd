//go:build unix

package main

import (
	"syscall"
	"time"
)

// clockName is what the figures are times of.
const clockName = "processor time"

// clock returns the processor time that the process has used, that of the garbage collector included.
func clock() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("bench: getrusage: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
