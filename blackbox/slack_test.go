//go:build !race

package blackbox

// slack is how much slower everything may be.
const slack = 1
