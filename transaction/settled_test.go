package transaction

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// settled fails the test when not so many transactions of a table have settled.
func settled(t *testing.T, all *table, want int) {
	t.Helper()
	synctest.Wait()
	if got := all.len() - len(all.live()); got != want {
		t.Errorf("%d transactions have settled, want %d", got, want)
	}
}

func TestSettledServerRepeatsItsAnswer(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		e.core.unbound = true
		options := request("OPTIONS", "z9hG4bKabc")
		c, _ := e.receive(options)
		e.j.until(time.Second)
		e.respond(options, 200)
		settled(e.T, &e.l.servers, 1)
		tx := e.core.last(e.T)
		if err := tx.Respond(wire(response(options, 200, "b"))); !errors.Is(err, ErrState) {
			e.Errorf("a second answer: got %v, want %v", err, ErrState)
		}
		if !tx.Final() || tx.Request() != nil || tx.Conn() != Conn(c) || tx.Method() != parser.MethodOptions {
			e.Errorf("final %v, request %v, conn %v, method %v", tx.Final(), tx.Request(), tx.Conn(), tx.Method())
		}
		tx.Abandon()
		e.receive(options)
		c.fail(errors.New("no way"))
		e.j.until(33*time.Second - 1)
		e.receive(options)
		if n := e.l.Unarmed(); n != 0 {
			e.Errorf("%d transactions are unarmed", n)
		}
		e.j.until(33 * time.Second)
		counts(e.T, e.l, 0, 0)
		empty(e.T, e.l)
		e.receive(options)
		e.j.want(e.T, `
			0s core OPTIONS
			1s send 200
			1s send 200
			32.999999999s send 200
			33s core OPTIONS`)
		counted(e.T, e.l, Stats{Repeated: 2, Resent: 2})
	})
}

func TestServerWithAUserDoesNotSettle(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		options := request("OPTIONS", "z9hG4bKabc")
		c, _ := e.receive(options)
		e.respond(options, 200)
		settled(e.T, &e.l.servers, 0)
		c.fail(errors.New("no way"))
		e.receive(options)
		e.j.want(e.T, "0s core OPTIONS\n0s send 200\n0s send 200\n0s tu no way")
		gone(e.T, e.j, e.l, 32*time.Second)
	})
}

// A body apart from the head is repeated as well.
func TestSettledServerRepeatsTheWholeAnswer(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		e.core.unbound = true
		options := request("OPTIONS", "z9hG4bKabc")
		c, _ := e.receive(options)
		head := strings.Replace(response(options, 200, "b"), "Content-Length: 0", "Content-Length: 8", 1)
		w := parser.Wire{Head: []byte(head), Body: [3][]byte{[]byte("body"), nil, []byte("more")}}
		if err := e.core.last(e.T).Respond(w); err != nil {
			e.Fatal(err)
		}
		settled(e.T, &e.l.servers, 1)
		e.receive(options)
		if got := c.last(e.T); len(c.sent) != 2 || got != head+"bodymore" {
			e.Errorf("sent %d times, at last\n%s", len(c.sent), got)
		}
	})
}

// An answered request that is cancelled is found, and the CANCEL changes nothing (RFC 3261, Section 9.2).
func TestCancelFindsTheSettled(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		e.core.unbound = true
		options := request("OPTIONS", "z9hG4bKabc")
		e.receive(options)
		e.respond(options, 200)
		settled(e.T, &e.l.servers, 1)
		var target *Server
		e.core.cancel = func(_, s *Server) { target = s }
		e.receive(request("CANCEL", "z9hG4bKabc"))
		e.j.want(e.T, "0s core OPTIONS\n0s send 200\n0s core CANCEL of OPTIONS")
		if !target.Final() || target.Request() != nil || target.User() != nil || target.Merged() {
			e.Errorf("final %v, request %v, user %v", target.Final(), target.Request(), target.User())
		}
		if err := target.Respond(wire(response(options, 487, "b"))); !errors.Is(err, ErrState) {
			e.Errorf("got %v, want %v", err, ErrState)
		}
		target.Abandon()
		settled(e.T, &e.l.servers, 1)
	})
}

