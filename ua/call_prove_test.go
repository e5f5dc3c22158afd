package ua_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// Requests of a caller inside its call are challenged and go again with the next number; what the call's proxies asked for is known
// then (RFC 3261, Sections 12.2.1.1 and 22.3).
func TestChallengesInsideACall(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{Credentials: auth.User("alice", "wonderland")})
		p.reply(p.hear("INVITE"), "407 Proxy Authentication Required", "x", proxyAuthenticate)
		p.hear("ACK")
		invite := p.hear("INVITE")
		p.reply(invite, "200 OK", "one", contactOfPhone, "\nanswer")
		p.hear("ACK")
		c := (<-out).call

		got := ask(c, parser.MethodInfo)
		info := p.hear("INFO")
		if seq := string(info.Raw(parser.HeaderCSeq)); seq != "3 INFO" {
			t.Errorf("CSeq: got %s, want 3", seq)
		}
		wantCarries(t, info, "P p 1 00000002")
		p.challenge(info, "a", "2")
		again := p.hear("INFO")
		wantRetry(t, info, again, 4)
		wantCarries(t, again, "A a 2 00000001, P p 1 00000003")
		if string(again.Body()) != "hi" {
			t.Errorf("body: got %q", again.Body())
		}
		p.reply(again, "200 OK", "")
		if r := <-got; r.err != nil {
			t.Error(r.err)
		}

		go c.Hangup(context.Background())
		bye := p.hear("BYE")
		wantCarries(t, bye, "A a 2 00000002, P p 1 00000004")
		p.challenge(bye, "a", "3", ", stale=true")
		again = p.hear("BYE")
		wantRetry(t, bye, again, 6)
		wantCarries(t, again, "A a 3 00000001, P p 1 00000005")
		p.reply(again, "200 OK", "")
		<-c.Done()
		if err := c.Err(); err != nil {
			t.Error(err)
		}
	})
}

// A callee is challenged like a caller, and a BYE that has no credentials ends the call all the same.
func TestChallengesOfACallee(t *testing.T) {
	taken := make(chan *ua.Call, 1)
	cfg := withPassword()
	cfg.OnCall = func(c *ua.Call) {
		c.Answer(sdpBody("answer"))
		taken <- c
		<-c.Done()
	}
	withPhone(t, cfg, func(p *phone) {
		taken = make(chan *ua.Call, 1)
		p.send(request("INVITE", "sip:me@10.0.0.1", "Contact: <sip:bob@10.0.0.2:5060>", "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKcallee"))
		ok := p.hear("200")
		p.send(ackOf(ok))
		c := <-taken
		got := ask(c, parser.MethodInfo)
		info := p.hear("INFO")
		p.challenge(info, "a", "1")
		again := p.hear("INFO")
		wantCarries(t, again, "A a 1 00000001")
		p.challenge(again, "a", "2")
		r := <-got
		var refused *ua.ResponseError
		if !errors.As(r.err, &refused) || !errors.Is(r.err, auth.ErrRejected) {
			t.Errorf("got %v, want %v", r.err, auth.ErrRejected)
		}
		go c.Hangup(context.Background())
		p.reply(p.hear("BYE"), "407 Proxy Authentication Required", "", `Proxy-Authenticate: Basic realm="p"`)
		<-c.Done()
	})
}

// The BYE to a phone that answered second goes again as well.
func TestChallengedByeOfAFork(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		c, invite := p.answeredCall(nil)
		p.reply(invite, "200 OK", "two", contactOfPhone, "\nanswer")
		p.hear("ACK")
		fork := p.hear("BYE")
		go c.Hangup(context.Background())
		bye := p.hear("BYE")
		if tag := toTagOf(t, bye); tag != "one" {
			t.Errorf("BYE to %s, want one", tag)
		}
		p.reply(bye, "200 OK", "")
		synctest.Wait()
		p.challenge(fork, "a", "1") // whose call is over
		again := p.hear("BYE")
		wantRetry(t, fork, again, 3)
		wantCarries(t, again, "A a 1 00000001")
		p.reply(again, "200 OK", "")
	})
}

// A re-INVITE goes again like any other request, and its ACK has the number and the credentials of the one that was answered.
func TestChallengedReinvite(t *testing.T) {
	withPhone(t, withPassword(), func(p *phone) {
		c, _ := p.answeredCall(nil)
		got := reinvite(context.Background(), c, sdpBody("hold"))
		first := p.hear("INVITE")
		p.reply(first, "100 Trying", "")
		p.challenge(first, "a", "1")
		p.hear("ACK")
		again := p.hear("INVITE")
		wantRetry(t, first, again, 3)
		wantCarries(t, again, "A a 1 00000001")
		if string(again.Body()) != "hold" {
			t.Errorf("body: got %q", again.Body())
		}
		p.reply(again, "200 OK", "", contactOfPhone, "\nheld")
		ack := p.hear("ACK")
		if string(ack.Raw(parser.HeaderCSeq)) != "3 ACK" {
			t.Errorf("ACK: got %s", ack.Raw(parser.HeaderCSeq))
		}
		wantCarries(t, ack, "A a 1 00000001")
		(<-got).want(t, "held")

		got = reinvite(context.Background(), c, sdpBody("resume"))
		for range 2 {
			p.challenge(p.hear("INVITE"), "b", "1")
			p.hear("ACK")
		}
		r := <-got
		r.refused(t, parser.StatusUnauthorized)
		if !errors.Is(r.err, auth.ErrRejected) {
			t.Errorf("got %v, want %v", r.err, auth.ErrRejected)
		}
		p.endCall(c)
	})
}

// A re-INVITE that was given up while its credentials were looked up is not sent again, and one that is given up behind the second try is
// cancelled by its own CANCEL.
func TestReinviteIsGivenUp(t *testing.T) {
	var asked, answer chan bool
	cfg := &ua.Config{Credentials: func(string) (auth.Credentials, bool) {
		asked <- true
		<-answer
		return auth.Credentials{Username: "alice", Secret: auth.Secret{Password: "wonderland"}}, true
	}}
	withPhone(t, cfg, func(p *phone) {
		asked, answer = make(chan bool), make(chan bool)
		c, _ := p.answeredCall(nil)
		for _, early := range []bool{true, false} {
			ctx, cancel := context.WithCancel(context.Background())
			got := reinvite(ctx, c, sdpBody("hold"))
			m := p.hear("INVITE")
			p.reply(m, "100 Trying", "")
			p.challenge(m, "a", "1")
			p.hear("ACK")
			<-asked
			if early {
				cancel()
				synctest.Wait()
			}
			answer <- true
			if !early {
				m = p.hear("INVITE")
				cancel()
				synctest.Wait()
				p.reply(m, "100 Trying", "")
				p.reply(p.hear("CANCEL"), "200 OK", "")
				p.reply(m, "487 Request Terminated", "")
				p.hear("ACK")
			}
			if r := <-got; !errors.Is(r.err, context.Canceled) {
				t.Errorf("got %v, want %v", r.err, context.Canceled)
			}
			cancel()
		}
		p.endCall(c)
	})
}
