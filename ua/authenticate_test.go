package ua_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// alices are the users of a server in these tests.
func alices(username, _ string) (auth.Secret, bool) {
	return auth.Secret{Password: "wonderland"}, username == "alice"
}

func newServer(t *testing.T, cfg auth.ServerConfig) *auth.Server {
	t.Helper()
	if cfg.Realm == "" {
		cfg.Realm = "a.example.com"
	}
	cfg.Secret = alices
	s, err := auth.NewServer(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// withServer runs f in a bubble with an agent that challenges and one that has credentials, and fails when either holds anything after
// all deadlines. what each request at the server was is written down in the order of arrival.
func withServer(t *testing.T, server func() *ua.Config, client *ua.Config, f func(client *ua.Agent, came func() string)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		log := make(chan string, 100)
		with := server()
		with.Handlers = append([]ua.Handler{recorder(log)}, with.Handlers...)
		s := agentAt(t, n.Host(agentAddr.Addr()), agentAddr, with)
		c := agentAt(t, n.Host(phoneAddr.Addr()), phoneAddr, client)
		f(c, func() string {
			synctest.Wait()
			var all []string
			for len(log) > 0 {
				all = append(all, <-log)
			}
			return strings.Join(all, ", ")
		})
		time.Sleep(128*500*time.Millisecond + 5*time.Second)
		for _, a := range []*ua.Agent{s, c} {
			if st := a.Stats(); st.Calls+st.Dialogs+st.Transactions != 0 {
				t.Errorf("left after all deadlines: %+v", st)
			}
			a.Shutdown(context.Background())
		}
	})
}

// recorder is a Handler that writes down what comes and takes nothing.
type recorder chan string

func (l recorder) Handle(r *ua.Request) bool {
	s := r.Method().String()
	if c := carries(r.Message()); c != "" {
		s += " " + c[len(c)-8:]
	}
	l <- s
	return false
}