// An INVITE that was accepted, and whose user needs it no more, absorbs what is repeated; its user and its timers are let go.
func TestAcceptedInviteThatIsDoneAbsorbs(t *testing.T) {
	for _, reliable := range []bool{false, true} {
		layer(t, nil, func(e *layerTest) {
			invite := request("INVITE", "z9hG4bKabc")
			c := &conn{j: e.j, reliable: reliable}
			e.l.Receive(c, parsed(e, invite))
			tx := e.core.last(e.T)
			tx.Done() // nothing was answered
			e.j.until(time.Second)
			e.respond(invite, 200)
			settled(e.T, &e.l.servers, 0)
			e.j.until(2 * time.Second)
			tx.Done()
			tx.Done()
			settled(e.T, &e.l.servers, 1)
			if tx.User() != nil || tx.Conn() != Conn(c) || !tx.Final() {
				e.Errorf("user %v, conn %v, final %v", tx.User(), tx.Conn(), tx.Final())
			}
			if err := tx.Respond(wire(response(invite, 200, "b"))); !errors.Is(err, ErrState) {
				e.Errorf("a 2xx after Done: got %v, want %v", err, ErrState)
			}
			e.receive(invite)
			e.receive(changed(invite, "INVITE", "ACK"))
			e.l.Failed(c, errors.New("no way"))
			if n := e.l.Unarmed(); n != 0 {
				e.Errorf("%d transactions are unarmed", n)
			}
			e.j.want(e.T, "0s core INVITE\n200ms send 100\n1s send 200")
			e.j.until(34*time.Second - 1)
			counts(e.T, e.l, 0, 1)
			e.j.until(34 * time.Second)
			counts(e.T, e.l, 0, 0)
			empty(e.T, e.l)
		})
	}
}

// The ACK of an RFC 2543 client is found by its transaction alone, which therefore stays.
func TestDoneLeavesTheACKOfRFC2543(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		invite := request("INVITE", "1")
		e.receive(invite)
		e.respond(invite, 200)
		e.core.last(e.T).Done()
		settled(e.T, &e.l.servers, 0)
		gone(e.T, e.j, e.l, 32*time.Second)
	})
}

func TestSettledInviteAbsorbs(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		invite := request("INVITE", "z9hG4bKabc")
		ack := changed(invite, "INVITE", "ACK")
		e.receive(invite)
		e.respond(invite, 486)
		settled(e.T, &e.l.servers, 0)
		e.j.until(100 * time.Millisecond)
		e.receive(ack)
		settled(e.T, &e.l.servers, 1)
		e.receive(ack)
		e.receive(invite)
		var target *Server
		cancel := changed(invite, "INVITE", "CANCEL")
		e.core.cancel = func(own, s *Server) {
			target = s
			own.Respond(wire(response(cancel, 200, "b")))
		}
		e.receive(cancel)
		if err := target.Respond(wire(response(invite, 487, "b"))); !target.Final() || !errors.Is(err, ErrState) {
			e.Errorf("final %v, got %v, want %v", target.Final(), err, ErrState)
		}
		e.j.until(5100*time.Millisecond - 1)
		if x, p := e.l.servers.find(keyOf(e, invite)); x != nil || p == nil {
			e.Error("gone before timer I")
		}
		e.j.until(5100 * time.Millisecond)
		synctest.Wait()
		if x, p := e.l.servers.find(keyOf(e, invite)); x != nil || p != nil {
			e.Error("there after timer I")
		}
		e.j.want(e.T, "0s core INVITE\n0s send 486\n100ms core CANCEL of INVITE\n100ms send 200")
	})
}

func keyOf(e *layerTest, text string) key {
	k, _, _ := e.l.keys.serverKey(parsed(e, text))
	return k
}

func TestSettledClientAbsorbs(t *testing.T) {
	client(t, "OPTIONS", false, nil, func(e *clientTest) {
		e.receive(time.Second, 200, "b")
		settled(e.T, &e.l.clients, 1)
		e.receive(2*time.Second, 200, "b")
		e.l.Failed(e.c, errors.New("reset"))
		counted(e.T, e.l, Stats{Resent: 1})
		gone(e.T, e.j, e.l, 6*time.Second)
		empty(e.T, e.l)
		e.receive(7*time.Second, 200, "b")
		counted(e.T, e.l, Stats{Resent: 1, Strays: 1})
		e.j.want(e.T, "0s send OPTIONS\n500ms send OPTIONS\n1s tu 200")
	})
	client(t, "OPTIONS", false, nil, func(e *clientTest) {
		e.receive(time.Second, 200, "b")
		e.tx.Abandon()
		counts(e.T, e.l, 0, 0)
		e.tx.Abandon()
		if _, err := e.l.Request(e.c, wire(e.req), e.u); err != nil { // its branch is free, and its line does not end the new one
			e.Error(err)
		}
		e.j.until(10 * time.Second)
		counts(e.T, e.l, 1, 0)
	})
}

func TestShutdownForgetsTheSettled(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		e.core.unbound = true
		for _, branch := range []string{"z9hG4bKa", "z9hG4bKb", "z9hG4bKc"} {
			options := request("OPTIONS", branch)
			e.receive(options)
			e.respond(options, 200)
		}
		settled(e.T, &e.l.servers, 3)
		e.l.Shutdown()
		counts(e.T, e.l, 0, 0)
		empty(e.T, e.l)
		if s := e.l.Stats(); s.Held != 0 {
			e.Errorf("%d octets are held", s.Held)
		}
	})
}

