//go:build race

package registrar

// slowness is by how much the race detector slows down what is timed.
const slowness = 20
