package ua_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// A call over WebSocket goes over one connection in both directions, whoever hangs up: the caller has no address (RFC 7118, Section 5).
func TestCallOverWebSocket(t *testing.T) {
	for _, uri := range []string{"sip:me@localhost:%;transport=ws", "sip:me@localhost:%;transport=wss", "sips:me@localhost:%;transport=ws"} {
		for _, last := range []string{"caller", "callee"} {
			t.Run(uri+" "+last, func(t *testing.T) {
				server, client := proof(t, "localhost")
				proto := "ws"
				if strings.HasPrefix(uri, "sips:") || strings.HasSuffix(uri, "wss") {
					proto = "wss"
				}
				calls, invites := make(chan *ua.Call, 1), make(chan *parser.Message, 1)
				callee := newAgent(t, &ua.Config{Listen: []string{proto + ":127.0.0.1:0"}, TLS: server, OnCall: func(c *ua.Call) {
					calls <- c
					invites <- c.Invite() // which is let go with the ACK
					c.Answer(ua.Body{})
				}})
				caller := newAgent(t, &ua.Config{TLS: client})
				call, err := caller.Call(t.Context(), strings.Replace(uri, "%", port(callee), 1), ua.Body{}, nil)
				if err != nil {
					t.Fatal(err)
				}
				in, invite := <-calls, <-invites
				via, err := invite.Via()
				if err != nil || !strings.EqualFold(string(via.Transport()), proto) || !strings.HasSuffix(string(via.Host()), ".invalid") {
					t.Errorf("Via %q, want a host of .invalid over %s", invite.Raw(parser.HeaderVia), proto)
				}
				if got := string(invite.Raw(parser.HeaderContact)); !strings.HasSuffix(got, ".invalid;transport=ws>") {
					t.Errorf("Contact %q, want a host of .invalid and transport=ws", got)
				}
				if last == "callee" {
					call = in
				}
				if err := call.Hangup(t.Context()); err != nil {
					t.Fatal(err)
				}
				if call.Err() != nil {
					t.Errorf("the call ended with %v", call.Err())
				}
				if s := callee.Stats(); s.Connections != 1 || s.Dialled != 0 || s.Calls != 0 {
					t.Errorf("the callee has %d connections, opened %d, %d calls, want 1, 0, 0", s.Connections, s.Dialled, s.Calls)
				}
				if s := caller.Stats(); s.Dialled != 1 {
					t.Errorf("the caller opened %d connections, want 1", s.Dialled)
				}
			})
		}
	}
}

// An agent without any socket of its own is reached through an HTTP server.
func TestWebSocketOfAnHTTPServer(t *testing.T) {
	callee := newAgent(t, &ua.Config{Listen: []string{"udp:127.0.0.1:0"}})
	web := httptest.NewServer(callee.WebSocket())
	defer web.Close()
	caller := newAgent(t, nil)
	if _, err := caller.Options(t.Context(), "sip:"+strings.TrimPrefix(web.URL, "http://")+";transport=ws", nil); err != nil {
		t.Error(err)
	}
}

// The end of the connection is no end of the call, and the one that cannot be reached any more is given up in time.
func TestWebSocketCallerThatVanishes(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	const t1 = 10 * time.Millisecond
	callee := newAgent(t, &ua.Config{Listen: []string{"ws:127.0.0.1:0"}, T1: t1, OnCall: func(c *ua.Call) {
		calls <- c
		c.Answer(ua.Body{})
	}})
	caller, err := ua.New(&ua.Config{T1: t1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := caller.Call(t.Context(), "sip:127.0.0.1:"+port(callee)+";transport=ws", ua.Body{}, nil); err != nil {
		t.Fatal(err)
	}
	in := <-calls
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	caller.Shutdown(gone) // at once, without a BYE that is waited for
	if err := in.Hangup(t.Context()); err != nil {
		t.Errorf("Hangup = %v", err)
	}
	if s := callee.Stats(); s.Calls+s.Dialogs != 0 {
		t.Errorf("left: %+v", s)
	}
}
