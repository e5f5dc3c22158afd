package transaction

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// serverTest is a server transaction in a bubble.
type serverTest struct {
	*testing.T
	j    *journal
	l    *Layer
	c    *conn
	core *core
	req  string
}

// server runs f beside a server transaction that a request just opened.
func server(t *testing.T, method string, reliable bool, cfg *Config, f func(*serverTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		e := &serverTest{T: t, j: j, core: &core{j: j}, c: &conn{j: j, reliable: reliable}, req: request(method, "z9hG4bKabc")}
		e.l = New(e.core, cfg)
		defer e.l.Shutdown()
		if !e.l.Receive(e.c, parsed(t, e.req)) {
			t.Fatal("the first request's Conn was not kept")
		}
		f(e)
	})
}

// again takes the request again, at d after the start.
func (e *serverTest) again(d time.Duration) { e.take(d, e.req) }

// take takes a message that opens no transaction.
func (e *serverTest) take(d time.Duration, text string) {
	e.Helper()
	e.j.until(d)
	if e.l.Receive(&conn{j: e.j, name: "other "}, parsed(e, text)) {
		e.Errorf("%v: the Conn of %s was kept", d, brief(text))
	}
}

// respond lets the user answer with a status at d after the start; the error is what Respond has to return.
func (e *serverTest) respond(d time.Duration, status int, want error) {
	e.Helper()
	e.j.until(d)
	if err := e.core.last(e.T).Respond(wire(response(e.req, status, "b"))); !errors.Is(err, want) {
		e.Errorf("%v: respond %d: got %v, want %v", d, status, err, want)
	}
}

func (e *serverTest) ack() string {
	return changed(e.req, "INVITE", "ACK", "To: Bob <sip:bob@biloxi.example>", "To: Bob <sip:bob@biloxi.example>;tag=b")
}

func TestInviteServerSendsTryingForASilentUser(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.again(100 * time.Millisecond) // nothing was sent yet
		e.again(500 * time.Millisecond)
		e.j.want(e.T, `
			0s core INVITE
			200ms send 100
			500ms send 100`)
		want := "SIP/2.0 100 Trying\r\n" +
			"Via: SIP/2.0/UDP pc33.atlanta.example:5066;branch=z9hG4bKabc\r\n" +
			"From: Alice <sip:alice@atlanta.example>;tag=1928301774\r\n" +
			"To: Bob <sip:bob@biloxi.example>\r\n" +
			"Call-ID: a84b4c76e66710@pc33.atlanta.example\r\n" +
			"CSeq: 314159 INVITE\r\n" +
			"Content-Length: 0\r\n\r\n"
		if got := e.c.last(e.T); !sameFields(got, want) {
			e.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// sameFields compares two messages without regard to the order of their lines.
func sameFields(a, b string) bool {
	set := func(s string) map[string]int {
		m := map[string]int{}
		for _, l := range strings.Split(s, "\r\n") {
			m[l]++
		}
		return m
	}
	x, y := set(a), set(b)
	for l, n := range x {
		if y[l] != n {
			return false
		}
	}
	return len(x) == len(y)
}

func TestTryingCopiesTimestampAndReceived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		l := New(&core{j: j}, nil)
		defer l.Shutdown()
		c := &conn{j: j}
		m := parsed(t, request("INVITE", "z9hG4bKabc;rport", "Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nTimestamp: 54\r\n"))
		m.SetReceived([]byte("192.0.2.1"), 9988)
		l.Receive(c, m)
		time.Sleep(time.Second)
		for _, want := range []string{"Timestamp: 54\r\n", "received=192.0.2.1", "rport=9988"} {
			if got := c.last(t); !strings.Contains(got, want) {
				t.Errorf("%q is not in\n%s", want, got)
			}
		}
	})
}

func TestInviteServerRepeatsLastProvisional(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.respond(100*time.Millisecond, 180, nil)
		e.again(500 * time.Millisecond)
		e.respond(time.Second, 183, nil)
		e.again(1500 * time.Millisecond)
		e.take(2*time.Second, e.ack()) // unexpected
		e.j.until(time.Minute)
		e.j.want(e.T, `
			0s core INVITE
			100ms send 180
			500ms send 180
			1s send 183
			1.5s send 183`)
	})
}

// What an accepted INVITE keeps for 64*T1 is no copy of its request: only its user needs that.
func TestAcceptedInviteLetsGoOfItsRequest(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		if e.core.last(e.T).Request() == nil {
			e.Error("no request before the answer")
		}
		e.respond(0, 200, nil)
		if e.core.last(e.T).Request() != nil {
			e.Error("the request was kept after a 2xx")
		}
		if s := e.l.Stats(); s.Held != overhead {
			e.Errorf("%d octets are held, want %d", s.Held, overhead)
		}
		e.respond(time.Second, 200, nil)
		e.j.want(e.T, "0s core INVITE\n0s send 200\n1s send 200")
	})
}

