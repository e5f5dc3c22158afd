package siptest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/internal/golden"
)

const wire = 10 * time.Millisecond // the delay of the perfect network

// The flows in testdata are played by the script's own parties at both ends: what they show is how a peer and a
// proxy behave.
func TestPlayPeersAndProxies(t *testing.T) {
	files, err := filepath.Glob("testdata/flows/*.txt")
	if err != nil || len(files) < 6 {
		t.Fatalf("found %d scripts, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s := readScript(t, file)
			ladders := map[string][]string{}
			for _, protocol := range []string{"udp", "tcp"} {
				ladders[protocol] = s.Play(t, Staging{Protocol: protocol, Conditions: Conditions{Delay: wire}}).Ladder
			}
			golden.Equal(t, file, s.Text(ladders["udp"], ladders["tcp"]))
			for seed := range uint64(20) {
				s.Play(t, Staging{Protocol: "udp", Seed: seed, Conditions: Conditions{Delay: wire, Loss: 0.2, Reorder: 0.3, Duplicate: 0.05}})
				s.Play(t, Staging{Protocol: "tcp", Seed: seed, Conditions: Conditions{Delay: wire, CutSegments: true, Stall: 0.1, Reset: 0.02}})
			}
		})
	}
}

func readScript(t *testing.T, file string) *Script {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseScript(text)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s
}

// A seed plays a script the same way each time.
func TestPlayRepeatsItself(t *testing.T) {
	s := readScript(t, "testdata/flows/trapezoid.txt")
	for _, protocol := range []string{"udp", "tcp"} {
		st := Staging{Protocol: protocol, Seed: 3, Conditions: Conditions{Delay: wire, Loss: 0.2, Reorder: 0.3, Duplicate: 0.05, CutSegments: true, Stall: 0.1}}
		first := strings.Join(s.Play(t, st).Ladder, "\n")
		for range 5 {
			if again := strings.Join(s.Play(t, st).Ladder, "\n"); again != first {
				t.Fatalf("%s: first\n%s\nthen\n%s", protocol, first, again)
			}
		}
	}
}

// Parties of a script get through what transactions are for: with a loss of 20 % a call that needs twenty messages seldom fails.
func TestPlayGetsThroughLoss(t *testing.T) {
	s := readScript(t, "testdata/flows/trapezoid.txt")
	for name, st := range map[string]Staging{
		"udp": {Conditions: Conditions{Delay: wire, Loss: 0.2, Reorder: 0.3, Duplicate: 0.05}},
		"tcp": {Protocol: "tcp", Conditions: Conditions{Delay: wire, CutSegments: true, Stall: 0.3}},
	} {
		complete := 0
		for st.Seed = range 50 {
			if hasAll(strings.Fields(s.Play(t, st).Outcomes["bob"]), []string{"INVITE", "ACK", "200"}) {
				complete++
			}
		}
		if complete < 45 {
			t.Errorf("%s: %d of 50 calls were complete, want 45", name, complete)
		}
	}
}

// understudy is an Actor that does what a test says.
type understudy struct {
	outcome string
	live    int
	leave   chan bool // a goroutine waits for it
	unarmed []string
	did     []string
	fail    error
}

func (u *understudy) Do(verb string, args []string) error {
	u.did = append(u.did, verb+" "+strings.Join(args, " "))
	return u.fail
}
func (u *understudy) Outcome() string      { return u.outcome }
func (u *understudy) Live() map[string]int { return map[string]int{"calls": u.live} }
func (u *understudy) Close()               {}
func (u *understudy) Unarmed() []string    { return u.unarmed }

// stub is a script with one agent.
const stub = `
domain example.com bob alice
agent alice 10.0.0.1 via bob user=carol@bob
peer bob 10.0.0.2
steps
1s alice calls bob sip:x@example.com <plain>
2s end
ladder
outcome
alice: ended local | ended remote
bob: got INVITE | got BYE
outcome under loss
alice: ended local
bob: got INVITE
or
alice: failed 408
bob: got
outcome under resets
alice: failed reset
`

