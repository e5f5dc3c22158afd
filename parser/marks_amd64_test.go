//go:build !purego

package parser

import "testing"

// Whichever registers are used here, both kinds read the same.
func TestMarksOfBothKinds(t *testing.T) {
	if !avx2 {
		t.Log("no AVX2 here: only SSE2 is tested")
	}
	defer func(is bool) { avx2 = is }(avx2)
	avx2 = false
	TestMarks(t)
}
