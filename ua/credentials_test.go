package ua_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// asked is what became of a request outside a dialog.
type result struct {
	msg *parser.Message
	err error
}

// options sends OPTIONS on a goroutine of its own.
func (p *phone) options(opts *ua.RequestOptions) chan result {
	out := make(chan result, 1)
	go func() {
		m, err := p.agent.Options(context.Background(), phoneURI, opts)
		out <- result{m, err}
	}()
	return out
}

// withPassword is an agent that has one password for every realm.
func withPassword() *ua.Config {
	return &ua.Config{Credentials: auth.User("alice", "wonderland")}
}

// challenge answers m with a challenge.
func (p *phone) challenge(m *parser.Message, realm, nonce string, more ...string) {
	p.t.Helper()
	p.reply(m, "401 Unauthorized", "x", `WWW-Authenticate: Digest realm="`+realm+`", nonce="`+nonce+`", qop="auth"`+strings.Join(more, ""))
}

// carries describes the credentials of a request: header initial, realm, nonce, nc.
func carries(m *parser.Message) string {
	var s []string
	for _, h := range []parser.Header{parser.HeaderAuthorization, parser.HeaderProxyAuthorization} {
		for a, err := range m.Auths(h) {
			if err != nil {
				s = append(s, err.Error())
				continue
			}
			words := []string{h.String()[:1]}
			for _, name := range []string{"realm", "nonce", "nc"} {
				v, _ := a.Param(name)
				words = append(words, string(parser.Unquote(nil, v)))
			}
			s = append(s, strings.Join(words, " "))
		}
	}
	return strings.Join(s, ", ")
}

func wantCarries(t *testing.T, m *parser.Message, want string) {
	t.Helper()
	if got := carries(m); got != want {
		t.Errorf("%s carries %q, want %q", m.StartLine(), got, want)
	}
}

// wantRetry holds the second try of a request against the first (RFC 3261, Section 22.2).
func wantRetry(t *testing.T, first, again *parser.Message, number uint32) {
	t.Helper()
	one, err := first.CSeq()
	if err != nil {
		t.Fatal(err)
	}
	two, err := again.CSeq()
	if err != nil {
		t.Fatal(err)
	}
	if two.Number != number || two.Method != one.Method {
		t.Errorf("CSeq: got %v, want %d", two, number)
	}
	for _, h := range []parser.Header{parser.HeaderCallID, parser.HeaderFrom, parser.HeaderTo} {
		if string(first.Raw(h)) != string(again.Raw(h)) {
			t.Errorf("%v: got %s, want %s", h, again.Raw(h), first.Raw(h))
		}
	}
	if branchOf(t, first) == branchOf(t, again) {
		t.Error("the same branch twice")
	}
}

func branchOf(t *testing.T, m *parser.Message) string {
	t.Helper()
	v, err := m.Via()
	if err != nil {
		t.Fatal(err)
	}
	return string(v.Branch())
}

// A challenged request goes again with credentials, the next one carries them from the start, and a stale nonce is no failure.
func TestChallengedRequestGoesAgain(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		out := p.options(nil)
		first := p.hear("OPTIONS")
		wantCarries(t, first, "")
		p.challenge(first, "a", "1")
		again := p.hear("OPTIONS")
		wantRetry(t, first, again, 2)
		wantCarries(t, again, "A a 1 00000001")
		p.reply(again, "200 OK", "x")
		if r := <-out; r.err != nil {
			t.Error(r.err)
		}

		out = p.options(nil)
		next := p.hear("OPTIONS")
		wantCarries(t, next, "A a 1 00000002")
		p.challenge(next, "a", "2", ", stale=true")
		again = p.hear("OPTIONS")
		wantRetry(t, next, again, 2)
		wantCarries(t, again, "A a 2 00000001")
		p.reply(again, "200 OK", "x")
		if r := <-out; r.err != nil {
			t.Error(r.err)
		}
	})
}