func TestPlayGivesParts(t *testing.T) {
	s, err := ParseScript([]byte(stub))
	if err != nil {
		t.Fatal(err)
	}
	for protocol, want := range map[string]string{
		"udp": "alice udp [via sip:bob@10.0.0.2 user=sip:carol@10.0.0.2] [10.0.0.2:5060 10.0.0.1:5060] [] " +
			"[calls sip:bob@10.0.0.2 sip:x@example.com <plain>]",
		"tcp": "alice tcp [via sip:bob@10.0.0.2;transport=tcp user=sip:carol@10.0.0.2;transport=tcp] [10.0.0.2:5060 10.0.0.1:5060] [] " +
			"[calls sip:bob@10.0.0.2;transport=tcp sip:x@example.com;transport=tcp <plain>]",
	} {
		synctest.Test(t, func(t *testing.T) {
			u := &understudy{outcome: "ended local"}
			var part Part
			s.play(&witness{TB: t}, Staging{Protocol: protocol, Cast: func(p Part) (Actor, error) { part = p; return u, nil }})
			got := fmt.Sprint(part.Name, " ", part.Protocol, " ", part.Args, " ", part.Locate("example.com"), " ", part.Locate("example.org"), " ", u.did)
			if got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// Play sees whatever may be wrong.
func TestPlayFails(t *testing.T) {
	stay := make(chan bool)
	defer close(stay)
	for _, tt := range []struct {
		name  string
		actor understudy
		cast  error
		st    Staging
		want  []string
	}{
		{name: "all is well", actor: understudy{outcome: "ended remote"}, want: []string{"bob: got, want got INVITE | got BYE"}},
		{name: "another outcome", actor: understudy{outcome: "failed 486"},
			want: []string{"alice: failed 486, want ended local | ended remote"}},
		{name: "an outcome of loss without loss", actor: understudy{outcome: "failed 408"}, want: []string{"alice: failed 408, want ended"}},
		{name: "an outcome of loss", actor: understudy{outcome: "failed 408"}, st: Staging{Conditions: Conditions{Loss: 0.01}}},
		{name: "outcomes that do not go together", actor: understudy{outcome: "ended local"}, st: Staging{Conditions: Conditions{Loss: 0.01}},
			want: []string{"bob: got, want got INVITE; or alice: ended local, want failed 408"}},
		{name: "an outcome of loss over TCP", actor: understudy{outcome: "failed 408"}, st: Staging{Protocol: "tcp", Conditions: Conditions{Reset: 0.01}},
			want: []string{"alice: failed 408, want failed reset"}},
		{name: "something is left", actor: understudy{outcome: "ended local", live: 2}, want: []string{"alice's calls: 2 left, want 0", "bob: got,"}},
		{name: "something has no deadline", actor: understudy{outcome: "failed reset", unarmed: []string{"call"}},
			st:   Staging{Protocol: "tcp", Conditions: Conditions{Reset: 0.01}},
			want: slicesRepeat("s: alice's call is alive and has no deadline", 16)},
		{name: "a step that is refused", actor: understudy{outcome: "ended local", fail: errors.New("no")}, want: []string{"1s alice calls: no", "bob: got,"}},
		{name: "nobody to play", cast: errors.New("ill"), want: []string{"alice: ill"}},
		{name: "a goroutine is left", actor: understudy{outcome: "failed 408", leave: stay}, st: Staging{Conditions: Conditions{Loss: 0.01}},
			want: []string{"goroutine left:"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := ParseScript([]byte(stub))
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				leave := make(chan bool)
				tt.st.Cast = func(Part) (Actor, error) {
					if tt.actor.leave != nil {
						go func() { <-leave }()
					}
					return &tt.actor, tt.cast
				}
				w := &witness{TB: t}
				s.play(w, tt.st)
				close(leave)
				if len(w.said) != len(tt.want) {
					t.Fatalf("got %d complaints %q, want %d", len(w.said), w.said, len(tt.want))
				}
				for i, want := range tt.want {
					if !strings.Contains(w.said[i], want) {
						t.Errorf("got %q, want %q", w.said[i], want)
					}
				}
			})
		})
	}
}

// slicesRepeat returns s n times.
func slicesRepeat(s string, n int) []string {
	var all []string
	for range n {
		all = append(all, s)
	}
	return all
}
