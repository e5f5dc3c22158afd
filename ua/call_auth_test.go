package ua_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

const proxyAuthenticate = `Proxy-Authenticate: Digest realm="p", nonce="1", qop="auth"`

// A challenged INVITE goes again, and what is acknowledged is the one that was answered, with its credentials (RFC 3261, Sections 13.2.2.4,
// 22.2 and 22.3).
func TestChallengedInviteGoesAgain(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		var states []dialog.State
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{OnState: func(s dialog.State) { states = append(states, s) }})
		first := p.hear("INVITE")
		wantCarries(t, first, "")
		p.reply(first, "100 Trying", "")
		p.reply(first, "407 Proxy Authentication Required", "x", proxyAuthenticate)
		if ack := p.hear("ACK"); string(ack.Raw(parser.HeaderCSeq)) != "1 ACK" {
			t.Errorf("ACK of the refusal: %s", ack.Raw(parser.HeaderCSeq))
		}
		second := p.hear("INVITE")
		wantRetry(t, first, second, 2)
		wantCarries(t, second, "P p 1 00000001")
		p.reply(second, "180 Ringing", "r", contactOfPhone)
		p.challenge(second, "a", "2") // some phone behind the proxy, after all
		wantCarries(t, p.hear("ACK"), "P p 1 00000001")
		third := p.hear("INVITE")
		wantRetry(t, first, third, 3)
		wantCarries(t, third, "A a 2 00000001, P p 1 00000002")
		if string(third.Body()) != "offer" {
			t.Errorf("got the body %q", third.Body())
		}
		p.reply(third, "200 OK", "y", contactOfPhone, "\nanswer")
		ack := p.hear("ACK")
		if string(ack.Raw(parser.HeaderCSeq)) != "3 ACK" {
			t.Errorf("ACK: got %s, want the number of the INVITE that was answered", ack.Raw(parser.HeaderCSeq))
		}
		wantCarries(t, ack, carries(third))
		o := <-out
		if o.err != nil {
			t.Fatal(o.err)
		}
		if s := p.agent.Stats(); s.Dialogs != 1 {
			t.Errorf("%d dialogs, want 1", s.Dialogs)
		}
		want := []dialog.State{dialog.Proceeding, dialog.Calling, dialog.Proceeding, dialog.Calling, dialog.Confirmed}
		if !slices.Equal(states, want) {
			t.Errorf("states: got %v, want %v", states, want)
		}
		p.send(inDialogOf(third, "y", "BYE", "1"))
		p.hear("200")
	})
}

// A wrong password in an INVITE is sent once, and the call is over with the reason.
func TestWrongPasswordInInvite(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		for i := range 2 {
			p.challenge(p.hear("INVITE"), "a", fmt.Sprint(i))
			p.hear("ACK")
		}
		var refused *ua.ResponseError
		if o := <-out; !errors.As(o.err, &refused) || refused.Status != parser.StatusUnauthorized || !errors.Is(o.err, auth.ErrRejected) {
			t.Errorf("got %v, want a 401, and %v", o.err, auth.ErrRejected)
		}
		if m := p.within(time.Minute); m != nil {
			t.Errorf("then came %s", m.StartLine())
		}
	})
}

// Who is asked for credentials may take its time, and the caller may go meanwhile: then there is no second INVITE.
func TestCallerLeavesWhileCredentialsAreLookedUp(t *testing.T) {
	for _, how := range []string{"cancelled", "shut down"} {
		t.Run(how, func(t *testing.T) {
			asked, answer := make(chan bool, 1), make(chan bool, 1)
			cfg := &ua.Config{}
			withPhone(t, cfg, func(p *phone) {
				asked, answer = make(chan bool), make(chan bool)
				ctx, cancel := context.WithCancel(context.Background())
				out := make(chan error, 1)
				go func() {
					_, err := p.agent.Call(ctx, phoneURI, sdpBody("offer"), &ua.CallOptions{Credentials: func(string) (auth.Credentials, bool) {
						asked <- true
						<-answer
						return auth.Credentials{Username: "alice"}, true
					}})
					out <- err
				}()
				p.challenge(p.hear("INVITE"), "a", "1")
				p.hear("ACK")
				<-asked
				probe := p.options(nil) // the reader waits for nobody
				p.reply(p.hear("OPTIONS"), "200 OK", "x")
				if r := <-probe; r.err != nil {
					t.Error(r.err)
				}
				want := context.Canceled
				if how == "shut down" {
					ended, stop := context.WithTimeout(context.Background(), time.Second)
					defer stop()
					go func() { time.Sleep(2 * time.Second); close(answer) }()
					p.agent.Shutdown(ended)
					want = ua.ErrCanceled
				} else {
					cancel()
					time.Sleep(time.Second)
					close(answer)
				}
				if err := <-out; !errors.Is(err, want) {
					t.Errorf("got %v, want %v", err, want)
				}
				cancel()
				if m := p.within(time.Minute); m != nil {
					t.Errorf("then came %s", m.StartLine())
				}
			})
		})
	}
}

// The application is asked to retry only what credentials do not help, and its tries are its own.
func TestRetryBesideCredentials(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		var asked []string
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{Retry: func(e *ua.ResponseError) []ua.Field {
			asked = append(asked, e.Error())
			return []ua.Field{{Name: "X-Try", Value: "again"}}
		}})
		p.challenge(p.hear("INVITE"), "a", "1")
		p.hear("ACK")
		m := p.hear("INVITE")
		p.reply(m, "488 Not Acceptable Here", "x")
		p.hear("ACK")
		m = p.hear("INVITE")
		wantCarries(t, m, "A a 1 00000002")
		if seq, _ := m.CSeq(); seq.Number != 3 {
			t.Errorf("CSeq: got %d, want 3", seq.Number)
		}
		p.reply(m, "486 Busy Here", "x")
		p.hear("ACK")
		p.reply(p.hear("INVITE"), "486 Busy Here", "x")
		p.hear("ACK")
		p.reply(p.hear("INVITE"), "486 Busy Here", "x")
		p.hear("ACK")
		if o := <-out; o.err == nil || !strings.Contains(o.err.Error(), "486") {
			t.Errorf("got %v, want 486", o.err)
		}
		if len(asked) != 3 {
			t.Errorf("asked %q, want three times", asked)
		}
	})
}