// A wrong password is sent once (RFC 3261, Section 22.1).
func TestWrongPasswordIsSentOnce(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		out := p.options(nil)
		for i := range 2 {
			p.challenge(p.hear("OPTIONS"), "a", fmt.Sprint(i))
		}
		r := <-out
		var refused *ua.ResponseError
		if !errors.As(r.err, &refused) || refused.Status != parser.StatusUnauthorized || !errors.Is(r.err, auth.ErrRejected) {
			t.Errorf("got %v, want a 401, and %v", r.err, auth.ErrRejected)
		}
		if m := p.within(time.Minute); m != nil {
			t.Errorf("then came %s", m.StartLine())
		}
	})
}

// Who has no credentials is told what to do, and sends none.
func TestNoCredentialsSaysWhatToDo(t *testing.T) {
	for name, cfg := range map[string]*ua.Config{
		"none":             nothing(),
		"of another realm": {Credentials: auth.User("alice", "wonderland", "other")},
		"a panic":          {Credentials: func(string) (auth.Credentials, bool) { panic("hook") }},
	} {
		t.Run(name, func(t *testing.T) {
			withPhone(t, cfg, func(p *phone) {
				out := p.options(nil)
				p.challenge(p.hear("OPTIONS"), "a", "1")
				r := <-out
				if !errors.Is(r.err, auth.ErrNoCredentials) || !strings.Contains(r.err.Error(), "Config.Credentials") || r.msg == nil {
					t.Errorf("got %v, want a word on Config.Credentials", r.err)
				}
			})
		})
	}
}

// Two proxies and a server, one after the other, and the credentials of a request before those of the Config.
func TestChallengesOfProxies(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		out := p.options(&ua.RequestOptions{Credentials: auth.User("bob", "builder")})
		m := p.hear("OPTIONS")
		p.reply(m, "407 Proxy Authentication Required", "x", `Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"`)
		m = p.hear("OPTIONS")
		wantCarries(t, m, "P p 1 00000001")
		p.reply(m, "407 Proxy Authentication Required", "x", `Proxy-Authenticate: Digest realm="q", nonce="2", qop="auth"`)
		m = p.hear("OPTIONS")
		wantCarries(t, m, "P p 1 00000002, P q 2 00000001")
		p.challenge(m, "a", "3")
		m = p.hear("OPTIONS")
		wantCarries(t, m, "A a 3 00000001, P p 1 00000003, P q 2 00000002")
		for a := range m.Auths(parser.HeaderAuthorization) {
			if v, _ := a.Param("username"); string(v) != `"bob"` {
				t.Errorf("username: got %s, want bob", v)
			}
		}
		p.reply(m, "200 OK", "x")
		if r := <-out; r.err != nil {
			t.Error(r.err)
		}
		out = p.options(nil)
		m = p.hear("OPTIONS")
		wantCarries(t, m, "") // bob's are not alice's
		p.reply(m, "200 OK", "x")
		<-out
	})
}

// The second try goes to the server whose nonce it is, and then to those that were not tried.
func TestRetryGoesToTheServerThatAsked(t *testing.T) {
	withFarmOf(t, 3, &ua.Config{Credentials: auth.User("alice", "wonderland")}, func(m *farm) {
		m.servers[0].answer = func(r *parser.Message) []string { return []string{replyTo(r, "503 Busy", "x")} }
		m.servers[1].answer = func(r *parser.Message) []string {
			if carries(r) != "" {
				return []string{replyTo(r, "503 Busy", "x")}
			}
			return []string{replyTo(r, "401 Unauthorized", "x", `WWW-Authenticate: Digest realm="a", nonce="1", qop="auth"`)}
		}
		m.servers[2].answer = func(r *parser.Message) []string { return []string{replyTo(r, "200 OK", "x")} }
		if _, err := m.agent.Options(context.Background(), "sip:bob@farm.test", nil); err != nil {
			t.Error(err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		var got []string
		for _, h := range m.heard {
			got = append(got, fmt.Sprint(h.server, " ", carries(h.msg)))
		}
		if want := "1 ; 2 ; 2 A a 1 00000001; 3 A a 1 00000002"; strings.Join(got, "; ") != want {
			t.Errorf("got %s, want %s", strings.Join(got, "; "), want)
		}
	})
}
