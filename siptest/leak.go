package siptest

import (
	"bytes"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// Empty fails t with the name and number of each kind of object that is still alive. counts returns the lengths of the tables that hold
// them, such as the gauges of an agent's Stats. Call it when every deadline has passed, in a bubble after
// time.Sleep(128*T1 + T4).
func Empty(t testing.TB, counts func() map[string]int) {
	t.Helper()
	live := counts()
	for _, name := range slices.Sorted(maps.Keys(live)) {
		if live[name] != 0 {
			t.Errorf("%s: %d left, want 0", name, live[name])
		}
	}
}

// Armed waits until the bubble of [testing/synctest] that it is called in is idle, and fails t with each name that unarmed returns:
// the live objects without a deadline, which silence would keep for ever.
func Armed(t testing.TB, unarmed func() []string) {
	t.Helper()
	synctest.Wait()
	for _, name := range unarmed() {
		t.Errorf("%s is alive and has no deadline", name)
	}
}

// Alone fails t with the stack of each goroutine in its bubble beside the one that calls it. It waits until the bubble
// is idle. Call it when everything that the test started was shut down; [synctest.Test] itself panics over
// goroutines that are left, and does not say whose test they are.
func Alone(t testing.TB) {
	t.Helper()
	synctest.Wait()
	for _, stack := range others() {
		t.Errorf("goroutine left:\n%s", stack)
	}
}

// others returns the stacks of the other goroutines in the caller's bubble, without those in which package testing waits.
func others() []string {
	buf := make([]byte, 1<<16)
	for {
		n := runtime.Stack(buf, true)
		if n < len(buf) {
			buf = buf[:n]
			break
		}
		buf = make([]byte, 2*len(buf))
	}
	stacks := bytes.Split(buf, []byte("\n\n"))
	bubble := bubbleOf(stacks[0]) // the caller comes first
	var left []string
	for _, s := range stacks[1:] {
		waits := bytes.Contains(s, []byte("testing/synctest.testingSynctestTest(")) || bytes.Contains(s, []byte("internal/synctest.Run("))
		if bubbleOf(s) == bubble && !waits {
			left = append(left, string(s))
		}
	}
	return left
}

// bubbleOf returns what the first line of a stack says about its bubble: `goroutine 9 [select (durable), synctest bubble 3]:`.
func bubbleOf(stack []byte) string {
	line, _, _ := strings.Cut(string(stack), "\n")
	_, bubble, _ := strings.Cut(line, "synctest bubble ")
	return strings.TrimRight(bubble, "]:")
}