func TestInviteServerEndsByAck(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.respond(100*time.Millisecond, 486, nil)
		e.again(200 * time.Millisecond) // answered beside timer G
		e.take(700*time.Millisecond, e.ack())
		e.take(800*time.Millisecond, e.ack())
		e.again(900 * time.Millisecond)
		if e.core.last(e.T).Request() != nil {
			e.Error("the request was kept after the ACK")
		}
		gone(e.T, e.j, e.l, 5700*time.Millisecond)
		e.j.want(e.T, `
			0s core INVITE
			100ms send 486
			200ms send 486
			600ms send 486`)
	})
	server(t, "INVITE", true, nil, func(e *serverTest) {
		e.respond(0, 486, nil)
		e.take(time.Second, e.ack())
		counts(e.T, e.l, 0, 0)
		e.j.until(time.Minute)
		e.j.want(e.T, "0s core INVITE\n0s send 486")
	})
}

func TestInviteServerLeavesAnswersToItsUser(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		server(t, "INVITE", reliable, nil, func(e *serverTest) {
			e.respond(100*time.Millisecond, 200, nil)
			e.again(500 * time.Millisecond)
			e.respond(600*time.Millisecond, 200, nil)
			e.respond(700*time.Millisecond, 180, ErrState)
			e.respond(700*time.Millisecond, 486, ErrState)
			e.take(800*time.Millisecond, e.ack()) // with the INVITE's branch, as some peers do
			e.again(31 * time.Second)
			gone(e.T, e.j, e.l, 32100*time.Millisecond)
			e.respond(33*time.Second, 200, ErrState)
			e.j.want(e.T, `
				0s core INVITE
				100ms send 200
				600ms send 200
				800ms tu ACK`)
		})
	}
}

func TestAckGoesToTheCoreWithoutAUser(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.core.last(e.T).Bind(nil)
		e.respond(0, 200, nil)
		e.take(time.Second, e.ack())
		e.j.want(e.T, "0s core INVITE\n0s send 200\n1s core ACK")
	})
}

func TestServerRefusesWhatItsStateForbids(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.respond(0, 486, nil)
		for _, status := range []int{100, 180, 200, 500} {
			e.respond(0, status, ErrState)
		}
		e.take(0, e.ack())
		for _, status := range []int{100, 180, 200, 500} {
			e.respond(0, status, ErrState)
		}
		if err := e.core.last(e.T).Respond(wire(e.req)); !errors.Is(err, ErrState) {
			e.Errorf("a request as response: got %v, want %v", err, ErrState)
		}
		e.j.want(e.T, "0s core INVITE\n0s send 486")
	})
	server(t, "OPTIONS", false, nil, func(e *serverTest) {
		e.respond(0, 180, ErrState)
		e.respond(0, 100, ErrState)
		e.respond(0, 200, nil)
		for _, status := range []int{100, 180, 200, 500} {
			e.respond(0, status, ErrState)
		}
		e.j.want(e.T, "0s core OPTIONS\n0s send 200")
	})
}

func TestStatusOfWire(t *testing.T) {
	for text, want := range map[string]parser.Status{
		"SIP/2.0 200 OK\r\n\r\n": 200,
		"SIP/2.0 699":            699,
		"SIP/2.0 69":             0,
		"SIP/2.0 2x0 OK":         0,
		"SIP/3.0 200 OK":         0,
		"INVITE sip:a@b SIP/2.0": 0,
		"":                       0,
	} {
		if got := statusOf(wire(text)); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
	e := (&Server{}).eventOf
	if e(99) != 0 || e(700) != 0 || e(0) != 0 {
		t.Error("a status outside 100-699 is an event")
	}
}

func TestServerStaysAfterTransportError(t *testing.T) {
	reset := errors.New("reset")
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.c.fail(reset)
		e.respond(0, 180, nil)
		e.respond(0, 200, nil)
		e.again(time.Second)
		e.j.want(e.T, `
			0s core INVITE
			0s send 180
			0s tu reset
			0s send 200
			0s tu reset`)
		counts(e.T, e.l, 0, 1)
	})
	server(t, "INVITE", true, nil, func(e *serverTest) {
		e.respond(0, 486, nil)
		e.l.Failed(e.c, reset)
		e.again(time.Second)
		e.j.want(e.T, "0s core INVITE\n0s send 486\n0s tu reset\n1s send 486")
		counts(e.T, e.l, 0, 1)
	})
	server(t, "OPTIONS", false, nil, func(e *serverTest) {
		e.l.Failed(e.c, reset) // of something else: nothing was sent
		e.c.fail(reset)
		e.respond(0, 200, nil)
		e.c.fail(nil)
		e.again(time.Second)
		e.j.want(e.T, "0s core OPTIONS\n0s send 200\n0s tu reset\n1s send 200")
	})
}

