package ua_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// decider is a Handler that decides by running a function where it may wait.
type decider func(r *ua.Request) bool

func (f decider) Handle(r *ua.Request) bool {
	if !r.Decide(func() bool { return f(r) }) {
		r.Respond(parser.StatusServiceUnavailable, nil)
	}
	return true
}

// What is decided to be somebody else's goes to the next Handler and to the agent, late as it is; what is one's own is answered as with Go.
func TestDecide(t *testing.T) {
	others := decider(func(*ua.Request) bool { time.Sleep(3 * time.Second); return false })
	own := decider(func(*ua.Request) bool { time.Sleep(3 * time.Second); return true })
	for _, tt := range []struct {
		name     string
		handlers []ua.Handler
		want     [4]string // to OPTIONS, MESSAGE, BYE and INVITE
	}{
		{"another's", []ua.Handler{others}, [4]string{"200", "200", "481", "200"}},
		{"another's, twice", []ua.Handler{others, others}, [4]string{"200", "200", "481", "200"}},
		{"its own", []ua.Handler{own}, [4]string{"500", "200", "500", "500"}},
		{"the next one's", []ua.Handler{others, own}, [4]string{"500", "200", "500", "500"}},
		{"answered", []ua.Handler{decider(func(r *ua.Request) bool { return r.Respond(parser.StatusForbidden, nil) == nil })}, [4]string{"403", "403", "403", "403"}},
		{"panics", []ua.Handler{decider(func(*ua.Request) bool { panic("deciding") })}, [4]string{"500", "500", "500", "500"}},
		{"ends its goroutine", []ua.Handler{decider(func(*ua.Request) bool { runtime.Goexit(); return false })}, [4]string{"500", "500", "500", "500"}},
		{"the next one panics", []ua.Handler{others, panics{}}, [4]string{"500", "500", "500", "500"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var said, called int
			cfg := &ua.Config{
				Handlers:  tt.handlers,
				OnMessage: func(*ua.Request) { said++ },
				OnCall:    func(c *ua.Call) { called++; c.Answer(sdpBody("answer")) },
			}
			withPhone(t, cfg, func(p *phone) {
				for i, method := range []string{"OPTIONS", "MESSAGE", "BYE"} {
					p.send(request(method, toAgent))
					p.hear(tt.want[i])
				}
				p.send(request("INVITE", toAgent))
				m := p.hear(tt.want[3])
				p.send(ackOf(m))
				if m.Status() == parser.StatusOK {
					p.send(byeOf(m))
					p.hear("200")
				}
				if passed := strings.HasPrefix(tt.name, "another's"); passed != (said == 1) || passed != (called == 1) {
					t.Errorf("OnMessage ran %d times, OnCall %d", said, called)
				}
			})
		})
	}
}

type panics struct{}

func (panics) Handle(*ua.Request) bool { panic("handling") }

// An INVITE about which nothing is decided yet can be cancelled, and keeps nobody waiting.
func TestCancelWhileDeciding(t *testing.T) {
	called := false
	cfg := &ua.Config{
		Handlers: []ua.Handler{decider(func(r *ua.Request) bool {
			if r.Method() == parser.MethodInvite {
				time.Sleep(30 * time.Second)
			}
			return false
		})},
		OnCall: func(*ua.Call) { called = true },
	}
	withPhone(t, cfg, func(p *phone) {
		invite := request("INVITE", toAgent)
		p.send(invite)
		time.Sleep(time.Second)
		p.send(request("OPTIONS", toAgent))
		p.hear("200")
		p.send(strings.ReplaceAll(invite, "INVITE", "CANCEL"))
		all := p.hearAll("1 CANCEL", "1 INVITE")
		if ok, no := all["1 CANCEL"], all["1 INVITE"]; ok.Status() != parser.StatusOK || no.Status() != parser.StatusRequestTerminated {
			t.Errorf("got %v and %v, want 200 and 487", ok.Status(), no.Status())
		}
		p.send(ackOf(all["1 INVITE"]))
		time.Sleep(time.Minute)
		if called {
			t.Error("OnCall ran for a cancelled INVITE")
		}
	})
}

// A look into a slow database is waited for; whoever has to be challenged is challenged at once, and who finds no place hears so.
func TestAuthenticateAsksADatabase(t *testing.T) {
	s, err := auth.NewServer(&auth.ServerConfig{Realm: "a.example.com", Secret: func(name, realm string) (auth.Secret, bool) {
		time.Sleep(4 * time.Second)
		return alices(name, realm)
	}})
	if err != nil {
		t.Fatal(err)
	}
	server := func() *ua.Config { return &ua.Config{Handlers: []ua.Handler{ua.Authenticate(s)}, MaxHandlers: 1} }
	withServer(t, server, withPassword(), func(client *ua.Agent, came func() string) {
		before := time.Now()
		ends := make(chan error, 2)
		ask := func() {
			_, err := client.Options(context.Background(), toAgent, nil)
			ends <- err
		}
		go ask()
		time.Sleep(time.Second)
		go ask()
		if err := <-ends; err == nil || !strings.Contains(err.Error(), "503") {
			t.Errorf("beside one that waits: got %v, want 503", err)
		}
		if d := time.Since(before); d > 2*time.Second {
			t.Errorf("the challenge and the 503 took %v", d)
		}
		if err := <-ends; err != nil {
			t.Error(err)
		}
	})
}
