package transaction

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
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

// hearing is a conn that tells when something is sent.
type hearing struct {
	conn
	hear func()
}

func (c *hearing) Send(w parser.Wire) error {
	c.hear()
	return c.conn.Send(w)
}

// Who shuts down waits until nothing is unanswered and then closes the connections: an answer given inside Core.Request, whose sending
// waits for its return, counts as none before the connection has it.
func TestUnansweredUntilTheAnswerIsSent(t *testing.T) {
	for _, status := range []int{200, 486} {
		for _, method := range []string{"OPTIONS", "INVITE"} {
			synctest.Test(t, func(t *testing.T) {
				j := newJournal()
				req := request(method, NewBranch())
				var l *Layer
				at := func(when string, want int) {
					t.Helper()
					if n := l.Unanswered(); n != want {
						t.Errorf("%s %d, %s: %d unanswered, want %d", method, status, when, n, want)
					}
				}
				l = New(&core{j: j, request: func(tx *Server, _ *parser.Message) {
					if err := tx.Respond(wire(response(req, status, "b"))); err != nil {
						t.Error(err)
					}
					at("answered but not sent", 1)
				}}, nil)
				defer l.Shutdown()
				l.Receive(&hearing{conn: conn{j: j}, hear: func() { at("about to be sent", 1) }}, parsed(t, req))
				at("sent", 0)
			})
		}
	}
}

// An answer that is dropped before it was sent is waited for no longer.
func TestUnansweredForgetsWhatIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		req := request("OPTIONS", NewBranch())
		var l *Layer
		l = New(&core{j: j, request: func(tx *Server, _ *parser.Message) {
			if err := tx.Respond(wire(response(req, 200, "b"))); err != nil {
				t.Error(err)
			}
			l.Shutdown()
		}}, nil)
		l.Receive(&conn{j: j}, parsed(t, req))
		if n := l.Unanswered(); n != 0 {
			t.Errorf("%d unanswered, want none", n)
		}
	})
}
