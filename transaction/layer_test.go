package transaction

import (
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// layerTest is a layer in a bubble.
type layerTest struct {
	*testing.T
	j    *journal
	l    *Layer
	core *core
}

func layer(t *testing.T, cfg *Config, f func(*layerTest)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		k := &core{j: j}
		e := &layerTest{T: t, j: j, core: k, l: New(k, cfg)}
		defer e.l.Shutdown()
		f(e)
	})
}

// receive takes a message on a Conn of its own, which it returns, and whether the Conn was kept.
func (e *layerTest) receive(text string) (*conn, bool) {
	e.Helper()
	c := &conn{j: e.j}
	return c, e.l.Receive(c, parsed(e, text))
}

// respond answers the last request that the core got.
func (e *layerTest) respond(req string, status int) {
	e.Helper()
	if err := e.core.last(e.T).Respond(wire(response(req, status, "b"))); err != nil {
		e.Errorf("respond %d: %v", status, err)
	}
}

func TestAckOfAnAnswerReachesTheCore(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		invite := request("INVITE", "z9hG4bKabc")
		e.receive(invite)
		e.respond(invite, 200)
		if _, kept := e.receive(changed(invite, "INVITE", "ACK", "z9hG4bKabc", "z9hG4bKnew")); kept {
			e.Error("the Conn of an ACK was kept")
		}
		e.j.want(e.T, "0s core INVITE\n0s send 200\n0s core ACK")
	})
}

func TestMergedRequestsAreFound(t *testing.T) {
	first := request("INVITE", "z9hG4bKabc")
	other := func(change ...string) string {
		return changed(first, append([]string{"z9hG4bKabc", "z9hG4bKdef"}, change...)...)
	}
	tests := []struct {
		name string
		text string
		want string
	}{
		{"another way", other(), "0s core INVITE merged"},
		{"another Request-URI", other("INVITE sip:bob", "INVITE sip:carol"), "0s core INVITE merged"},
		{"inside a dialog", other("Bob <sip:bob@biloxi.example>", "Bob <sip:bob@biloxi.example>;tag=t"), "0s core INVITE"},
		{"another number", other("314159", "314160"), "0s core INVITE"},
		{"another method", other("INVITE", "OPTIONS"), "0s core OPTIONS"},
		{"another From tag", other("1928301774", "1928301775"), "0s core INVITE"},
		{"another Call-ID", other("a84b4c76e66710", "b84b4c76e66710"), "0s core INVITE"},
		{"a CANCEL", other("INVITE", "CANCEL"), "0s core CANCEL of nothing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			layer(t, nil, func(e *layerTest) {
				e.receive(first)
				e.j.want(e.T, "0s core INVITE")
				e.receive(tt.text)
				e.j.want(e.T, tt.want)
			})
		})
	}
	layer(t, nil, func(e *layerTest) { // as long as any of them lives
		for _, branch := range []string{"z9hG4bK1", "z9hG4bK2", "z9hG4bK3"} {
			e.receive(changed(first, "z9hG4bKabc", branch))
		}
		for _, s := range e.core.servers[:2] {
			s.drop()
		}
		e.j.lines = nil
		e.receive(first)
		e.j.want(e.T, "0s core INVITE merged")
	})
	layer(t, nil, func(e *layerTest) { // no longer than one of them lives
		e.receive(first)
		e.receive(other())
		for _, s := range e.core.servers {
			s.Respond(wire(response(first, 486, "b")))
		}
		e.j.until(time.Minute)
		counts(e.T, e.l, 0, 0)
		e.j.lines = nil
		e.receive(changed(first, "z9hG4bKabc", "z9hG4bKghi"))
		e.j.want(e.T, "1m0s core INVITE")
	})
}

func TestOwnTagsAreStableAndSecret(t *testing.T) {
	a, b := New(nil, nil), New(nil, nil)
	k1, _, _ := a.keys.serverKey(parsed(t, request("INVITE", "z9hG4bKa")))
	k2, _, _ := a.keys.serverKey(parsed(t, request("INVITE", "z9hG4bKb")))
	tag := a.toTag(k1)
	if got := a.toTag(k1); got != tag || len(tag) < 16 {
		t.Errorf("got %q, then %q", tag, got)
	}
	if a.toTag(k2) == tag {
		t.Error("two requests have the same tag")
	}
	if b.toTag(k1) == tag {
		t.Error("two layers have the same tag")
	}
}

