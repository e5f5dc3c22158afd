package transaction

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// clientTest is a client transaction in a bubble.
type clientTest struct {
	*testing.T
	j   *journal
	l   *Layer
	c   *conn
	u   *user
	tx  *Client
	req string
}

// client runs f beside a client transaction that was just started.
func client(t *testing.T, method string, reliable bool, cfg *Config, f func(*clientTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		e := &clientTest{T: t, j: j, l: New(nil, cfg), c: &conn{j: j, reliable: reliable}, u: &user{j: j}}
		defer e.l.Shutdown()
		e.start(method)
		f(e)
	})
}

func (e *clientTest) start(method string) {
	e.Helper()
	e.req = request(method, NewBranch())
	tx, err := e.l.Request(e.c, wire(e.req), e.u)
	if err != nil {
		e.Fatal(err)
	}
	e.tx = tx
}

// receive takes a response at d after the start.
func (e *clientTest) receive(d time.Duration, status int, toTag string) {
	e.Helper()
	e.j.until(d)
	e.l.Receive(e.c, parsed(e, response(e.req, status, toTag)))
}

func TestInviteClientAcknowledgesRefusals(t *testing.T) {
	client(t, "INVITE", false, nil, func(e *clientTest) {
		e.receive(time.Second, 180, "b")
		e.receive(5*time.Second, 486, "b")
		e.receive(6*time.Second, 486, "b")
		e.receive(7*time.Second, 486, "b")
		e.receive(8*time.Second, 180, "b") // out of order: dropped
		e.receive(9*time.Second, 200, "b")
		gone(e.T, e.j, e.l, 37*time.Second)
		e.receive(38*time.Second, 486, "b")
		e.j.want(e.T, `
			0s send INVITE
			500ms send INVITE
			1s tu 180
			5s send ACK
			5s tu 486
			6s send ACK
			7s send ACK`)
	})
	client(t, "INVITE", true, nil, func(e *clientTest) {
		e.receive(5*time.Second, 603, "b")
		counts(e.T, e.l, 0, 0)
		e.j.want(e.T, "0s send INVITE\n5s send ACK\n5s tu 603")
	})
	client(t, "INVITE", false, &Config{T1: 100 * time.Millisecond}, func(e *clientTest) {
		e.receive(time.Second, 486, "b")
		gone(e.T, e.j, e.l, 33*time.Second) // the peer's T1 is not known
	})
}

func TestAckOfRefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(nil, nil)
		defer l.Shutdown()
		c := &conn{}
		req := request("INVITE", "z9hG4bKabc",
			"Max-Forwards: 70\r\n", "Max-Forwards: 70\r\nRoute: <sip:p1.example;lr>\r\nRoute: <sip:p2.example;lr>\r\n"+
				"Require: 100rel\r\nProxy-Require: x\r\nProxy-Authorization: Digest username=\"alice\"\r\n",
			"Content-Length: 0\r\n\r\n", "Content-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody")
		if _, err := l.Request(c, wire(req), &user{j: newJournal()}); err != nil {
			t.Fatal(err)
		}
		l.Receive(c, parsed(t, response(req, 486, "b")))
		want := "ACK sip:bob@biloxi.example SIP/2.0\r\n" +
			"Via: SIP/2.0/UDP pc33.atlanta.example:5066;branch=z9hG4bKabc\r\n" +
			"Route: <sip:p1.example;lr>\r\nRoute: <sip:p2.example;lr>\r\n" +
			"Max-Forwards: 70\r\n" +
			"From: Alice <sip:alice@atlanta.example>;tag=1928301774\r\n" +
			"To: Bob <sip:bob@biloxi.example>;tag=b\r\n" +
			"Call-ID: a84b4c76e66710@pc33.atlanta.example\r\n" +
			"CSeq: 314159 ACK\r\n" +
			"Proxy-Authorization: Digest username=\"alice\"\r\n" +
			"Content-Length: 0\r\n\r\n"
		if got := c.last(t); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		l.Receive(c, parsed(t, response(req, 486, "b")))
		if got := c.last(t); got != want || len(c.sent) != 3 {
			t.Errorf("repeated: message %d is\n%s", len(c.sent), got)
		}
	})
}

func TestInviteClientPassesEveryAnswer(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		client(t, "INVITE", reliable, nil, func(e *clientTest) {
			e.receive(100*time.Millisecond, 200, "b")
			e.receive(time.Second, 200, "b")
			e.receive(2*time.Second, 200, "c")
			e.receive(3*time.Second, 200, "d")
			e.receive(4*time.Second, 180, "e")
			e.receive(5*time.Second, 486, "e")
			gone(e.T, e.j, e.l, 32100*time.Millisecond)
			e.receive(70*time.Second, 200, "b")
			e.j.want(e.T, `
				0s send INVITE
				100ms tu 200
				1s tu 200
				2s tu 200
				3s tu 200`)
		})
	}
}

