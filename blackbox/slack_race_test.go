//go:build race

package blackbox

// slack is how much slower everything may be: the race detector costs that much.
const slack = 10