func TestFailedReachesAllThatUseTheConn(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		c := &conn{}
		for n := range 5 {
			u := &user{j: e.j, name: strconv.Itoa(n) + " "}
			if _, err := e.l.Request(c, wire(request("OPTIONS", "z9hG4bK"+strconv.Itoa(n))), u); err != nil {
				e.Fatal(err)
			}
		}
		// First, last and middle leave the list.
		for _, n := range []int{4, 0, 2} {
			e.l.Receive(c, parsed(e, response(request("OPTIONS", "z9hG4bK"+strconv.Itoa(n)), 200, "b")))
		}
		time.Sleep(10 * time.Second) // timer K
		e.j.lines = nil
		e.l.Failed(c, errors.New("reset"))
		e.j.want(e.T, "10s 3 tu reset\n10s 1 tu reset")
		counts(e.T, e.l, 0, 0)
		if n := e.l.conns.len(); n != 0 {
			e.Errorf("%d Conns are left", n)
		}
	})
}

// What the user answered before Shutdown is sent, though it had to wait for the call in which the user did so.
func TestShutdownSendsWhatWasAnswered(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		options := request("OPTIONS", "z9hG4bKa")
		e.core.request = func(s *Server, _ *parser.Message) {
			if err := s.Respond(wire(response(options, 200, "b"))); err != nil {
				e.Error(err)
			}
			e.l.Shutdown()
		}
		e.receive(options)
		e.j.want(e.T, "0s core OPTIONS\n0s send 200")
		counts(e.T, e.l, 0, 0)
	})
}

func TestShutdownDropsEverything(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		invite := request("INVITE", "z9hG4bKa")
		e.receive(invite)
		e.receive(request("OPTIONS", "z9hG4bKb"))
		for _, method := range []string{"INVITE", "OPTIONS"} {
			if _, err := e.l.Request(&conn{j: e.j}, wire(request(method, "z9hG4bKc")), &user{j: e.j}); err != nil {
				e.Fatal(err)
			}
		}
		counts(e.T, e.l, 2, 2)
		e.j.lines = nil
		e.l.Shutdown()
		counts(e.T, e.l, 0, 0)
		empty(e.T, e.l)
		if _, kept := e.receive(request("INVITE", "z9hG4bKd")); kept {
			e.Error("a transaction was opened")
		}
		if _, err := e.l.Request(&conn{j: e.j}, wire(request("OPTIONS", "z9hG4bKe")), &user{j: e.j}); !errors.Is(err, ErrShutdown) {
			e.Errorf("got %v, want %v", err, ErrShutdown)
		}
		if err := e.core.servers[0].Respond(wire(response(invite, 200, "b"))); !errors.Is(err, ErrState) {
			e.Errorf("got %v, want %v", err, ErrState)
		}
		if n := e.l.unanswered.Load(); n != 0 {
			e.Errorf("%d unanswered transactions", n)
		}
		e.l.Shutdown()
		e.j.until(time.Hour)
		e.j.want(e.T, "")
	})
}

func TestLayerWithoutCoreDropsRequests(t *testing.T) {
	l := New(nil, nil)
	for _, method := range []string{"INVITE", "ACK", "CANCEL"} {
		if l.Receive(&conn{}, parsed(t, request(method, "z9hG4bKa"))) {
			t.Errorf("%s was kept", method)
		}
	}
	if c, s := l.Counts(); c+s != 0 {
		t.Errorf("%d client and %d server transactions", c, s)
	}
}

func TestUnusableRequestsAreDropped(t *testing.T) {
	layer(t, nil, func(e *layerTest) {
		for _, header := range []string{"Via: ", "From: ", "To: ", "CSeq: "} {
			for _, method := range []string{"INVITE", "ACK"} {
				m := new(parser.Message)
				m.Parse([]byte(changed(request(method, ""), header, "X-"+header)))
				if e.l.Receive(&conn{}, m) {
					e.Errorf("%s without %s was kept", method, header)
				}
			}
		}
		m := new(parser.Message)
		m.Parse([]byte(response(request("INVITE", "z9hG4bKa"), 200, "b", "Via: ", "X-Via: ")))
		e.l.Receive(&conn{}, m)
		e.j.want(e.T, "")
	})
}
