package ua_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/ua"
)

// An INVITE that lapses is answered 487, and its Expires says nothing about a call that was answered (RFC 3261, Sections
// 13.2.1 and 13.3.1).
func TestInviteThatLapsesIsRefused(t *testing.T) {
	over := make(chan error, 1)
	cfg := &ua.Config{OnCall: func(c *ua.Call) {
		c.Ring()
		<-c.Done()
		over <- c.Err()
	}}
	withPhone(t, cfg, func(p *phone) {
		for _, expires := range []string{"5", "0", "4294967296000"} {
			start := time.Now()
			p.send(request("INVITE", toAgent, "Expires: "+expires, "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKlapse"+expires, "Call-ID: lapse"+expires))
			m := p.within(time.Minute)
			if m != nil && m.Status() == 180 {
				m = p.within(20 * time.Second)
			}
			if expires == "4294967296000" {
				if m != nil {
					t.Errorf("Expires %s: got %q", expires, m.StartLine())
				}
				continue
			}
			if m == nil || m.Status() != 487 {
				t.Fatalf("Expires %s: got %v, want 487", expires, m)
			}
			want := 5 * time.Second
			if expires == "0" {
				want = 0
			}
			if d := time.Since(start); d < want || d > want+100*time.Millisecond {
				t.Errorf("Expires %s: refused after %v", expires, d)
			}
			if err := <-over; !errors.Is(err, ua.ErrCanceled) {
				t.Errorf("Expires %s: Err is %v, want ErrCanceled", expires, err)
			}
			p.send(ackOf(m))
		}
		time.Sleep(10 * time.Minute) // the last one rings its time
		<-over
	})
}

func TestExpiresDoesNotLimitTheCall(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Expires: 5"))
		ok := p.hear("200")
		p.send(ackOf(ok))
		if m := p.within(time.Minute); m != nil {
			t.Errorf("got %q", m.StartLine())
		}
		p.send(byeOf(ok))
		p.hear("200")
	})
}

// A caller that put Expires into its INVITE gives up when it lapses: by CANCEL, once there was any response.
func TestCallerCancelsWhatLapsed(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		lapsing := &ua.CallOptions{Header: []ua.Field{{Name: "Expires", Value: "5"}}}
		out := p.called(context.Background(), sdpBody("offer"), lapsing)
		start := time.Now()
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		cancel := p.hear("CANCEL")
		if d := time.Since(start); d < 5*time.Second || d > 5100*time.Millisecond {
			t.Errorf("CANCEL after %v, want 5s", d)
		}
		p.reply(cancel, "200 OK", "one")
		p.reply(invite, "487 Request Terminated", "one")
		p.hear("ACK")
		if o := <-out; !errors.Is(o.err, ua.ErrCanceled) {
			t.Errorf("Call: %v, want ErrCanceled", o.err)
		}
		// Without any response there is nothing to cancel yet.
		out = p.called(context.Background(), sdpBody("offer"), lapsing)
		invite = p.hear("INVITE")
		time.Sleep(10 * time.Second)
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		p.reply(p.hear("CANCEL"), "200 OK", "one")
		p.reply(invite, "487 Request Terminated", "one")
		p.hear("ACK")
		if o := <-out; !errors.Is(o.err, ua.ErrCanceled) {
			t.Errorf("Call: %v, want ErrCanceled", o.err)
		}
	})
}
