//go:build !race

package registrar

// slowness is 1 without the race detector.
const slowness = 1
