package auth

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

func yesNo(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// decisions prints what becomes of the challenges of a realm in every case.
func decisions() []byte {
	var out bytes.Buffer
	fmt.Fprintln(&out, "answered\tusable\tstale\tcredentials\tdecision")
	for a := notAnswered; a <= afterStale; a++ {
		for _, usable := range []bool{false, true} {
			for _, stale := range []bool{false, true} {
				for _, credentials := range []bool{false, true} {
					d := decide(a, stale, usable, credentials)
					fmt.Fprintf(&out, "%s\t%s\t%s\t%s\t%s\n", answeredNames[a], yesNo(usable), yesNo(stale), yesNo(credentials), decisionNames[d])
				}
			}
		}
	}
	return out.Bytes()
}

func TestClientDecisions(t *testing.T) {
	golden.Equal(t, "testdata/golden/decisions.txt", decisions())
}

// The decisions are those that were typed from RFC 3261, Section 22, in which a star stands for either.
func TestClientDecisionsMatchTheRFC(t *testing.T) {
	f, err := os.Open("../testdata/rfc/challenge.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var rules [][]string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if l := lines.Text(); l != "" && !strings.HasPrefix(l, "#") {
			rules = append(rules, strings.Split(l, "\t"))
		}
	}
	rules = rules[1:]
	for _, row := range strings.Split(strings.TrimSpace(string(decisions())), "\n")[1:] {
		got := strings.Split(row, "\t")
		var want []string
		for _, r := range rules {
			fits := true
			for i := range 4 {
				fits = fits && (r[i] == "*" || r[i] == got[i])
			}
			if fits {
				want = append(want, r[4])
			}
		}
		if len(want) != 1 || want[0] != got[4] {
			t.Errorf("%q: want %q", row, want)
		}
	}
}

// Whatever a server says, a request goes to a realm three times at most: with what had success before, with an answer, and once more
// because that was stale.
func TestDecisionsEnd(t *testing.T) {
	for a := notAnswered; a <= afterStale; a++ {
		for choices := range 1 << 4 {
			at, sent := a, 0
			for i := range 4 {
				d := decide(at, choices>>i&1 == 1, true, true)
				if d != decideAnswer && d != decideAgain {
					break
				}
				sent++
				at = at.next(d)
			}
			if sent > 2 {
				t.Errorf("%s, %04b: sent %d times", answeredNames[a], choices, sent)
			}
		}
	}
}
