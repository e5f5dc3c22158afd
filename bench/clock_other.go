//go:build !unix

package main

import "time"

// clockName is what the figures are times of.
const clockName = "elapsed time"

var start = time.Now()

// clock returns the time since the start: what the system tells of the process is too coarse.
func clock() time.Duration { return time.Since(start) }
