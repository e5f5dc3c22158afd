package ua_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/siptest"
)

// flows are the call flows of testdata/flows: what passes on a perfect network, and how it ends on any.
const flows = "../testdata/flows"

// wire is the delay from one host to another.
const wire = 10 * time.Millisecond

// eachFlow runs f for every script, at the same time.
func eachFlow(t *testing.T, f func(t *testing.T, file string, s *siptest.Script)) {
	files, err := filepath.Glob(filepath.Join(flows, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d scripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, err := siptest.ParseScript(text)
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			f(t, file, s)
		})
	}
}

func TestFlows(t *testing.T) {
	eachFlow(t, func(t *testing.T, file string, s *siptest.Script) {
		ladders := map[string][]string{}
		for _, protocol := range []string{"udp", "tcp"} {
			r := s.Play(t, siptest.Staging{Protocol: protocol, Conditions: siptest.Conditions{Delay: wire}, Cast: stage()})
			ladders[protocol] = r.Ladder
		}
		golden.Equal(t, file, s.Text(ladders["udp"], ladders["tcp"]))
	})
}

// TestFlowsUnderLoss plays each flow where datagrams are lost, reordered and repeated, once for each seed.
func TestFlowsUnderLoss(t *testing.T) {
	playSeeds(t, "udp", siptest.Conditions{Delay: wire, Jitter: wire, Loss: 0.2, Reorder: 0.3, Duplicate: 0.05})
}

// TestFlowsUnderResets plays each flow where streams are cut at arbitrary octets, stall and are reset.
func TestFlowsUnderResets(t *testing.T) {
	playSeeds(t, "tcp", siptest.Conditions{Delay: wire, Jitter: wire, CutSegments: true, Stall: 0.05, Reset: 0.02})
}

func playSeeds(t *testing.T, protocol string, c siptest.Conditions) {
	eachFlow(t, func(t *testing.T, _ string, s *siptest.Script) {
		for seed := uint64(1); seed <= seeds && !t.Failed(); seed++ {
			s.Play(t, siptest.Staging{Protocol: protocol, Conditions: c, Seed: seed, Cast: stage(), Wait: longest + 60*time.Second})
		}
	})
}

const seeds = 100
