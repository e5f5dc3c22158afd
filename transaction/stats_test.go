package transaction

import (
	"testing"
	"testing/synctest"
	"time"
)

// counted holds the counters of l against want.
func counted(t *testing.T, l *Layer, want Stats) {
	t.Helper()
	synctest.Wait()
	got := l.Stats()
	got.Clients, got.Servers, got.Unanswered, got.Sources, got.Held = 0, 0, 0, 0, 0
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestStatsCountWhatAClientSendsAgain(t *testing.T) {
	client(t, "OPTIONS", false, nil, func(e *clientTest) {
		e.j.until(2 * time.Second) // sent again at 0.5 and 1.5 s
		counted(e.T, e.l, Stats{Resent: 2})
		e.receive(3*time.Second, 200, "b")
		counted(e.T, e.l, Stats{Resent: 2})
	})
	client(t, "INVITE", false, nil, func(e *clientTest) {
		e.receive(time.Second/4, 486, "b")
		e.receive(time.Second/2, 486, "b")
		counted(e.T, e.l, Stats{Resent: 1}) // the ACK
	})
}

func TestStatsCountStraysAndTimeouts(t *testing.T) {
	client(t, "OPTIONS", true, nil, func(e *clientTest) {
		e.j.until(33 * time.Second)
		counted(e.T, e.l, Stats{Timeouts: 1})
		e.receive(34*time.Second, 200, "b")
		counted(e.T, e.l, Stats{Timeouts: 1, Strays: 1})
	})
}

func TestStatsCountRequestsThatComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		k := &core{j: j}
		l, c := New(k, nil), &conn{j: j}
		defer l.Shutdown()
		invite := request("INVITE", NewBranch())
		l.Receive(c, parsed(t, invite))
		l.Receive(c, parsed(t, invite))
		counted(t, l, Stats{Repeated: 1}) // there was nothing to send again
		if err := k.last(t).Respond(wire(response(invite, 486, "b"))); err != nil {
			t.Fatal(err)
		}
		l.Receive(c, parsed(t, invite))
		counted(t, l, Stats{Repeated: 2, Resent: 1})
		j.until(40 * time.Second) // no ACK: sent again at 0.5, 1.5, 3.5 s and every 4 s until 64*T1
		counted(t, l, Stats{Repeated: 2, Resent: 1 + 10, Timeouts: 1})
	})
}
