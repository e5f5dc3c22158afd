package transaction

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/ringback-sip/ringback/internal/golden"
)

// events are what can happen to each machine after its start.
var events = [machineCount][]event{
	inviteClient: {event1xx, event2xx, event3xx, eventTransportError,
		timerA.fired(), timerB.fired(), timerD.fired(), timerM.fired(), timerSafety.fired(), timerRefresh.fired()},
	nonInviteClient: {event1xx, event2xx, event3xx, eventTransportError,
		timerE.fired(), timerF.fired(), timerK.fired()},
	inviteServer: {eventRequest, eventACK, eventTU100, eventTU1xx, eventTU2xx, eventTU3xx, eventTransportError,
		timerGuard.fired(), timerG.fired(), timerH.fired(), timerI.fired(), timerL.fired(), timerSafety.fired()},
	nonInviteServer: {eventRequest, eventACK, eventTU100, eventTU1xx, eventTU2xx, eventTU3xx, eventTU408, eventTransportError,
		timerGuard.fired(), timerJ.fired(), timerAbandon.fired()},
}

// ours are the timers that the RFCs do not have in these machines.
const ours = timerSafety | timerRefresh

// row is a row of a table. Its key are the first four columns.
type row struct{ key, actions, next string }

// rows prints every row of every machine; without the timers that are ours when rfc is set.
func rows(rfc bool) []row {
	var all []row
	add := func(m machine, s state, e event) {
		for _, reliable := range []bool{false, true} {
			next, a := m.step(s, e, reliable)
			if rfc {
				a.start, a.stop, a.again = a.start&^ours, a.stop&^ours, a.again&^ours
			}
			yes := map[bool]string{false: "no", true: "yes"}[reliable]
			all = append(all, row{fmt.Sprintf("%v\t%v\t%v\t%s", m, s, e, yes), a.String(), next.String()})
		}
	}
	for m := range machineCount {
		for _, s := range states[m] {
			if s == stateNone {
				add(m, s, eventStart)
				continue
			}
			for _, e := range events[m] {
				if !rfc || e.timer()&ours == 0 {
					add(m, s, e)
				}
			}
		}
	}
	return all
}

func TestTablesGolden(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("machine\tstate\tevent\treliable\tactions\tnext\n")
	for _, r := range rows(false) {
		fmt.Fprintf(&b, "%s\t%s\t%s\n", r.key, r.actions, r.next)
	}
	golden.Equal(t, "testdata/golden/fsm.tsv", b.Bytes())
}

// The table that was typed from the RFCs has exactly our rows. The timers safety and refresh are left out: they are not the RFCs'.
func TestTablesAreTheRFCs(t *testing.T) {
	file, err := os.ReadFile("../testdata/rfc/transaction.tsv")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]row{}
	for i, line := range strings.Split(strings.TrimSuffix(string(file), "\n"), "\n")[1:] {
		col := strings.Split(line, "\t")
		if len(col) != 6 {
			t.Fatalf("line %d has %d columns: %q", i+2, len(col), line)
		}
		r := row{strings.Join(col[:4], "\t"), col[4], col[5]}
		if _, twice := want[r.key]; twice {
			t.Errorf("line %d: %q is there twice", i+2, r.key)
		}
		want[r.key] = r
	}
	got := rows(true)
	for _, r := range got {
		w, ok := want[r.key]
		delete(want, r.key)
		switch {
		case !ok:
			t.Errorf("%q is not in the file", r.key)
		case r != w:
			t.Errorf("%q:\n got %q -> %s\nwant %q -> %s", r.key, r.actions, r.next, w.actions, w.next)
		}
	}
	for key := range want {
		t.Errorf("%q is only in the file", key)
	}
	if len(got) < 300 {
		t.Errorf("only %d rows were compared", len(got))
	}
}

// place is where a machine can be: a state, and the timers that run in it.
type place struct {
	s   state
	run timers
}

// Walks every place that any order of events can lead to.
func TestEveryReachableStateHasItsTimers(t *testing.T) {
	for m := range machineCount {
		for _, reliable := range []bool{false, true} {
			places := walk(m, reliable)
			for p := range places {
				if p.s == stateNone {
					continue
				}
				if p.s == stateTerminated {
					if p.run != 0 {
						t.Errorf("%v, reliable %v: Terminated with timers %v", m, reliable, p.run.append(nil, "", ""))
					}
					continue
				}
				if b := bound(m, p.s); b == 0 || p.run&b == 0 {
					t.Errorf("%v, reliable %v: %v with timers %v has none that ends it", m, reliable, p.s, p.run.append(nil, "", ""))
				}
				// The shell has one place for a timer that repeats and one for a timer that ends.
				for _, kind := range []timers{p.run & repeating, p.run &^ repeating} {
					if kind&(kind-1) != 0 {
						t.Errorf("%v, reliable %v: %v runs %v at the same time", m, reliable, p.s, kind.append(nil, "", ""))
					}
				}
				for r := p.run; r != 0; r &= r - 1 {
					f := r & -r
					if next, a := m.step(p.s, f.fired(), reliable); next == p.s && a == (actions{}) {
						t.Errorf("%v, reliable %v: %v ignores its timer %v", m, reliable, p.s, f.append(nil, "", ""))
					}
				}
			}
			if !reliable && len(places) < len(states[m]) {
				t.Errorf("%v: walked %d places, has %d states", m, len(places), len(states[m]))
			}
		}
	}
}

// When only timers fire, every machine ends, whatever happened before.
func TestSilenceEndsEveryMachine(t *testing.T) {
	for m := range machineCount {
		for _, reliable := range []bool{false, true} {
			for p := range walk(m, reliable) {
				s := p.s
				for range 3 { // no chain of deadlines is longer: Proceeding, Completed, Terminated
					if b := bound(m, s); b != 0 {
						s, _ = m.step(s, b.fired(), reliable)
					}
				}
				if p.s != stateNone && s != stateTerminated {
					t.Errorf("%v, reliable %v: from %v silence leads to %v", m, reliable, p.s, s)
				}
			}
		}
	}
}

// walk returns the places that m can be brought to. A timer fires only where it runs.
func walk(m machine, reliable bool) map[place]bool {
	seen := map[place]bool{}
	todo := []place{{s: stateNone}}
	for len(todo) > 0 {
		p := todo[0]
		todo = todo[1:]
		if seen[p] {
			continue
		}
		seen[p] = true
		list := events[m]
		if p.s == stateNone {
			list = []event{eventStart}
		}
		for _, e := range list {
			f := e.timer()
			if f != 0 && p.run&f == 0 {
				continue
			}
			next, a := m.step(p.s, e, reliable)
			q := place{next, p.run&^f&^a.stop | a.start | a.again}
			if next == stateTerminated {
				q.run = 0
			}
			todo = append(todo, q)
		}
	}
	return seen
}

func TestNamesOutsideTheTables(t *testing.T) {
	for _, s := range []fmt.Stringer{machineCount, stateCount, eventCount} {
		if got := s.String(); got != "?" {
			t.Errorf("%T: got %q, want %q", s, got, "?")
		}
	}
}