// Agent against agent: what is challenged goes again, who sent it is known to whoever is behind the Handler, and a second request needs no
// challenge.
func TestAuthenticate(t *testing.T) {
	for _, cfg := range []auth.ServerConfig{{}, {Proxy: true}, {AuthInt: true, Algorithms: []auth.Algorithm{auth.SHA512256Sess}}} {
		t.Run(fmt.Sprintf("%+v", cfg.Algorithms), func(t *testing.T) {
			var said, called chan ua.User
			server := func() *ua.Config {
				said, called = make(chan ua.User, 10), make(chan ua.User, 10)
				return &ua.Config{
					Handlers:  []ua.Handler{ua.Authenticate(newServer(t, cfg)), optionsOf(said)},
					OnMessage: func(r *ua.Request) { said <- r.User() },
					OnCall: func(c *ua.Call) {
						called <- c.User()
						c.Answer(sdpBody("answer"))
					},
				}
			}
			withServer(t, server, withPassword(), func(client *ua.Agent, came func() string) {
				want := ua.User{Name: "alice", Realm: "a.example.com"}
				ctx := context.Background()
				for range 2 {
					if _, err := client.Message(ctx, toAgent, ua.Body{Type: "text/plain", Data: []byte("hi")}, nil); err != nil {
						t.Error(err)
					}
				}
				if u := <-said; u != want {
					t.Errorf("MESSAGE from %v, want %v", u, want)
				}
				<-said
				second := ", MESSAGE 00000002"
				if cfg.Proxy { // whose credentials are not for another Call-ID
					second = ", MESSAGE, MESSAGE 00000001"
				}
				if got, want := came(), "MESSAGE, MESSAGE 00000001"+second; got != want {
					t.Errorf("got %s, want %s", got, want)
				}
				if _, err := client.Options(ctx, toAgent, nil); err != nil {
					t.Error(err)
				}
				if u := <-said; u != want {
					t.Errorf("OPTIONS from %v, want %v", u, want)
				}
				c, err := client.Call(ctx, toAgent, sdpBody("offer"), nil)
				if err != nil {
					t.Fatal(err)
				}
				if u := <-called; u != want {
					t.Errorf("call from %v, want %v", u, want)
				}
				if err := c.Hangup(ctx); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// optionsOf is a Handler that answers OPTIONS, as one that stands behind Authenticate.
type optionsOf chan ua.User

func (h optionsOf) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodOptions {
		return false
	}
	h <- r.User()
	r.Respond(parser.StatusOK, nil)
	return true
}

// Whoever has the wrong password gets nowhere, after two requests.
func TestAuthenticateRefuses(t *testing.T) {
	server := func() *ua.Config {
		return &ua.Config{
			Handlers: []ua.Handler{ua.Authenticate(newServer(t, auth.ServerConfig{}))},
			OnCall:   func(*ua.Call) { t.Error("a call came") },
		}
	}
	for _, who := range []string{"alice", "eve"} {
		withServer(t, server, &ua.Config{Credentials: auth.User(who, "guess")}, func(client *ua.Agent, came func() string) {
			_, err := client.Options(context.Background(), toAgent, nil)
			_, err2 := client.Call(context.Background(), toAgent, sdpBody("offer"), nil)
			if !errors.Is(err, auth.ErrRejected) || !errors.Is(err2, auth.ErrRejected) {
				t.Errorf("got %v and %v, want %v", err, err2, auth.ErrRejected)
			}
			if got, want := came(), "OPTIONS, OPTIONS 00000001, INVITE, INVITE 00000001"; got != want {
				t.Errorf("got %s, want %s", got, want)
			}
		})
	}
}

// A nonce that has grown old, or was forgotten, costs one request more and no password.
func TestAuthenticateStale(t *testing.T) {
	s := newServer(t, auth.ServerConfig{MaxNonces: 1})
	server := func() *ua.Config { return &ua.Config{Handlers: []ua.Handler{ua.Authenticate(s)}} }
	asked := 0
	client := &ua.Config{Credentials: func(string) (auth.Credentials, bool) {
		asked++
		return auth.Credentials{Username: "alice", Secret: auth.Secret{Password: "wonderland"}}, true
	}}
	withServer(t, server, client, func(client *ua.Agent, came func() string) {
		send := func(to string) {
			t.Helper()
			if _, err := client.Options(context.Background(), to, nil); err != nil {
				t.Error(err)
			}
		}
		send(toAgent)
		time.Sleep(6 * time.Minute)
		came()
		send(toAgent)
		if got, want := came(), "OPTIONS 00000002, OPTIONS 00000001"; got != want {
			t.Errorf("after its lifetime: got %s, want %s", got, want)
		}
		send("sip:other@10.0.0.1") // takes the only place
		came()
		send(toAgent)
		if got, want := came(), "OPTIONS 00000002, OPTIONS 00000001"; got != want {
			t.Errorf("forgotten: got %s, want %s", got, want)
		}
		if asked != 2 {
			t.Errorf("asked %d times, want once for each To", asked)
		}
		time.Sleep(6 * time.Minute)
		if n := s.Nonces(time.Now()); n != 0 {
			t.Errorf("%d nonces are remembered, want none", n)
		}
	})
}

// Nobody can be asked again for an ACK or a CANCEL, and what was not listed passes (RFC 3261, Section 22.1).
func TestAuthenticateChallengesNoAckAndNoCancel(t *testing.T) {
	cfg := &ua.Config{
		Handlers: []ua.Handler{ua.Authenticate(newServer(t, auth.ServerConfig{}), parser.MethodInvite, parser.MethodAck, parser.MethodCancel)},
		OnCall:   func(*ua.Call) {},
	}
	withPhone(t, cfg, func(p *phone) {
		p.send(request("OPTIONS", toAgent))
		p.hear("200")
		p.send(request("CANCEL", toAgent))
		p.hear("481")
		p.send(request("ACK", toAgent))
		invite := request("INVITE", toAgent)
		p.send(invite)
		challenge := p.hear("401")
		p.send(ackOf(challenge))
		if n := strings.Count(string(challenge.Bytes()), "\r\nWWW-Authenticate: Digest "); n != 2 {
			t.Errorf("%d challenges, want one for each algorithm:\n%s", n, challenge.Bytes())
		}
		p.send(request("INVITE", toAgent, `Authorization: Digest username="alice", realm="a.example.com"`))
		p.send(ackOf(p.hear("400")))
	})
}

// A proxy that forks may bring the same request twice: its credentials are good once, and nobody is asked for others.
func TestAuthenticateMergedRequest(t *testing.T) {
	s := newServer(t, auth.ServerConfig{Key: []byte("0123456789abcdef")})
	withPhone(t, &ua.Config{Handlers: []ua.Handler{ua.Authenticate(s)}}, func(p *phone) {
		x := auth.NewClient(&auth.ClientConfig{Credentials: auth.User("alice", "wonderland")}).Exchange(uriOf(t, toAgent), "merged")
		p.send(request("OPTIONS", toAgent))
		if err := x.Challenge(p.hear("401")); err != nil {
			t.Fatal(err)
		}
		var b parser.Builder
		b.Request(parser.MethodOptions, uriOf(t, toAgent))
		x.Write(&b, nil)
		w, err := b.Wire()
		if err != nil {
			t.Fatal(err)
		}
		same := []string{"From: <sip:a@example.com>;tag=m1", "Call-ID: merged", strings.Split(string(w.Head), "\r\n")[1]}
		p.send(request("OPTIONS", toAgent, append(same, "Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bKone")...))
		p.hear("200")
		p.send(request("OPTIONS", toAgent, append(same, "Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bKtwo")...))
		p.hear("482")
		// Much later it is no other way of the same request, but a replay.
		time.Sleep(time.Minute)
		p.send(request("OPTIONS", toAgent, append(same, "Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bKthree")...))
		if m := p.hear("401"); !strings.Contains(string(m.Bytes()), "stale=true") {
			t.Errorf("got\n%s\nwant a stale nonce", m.Bytes())
		}
	})
}

func uriOf(t *testing.T, s string) parser.URI {
	t.Helper()
	uri, err := parser.ParseURI([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return uri
}

// A server in front of a server: each asks for what is its own, and leaves the rest (RFC 3261, Section 22.3).
func TestAuthenticateTwice(t *testing.T) {
	server := func() *ua.Config {
		return &ua.Config{Handlers: []ua.Handler{
			ua.Authenticate(newServer(t, auth.ServerConfig{Realm: "p.example.com", Proxy: true})),
			ua.Authenticate(newServer(t, auth.ServerConfig{})),
		}}
	}
	withServer(t, server, withPassword(), func(client *ua.Agent, came func() string) {
		if _, err := client.Options(context.Background(), toAgent, nil); err != nil {
			t.Error(err)
		}
		if got, want := came(), "OPTIONS, OPTIONS 00000001, OPTIONS 00000002"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	})
}