func TestInviteServerAnswersForASilentUser(t *testing.T) {
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.respond(time.Second, 180, nil)
		e.respond(10*time.Minute, 180, nil)
		e.j.until(24 * time.Minute)
		counts(e.T, e.l, 0, 1)
		e.j.until(25*time.Minute + 2*time.Second)
		e.j.want(e.T, `
			0s core INVITE
			200ms send 100
			1s send 180
			10m0s send 180
			25m0s send 500
			25m0s tu transaction timed out
			25m0.5s send 500
			25m1.5s send 500`)
		if got := e.c.last(e.T); !strings.Contains(got, "biloxi.example>;tag=b\r\n") {
			e.Errorf("the To tag is not that of the 180:\n%s", got)
		}
		e.respond(25*time.Minute+3*time.Second, 200, ErrState)
		e.take(25*time.Minute+3*time.Second, e.ack())
		e.j.until(time.Hour)
		counts(e.T, e.l, 0, 0)
	})
}

func TestAbandonedInviteIsAnswered(t *testing.T) {
	server(t, "INVITE", true, nil, func(e *serverTest) {
		tx := e.core.last(e.T)
		tx.Abandon()
		if !tx.Final() {
			e.Error("not final")
		}
		tx.Abandon()
		e.j.want(e.T, "0s core INVITE\n0s send 500")
		if got := e.c.last(e.T); !strings.Contains(got, "biloxi.example>;tag=") {
			e.Errorf("no To tag in\n%s", got)
		}
	})
}

func TestNonInviteServerNeverSends408(t *testing.T) {
	server(t, "OPTIONS", false, nil, func(e *serverTest) {
		e.respond(time.Second, 408, nil)
		e.again(2 * time.Second)
		e.again(4 * time.Second)
		e.j.want(e.T, "0s core OPTIONS\n3.5s send 100\n4s send 100")
		e.respond(5*time.Second, 200, nil) // it found an answer after all
		e.j.want(e.T, "5s send 200")
	})
	server(t, "INVITE", false, nil, func(e *serverTest) {
		e.respond(0, 408, nil)
		e.j.want(e.T, "0s core INVITE\n0s send 408")
	})
}

func TestUnansweredNonInviteServerEnds(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		server(t, "OPTIONS", reliable, nil, func(e *serverTest) {
			e.core.last(e.T).Abandon()
			e.j.until(4 * time.Second)
			if e.core.last(e.T).Request() != nil {
				e.Error("the request of an abandoned transaction was kept after the 100")
			}
			gone(e.T, e.j, e.l, 32*time.Second)
			e.respond(33*time.Second, 200, ErrState)
			e.j.want(e.T, "0s core OPTIONS\n3.5s send 100")
		})
	}
}

// What the user does inside Request happens after Request has returned.
func TestServerRespondsInsideRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		k := &core{j: j, request: func(tx *Server, m *parser.Message) {
			for _, status := range []int{180, 183, 486} {
				if err := tx.Respond(wire(response(request("INVITE", "z9hG4bKabc"), status, "b"))); err != nil {
					t.Errorf("%d: %v", status, err)
				}
			}
			j.add("core returns")
		}}
		l := New(k, nil)
		defer l.Shutdown()
		l.Receive(&conn{j: j}, parsed(t, request("INVITE", "z9hG4bKabc")))
		j.want(t, `
			0s core INVITE
			0s core returns
			0s send 180
			0s send 183
			0s send 486`)
	})
}

// An INVITE that nothing can be written to, because its To leaves no room for a tag, leaves nothing behind.
func TestAbandonedInviteWithoutAnAnswerEnds(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		long := request("INVITE", "z9hG4bKabc", "Bob <", `"`+strings.Repeat("x", parser.MaxLine-len(`To: "" <sip:bob@biloxi.example>`)-len(";tag=1"))+`" <`)
		e.receive(long)
		e.core.last(e.T).Abandon()
		counts(e.T, e.l, 0, 0)
		if n := e.l.Unanswered(); n != 0 {
			e.Errorf("%d unanswered, want 0", n)
		}
	})
}
