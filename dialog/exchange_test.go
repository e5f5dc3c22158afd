package dialog

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
	"github.com/ringback-sip/ringback/parser"
)

// carried is one event of an Exchange.
type carried struct {
	from      Side
	c         Carrier
	described bool
}

func (e carried) String() string {
	text := "recv "
	if e.from == Local {
		text = "send "
	}
	text += e.c.String()
	if e.described {
		text += " sdp"
	}
	return text
}

// allCarried returns every event. What refuses a request has no description that counts.
func allCarried() (all []carried) {
	for c := CarryInvite; c < carrierCount; c++ {
		for _, from := range []Side{Local, Remote} {
			all = append(all, carried{from, c, false})
			if !strings.HasPrefix(c.String(), "no ") {
				all = append(all, carried{from, c, true})
			}
		}
	}
	return all
}

// reachable returns every state of an Exchange.
func reachable() []Exchange {
	states := []Exchange{{}}
	for i := 0; i < len(states); i++ {
		for _, e := range allCarried() {
			if next, _ := states[i].step(e.from, e.c, e.described); !slices.Contains(states, next) {
				states = append(states, next)
			}
		}
	}
	slices.SortFunc(states, func(a, b Exchange) int { return strings.Compare(a.String(), b.String()) })
	return states
}

func TestExchangeGolden(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprintln(&b, "state\tevent\tverdict\tnext")
	for _, x := range reachable() {
		for _, e := range allCarried() {
			next, v := x.step(e.from, e.c, e.described)
			if v == VerdictNone && next == x {
				continue
			}
			fmt.Fprintf(&b, "%v\t%v\t%v\t%v\n", x, e, v, next)
		}
	}
	golden.Equal(t, "testdata/golden/offer-answer.tsv", b.Bytes())
}

// TestExchangeTableMatchesTheRFC holds the machine against the table that was typed from the RFCs, both ways.
func TestExchangeTableMatchesTheRFC(t *testing.T) {
	const path = "../testdata/rfc/offer-answer.tsv"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	type outcome struct{ verdict, next string }
	want := map[[2]string]outcome{}
	for line := range strings.Lines(string(text)) {
		c := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if strings.HasPrefix(line, "#") || c[0] == "state" {
			continue
		}
		if len(c) != 4 {
			t.Fatalf("%s: %q has %d columns", path, line, len(c))
		}
		key := [2]string{c[0], c[1]}
		if _, ok := want[key]; ok {
			t.Fatalf("%s: %q stands twice", path, line)
		}
		want[key] = outcome{c[2], c[3]}
	}
	met := map[[2]string]bool{}
	for _, x := range reachable() {
		for _, e := range allCarried() {
			base, state := cutBase(x)
			key := [2]string{state, e.String()}
			w, ok := want[key]
			met[key] = true
			switch {
			case ok:
			case e.described && e.from == Local:
				w = outcome{"refuse", "="}
			case e.described:
				w = outcome{"ignore", "="}
			default:
				w = outcome{"-", "="}
			}
			if w.next == "=" {
				w.next = state
			}
			if w.verdict == "answer" {
				base = "stable"
			}
			next, v := x.step(e.from, e.c, e.described)
			gotBase, got := cutBase(next)
			if v.String() != w.verdict || got != w.next || gotBase != base {
				t.Errorf("%v, %v:\n got %v -> %s: %s\nwant %s -> %s: %s", x, e, v, gotBase, got, w.verdict, base, w.next)
			}
		}
	}
	for key := range want {
		if !met[key] {
			t.Errorf("%s, %s: only in the RFC's table", key[0], key[1])
		}
	}
}

// cutBase returns whether there is a session, and the rest of a state's name.
func cutBase(x Exchange) (base, state string) {
	base, state, ok := strings.Cut(x.String(), ", ")
	if !ok {
		state = "-"
	}
	return base, state
}

// Both ends of a dialog are never of two minds: what one sends and the other receives has them in mirrored states, when nothing crosses.
func TestExchangeIsTheSameAtBothEnds(t *testing.T) {
	mirror := func(x Exchange) Exchange {
		x.invite, x.by = x.invite.other(), x.by.other()
		return x
	}
	for _, x := range reachable() {
		for _, e := range allCarried() {
			if e.from != Local {
				continue
			}
			ours, v := x.step(Local, e.c, e.described)
			if v >= VerdictIgnore {
				continue
			}
			theirs, w := mirror(x).step(Remote, e.c, e.described)
			if v != w || mirror(ours) != theirs {
				t.Errorf("%v, %v: %v -> %v, and at the peer %v -> %v", x, e, v, ours, w, theirs)
			}
		}
	}
}

// A refused message changes nothing (RFC 3261, Sections 12.2.2 and 14.2).
func TestExchangeRefusalChangesNothing(t *testing.T) {
	for _, x := range reachable() {
		for _, e := range allCarried() {
			if next, v := x.step(e.from, e.c, e.described); v >= VerdictRefuse && next != x {
				t.Errorf("%v, %v: %v, but -> %v", x, e, v, next)
			}
		}
	}
}

func TestVerdictStatus(t *testing.T) {
	want := map[Verdict]parser.Status{VerdictPending: 491, VerdictLater: 500, VerdictIllegal: 488}
	for v := range verdictCount {
		if v.Status() != want[v] {
			t.Errorf("%v: status %d, want %d", v, v.Status(), want[v])
		}
	}
}

// TestExchangeOfACall walks through the call of RFC 3311, Section 8, at the callee.
func TestExchangeOfACall(t *testing.T) {
	var x Exchange
	for _, s := range []struct {
		e    carried
		want Verdict
		open Side
	}{
		{carried{Remote, CarryInvite, true}, VerdictOffer, Remote},
		{carried{Local, CarryReliable, true}, VerdictAnswer, 0},
		{carried{Local, CarryUpdate, true}, VerdictRefuse, 0},
		{carried{Remote, CarryPrack, false}, VerdictNone, 0},
		{carried{Local, CarryPrackSuccess, false}, VerdictNone, 0},
		{carried{Remote, CarryUpdate, true}, VerdictOffer, Remote},
		{carried{Local, CarryUpdateSuccess, true}, VerdictAnswer, 0},
		{carried{Local, CarryUpdate, true}, VerdictOffer, Local},
		{carried{Remote, CarryUpdateSuccess, true}, VerdictAnswer, 0},
		{carried{Local, CarrySuccess, false}, VerdictNone, 0},
		{carried{Remote, CarryAck, false}, VerdictNone, 0},
	} {
		if v := x.Step(s.e.from, s.e.c, s.e.described); v != s.want || x.Open() != s.open {
			t.Fatalf("%v: %v, open %v; want %v, %v", s.e, v, x.Open(), s.want, s.open)
		}
	}
	if x != (Exchange{agreed: true}) || x.Inviting() != 0 || x.Owes(Local) || x.String() != "stable" {
		t.Errorf("ends in %v", x)
	}
	x.Step(Remote, CarryInvite, false)
	if !x.Owes(Local) || x.Owes(Remote) || x.Inviting() != Remote {
		t.Errorf("%v: who owes an offer?", x)
	}
}