func TestNonInviteClientAbsorbsRepeatedFinal(t *testing.T) {
	client(t, "OPTIONS", false, nil, func(e *clientTest) {
		for i := range 3 {
			e.receive(time.Second+time.Duration(i)*100*time.Millisecond, 200, "b")
		}
		e.receive(2*time.Second, 404, "b")
		gone(e.T, e.j, e.l, 6*time.Second)
		e.j.want(e.T, `
			0s send OPTIONS
			500ms send OPTIONS
			1s tu 200`)
	})
	client(t, "OPTIONS", true, nil, func(e *clientTest) {
		e.receive(time.Second, 404, "b")
		counts(e.T, e.l, 0, 0)
		e.receive(2*time.Second, 404, "b")
		e.j.want(e.T, "0s send OPTIONS\n1s tu 404")
	})
}

func TestClientTellsTransportError(t *testing.T) {
	refused := errors.New("connection refused")
	for _, method := range []string{"INVITE", "OPTIONS"} {
		t.Run(method+" when sending", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJournal()
				l := New(nil, nil)
				c := &conn{j: j, err: refused}
				var got error
				tx, err := l.Request(c, wire(request(method, NewBranch())), &user{j: j, failed: func(_ *Client, err error) { got = err }})
				if tx == nil || err != nil {
					t.Fatalf("got %v, %v; want a transaction whose user is told", tx, err)
				}
				counts(t, l, 0, 0)
				j.want(t, "0s send "+method+"\n0s tu connection refused")
				if !errors.Is(got, refused) || Status(got) != parser.StatusServiceUnavailable {
					t.Errorf("got %v", got)
				}
			})
		})
		t.Run(method+" later", func(t *testing.T) {
			client(t, method, false, nil, func(e *clientTest) {
				e.j.until(100 * time.Millisecond)
				e.l.Failed(e.c, refused)
				e.l.Failed(e.c, refused)
				e.l.Failed(&conn{}, refused) // another's
				counts(e.T, e.l, 0, 0)
				e.j.until(time.Minute)
				e.j.want(e.T, "0s send "+method+"\n100ms tu connection refused")
			})
		})
	}
}

func TestInviteClientSurvivesLostConnectionWhileRinging(t *testing.T) {
	client(t, "INVITE", true, nil, func(e *clientTest) {
		e.receive(time.Second, 180, "b")
		e.l.Failed(e.c, errors.New("reset"))
		e.receive(2*time.Second, 200, "b") // over another connection (RFC 3261, Section 18.2.2)
		e.j.want(e.T, "0s send INVITE\n1s tu 180\n2s tu 200")
	})
}

func TestInviteClientTellsFailedAck(t *testing.T) {
	client(t, "INVITE", false, nil, func(e *clientTest) {
		e.c.fail(errors.New("reset"))
		e.receive(100*time.Millisecond, 486, "b")
		counts(e.T, e.l, 0, 0)
		e.j.want(e.T, "0s send INVITE\n100ms send ACK\n100ms tu 486\n100ms tu reset")
	})
}

func TestClientRefusesWhatIsNoRequest(t *testing.T) {
	l := New(nil, nil)
	defer l.Shutdown()
	ok := request("OPTIONS", "z9hG4bKa")
	tests := []struct {
		name string
		text string
		want error // nil: any
	}{
		{"ACK", request("ACK", "z9hG4bKa"), ErrRequest},
		{"response", response(ok, 200, "b"), ErrRequest},
		{"no branch", request("OPTIONS", ""), ErrRequest},
		{"bare cookie", request("OPTIONS", "z9hG4bK"), ErrRequest},
		{"no cookie", request("OPTIONS", "abcdefgh"), ErrRequest},
		{"no Via", changed(ok, "Via:", "Vie:"), nil},
		{"no CSeq", changed(ok, "CSeq:", "CSek:"), ErrRequest},
		{"cut", ok[:40], nil},
		{"promises a body", changed(ok, "Length: 0", "Length: 5"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := &conn{}
			tx, err := l.Request(c, wire(tt.text), &user{})
			if tx != nil || err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("got %v, %v; want error %v", tx, err, tt.want)
			}
			if len(c.sent) != 0 {
				t.Errorf("sent %q", c.sent)
			}
		})
	}
	if n, _ := l.Counts(); n != 0 {
		t.Errorf("%d transactions", n)
	}
}

func TestClientRefusesBranchInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(nil, nil)
		defer l.Shutdown()
		j := newJournal()
		first := wire(request("OPTIONS", "z9hG4bKa"))
		if _, err := l.Request(&conn{}, first, &user{j: j}); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Request(&conn{}, wire(request("OPTIONS", "Z9HG4BKA")), &user{j: j}); !errors.Is(err, ErrBranch) {
			t.Errorf("got %v, want %v", err, ErrBranch)
		}
		if _, err := l.Request(&conn{}, wire(request("MESSAGE", "z9hG4bKa")), &user{j: j}); err != nil {
			t.Errorf("another method: %v", err)
		}
	})
}