// One that was dropped makes no room a second time, neither when room is needed nor when its time is over.
func TestDroppedMakesRoomOnce(t *testing.T) {
	for _, needed := range []bool{true, false} {
		layer(t, nil, func(e *layerTest) {
			e.core.unbound = true
			options := request("OPTIONS", "z9hG4bKa")
			e.receive(options)
			e.respond(options, 200)
			e.core.last(e.T).drop()
			e.core.last(e.T).drop()
			for part := range shardCount {
				if needed && e.l.free(part) {
					e.Error("it was freed when it was gone")
				}
			}
			e.j.until(time.Minute)
			if s := e.l.Stats(); s.Held != 0 || s.Servers != 0 {
				e.Errorf("got %+v, want nothing", s)
			}
			empty(e.T, e.l)
		})
	}
}

// What settles while the layer is shut down is gone like the rest.
func TestShutdownWhileSettling(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		e.core.unbound = true
		e.core.request = func(s *Server, m *parser.Message) {
			e.l.servers.close() // all of Shutdown but the end
			if err := s.Respond(wire(response(string(m.Bytes()), 200, "b"))); err != nil {
				e.Error(err)
			}
		}
		e.receive(request("OPTIONS", "z9hG4bKa"))
		e.core.last(e.T).drop()
		counts(e.T, e.l, 0, 0)
		empty(e.T, e.l)
		if s := e.l.Stats(); s.Held != 0 {
			e.Errorf("%d octets are held", s.Held)
		}
	})
}

// Thousands end in groups, none before its time and none noticeably after it.
func TestSettledEndInGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(&quiet{wire: wire(response(request("OPTIONS", "z9hG4bKabc"), 200, "b"))}, nil)
		a := newTemplate(numbered("OPTIONS"))
		const n, each, late = 4000, 100 * time.Microsecond, 100 * time.Millisecond
		start := time.Now()
		for range n {
			l.Receive(&null{}, a.next(t))
			time.Sleep(each)
		}
		for now := 32 * time.Second; now < 33*time.Second; now += time.Millisecond {
			time.Sleep(time.Until(start.Add(now)))
			synctest.Wait()
			begun := int((now - 32*time.Second) / each) // ended by now, if exact
			left := l.servers.len()
			if least, most := n-begun-1, n-begun+int(late/each); left > max(most, 0) || left < min(least, n) {
				t.Fatalf("%v: %d are left, want %d to %d", now, left, least, most)
			}
			if u := l.Unarmed(); u != 0 {
				t.Fatalf("%v: %d are unarmed", now, u)
			}
		}
		empty(t, l)
	})
}

// What Core.Request is given is lent; what Server.Request returns is not, whenever it is asked for.
func TestRequestIsLentToTheCore(t *testing.T) {
	for _, tt := range []struct {
		name   string
		inside bool // Core.Request asks
		answer int
	}{
		{"asked for inside, not answered", true, 0},
		{"asked for inside, answered", true, 200},
		{"asked for later", false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				text := request("MESSAGE", "z9hG4bKabc")
				var kept *parser.Message
				e.core.request = func(s *Server, m *parser.Message) {
					if string(m.Bytes()) != text {
						e.Errorf("got\n%s\nwant\n%s", m.Bytes(), text)
					}
					if tt.inside {
						kept = s.Request()
						if again := s.Request(); again != kept {
							e.Error("copied twice")
						}
					}
					if tt.answer != 0 {
						s.Respond(wire(response(text, tt.answer, "b")))
					}
				}
				b := []byte(text)
				var m parser.Message
				if err := m.Parse(b); err != nil {
					e.Fatal(err)
				}
				e.l.Receive(&conn{j: e.j}, &m)
				clear(b)
				m.Parse([]byte(request("OPTIONS", "z9hG4bKother")))
				if kept == nil {
					kept = e.core.last(e.T).Request()
				}
				if string(kept.Bytes()) != text || kept.Method() != parser.MethodMessage {
					e.Errorf("kept\n%s\nwant\n%s", kept.Bytes(), text)
				}
			})
		})
	}
}

// A request that is answered while it is handed on starts no timer.
func TestAnsweredAtOnceStartsNoTimer(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		e.core.unbound = true
		running := func() (n int) {
			for _, l := range e.l.lines {
				n += l.Running()
			}
			return n
		}
		options := request("OPTIONS", "z9hG4bKabc")
		e.core.request = func(s *Server, _ *parser.Message) {
			if n := running(); n != 0 {
				e.Errorf("%d timers run before the core has answered", n)
			}
			s.Respond(wire(response(options, 200, "b")))
			if n := running(); n != 0 {
				e.Errorf("%d timers run for an answered request", n)
			}
		}
		e.receive(options)
		e.core.request = nil
		e.receive(request("OPTIONS", "z9hG4bKabd"))
		if n := running(); n != 2 { // the 100, and the end
			e.Errorf("%d timers run for an unanswered request, want 2", n)
		}
		if n := e.l.Unarmed(); n != 0 {
			e.Errorf("%d unarmed", n)
		}
	})
}