// A body in parts is sent as it is and stands in the request that an INVITE's user sees.
func TestClientSendsBodyInParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(nil, nil)
		defer l.Shutdown()
		for _, method := range []string{"INVITE", "NOTIFY"} {
			text := request(method, NewBranch(), "Content-Length: 0", "Content-Type: text/plain\r\nContent-Length: 6")
			c := &conn{}
			tx, err := l.Request(c, parser.Wire{Head: []byte(text), Body: [3][]byte{[]byte("abc"), []byte("def")}}, &user{j: newJournal()})
			if err != nil {
				t.Fatal(err)
			}
			time.Sleep(500 * time.Millisecond)
			synctest.Wait()
			if len(c.sent) != 2 || c.sent[0] != text+"abcdef" || c.sent[1] != c.sent[0] {
				t.Errorf("%s: sent %q", method, c.sent)
			}
			want := map[string]string{"INVITE": "abcdef", "NOTIFY": ""}[method]
			if got := string(tx.Request().Body()); got != want {
				t.Errorf("%s: body of Request is %q, want %q", method, got, want)
			}
			if got := tx.Request().Method().String(); got != method {
				t.Errorf("method of Request is %q, want %q", got, method)
			}
		}
	})
}

func TestBranchesAreUnique(t *testing.T) {
	seen := make(map[string]bool)
	for range 100_000 {
		b := NewBranch()
		if !strings.HasPrefix(b, "z9hG4bK") || strings.ToLower(b[7:]) != b[7:] || len(b) < 7+20 {
			t.Fatalf("got %q", b)
		}
		if seen[b] {
			t.Fatalf("%q twice", b)
		}
		seen[b] = true
	}
}

func TestAbandonedClientIsSilent(t *testing.T) {
	client(t, "INVITE", false, nil, func(e *clientTest) {
		e.receive(time.Second, 180, "b")
		e.tx.Abandon()
		e.tx.Abandon()
		counts(e.T, e.l, 0, 0)
		e.receive(2*time.Second, 200, "b")
		e.l.Failed(e.c, errors.New("reset"))
		e.j.until(time.Hour)
		e.j.want(e.T, "0s send INVITE\n500ms send INVITE\n1s tu 180")
	})
	client(t, "INVITE", false, nil, func(e *clientTest) { // from inside a callback
		e.u.response = func(tx *Client, _ *parser.Message) { tx.Abandon() }
		e.receive(time.Second, 180, "b")
		e.receive(2*time.Second, 200, "b")
		counts(e.T, e.l, 0, 0)
		e.j.want(e.T, "0s send INVITE\n500ms send INVITE\n1s tu 180")
	})
}

// What waited for its turn when the user gave up does not reach it.
func TestAbandonedClientDropsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		l := New(nil, nil)
		defer l.Shutdown()
		req := request("INVITE", "z9hG4bKabc")
		var c *hook
		c = &hook{f: func(parser.Wire) error {
			l.Receive(c, parsed(t, response(req, 180, "b")))
			l.Receive(c, parsed(t, response(req, 200, "b")))
			return nil
		}}
		u := &user{j: j, response: func(tx *Client, _ *parser.Message) { tx.Abandon() }}
		if _, err := l.Request(c, wire(req), u); err != nil {
			t.Fatal(err)
		}
		j.want(t, "0s tu 180")
		counts(t, l, 0, 0)
	})
}

func TestResponsesThatMatchNothingAreDropped(t *testing.T) {
	client(t, "INVITE", false, nil, func(e *clientTest) {
		branch := string(must(parsed(e, e.req).Via()).Branch())
		for _, text := range []string{
			response(e.req, 200, "b", branch, "z9hG4bKother"),
			response(e.req, 200, "b", ";branch="+branch, ""),
			response(e.req, 200, "b", "314159 INVITE", "314159 CANCEL"),
			response(e.req, 200, "b", "314159 INVITE", "314159 NONSENSE"),
			response(e.req, 200, "b", "314159 INVITE", "314159 invite"),
		} {
			e.l.Receive(e.c, parsed(e, text))
		}
		e.j.want(e.T, "0s send INVITE")
		e.l.Receive(e.c, parsed(e, response(e.req, 180, "b", branch, strings.ToUpper(branch)))) // tokens have no case
		e.j.want(e.T, "0s tu 180")
	})
	client(t, "FOO", false, nil, func(e *clientTest) {
		e.l.Receive(e.c, parsed(e, response(e.req, 404, "b", "314159 FOO", "314159 BAR")))
		e.l.Receive(e.c, parsed(e, response(e.req, 200, "b")))
		e.j.want(e.T, "0s send FOO\n0s tu 200")
	})
}

// must returns v of a call that cannot fail.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
