package interop

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// A program of ours that is stopped, or killed, in any state of a call leaves nothing at the other side once that state's bound has
// passed, and the application there is told once, with the cause.
func TestPeerIsKilled(t *testing.T) {
	const (
		t1       = 20 * time.Millisecond
		ring     = 2 * time.Second
		interval = 3 * time.Second
		bound    = ring + 128*t1 + 10*t1 + interval + 2*time.Second
	)
	described := session("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n")
	// called is the peer that calls us, ringing; calling the one that we called, answered.
	called := func(t *testing.T, p *party) (*program, *ua.Call) {
		peer := start(t, sip, "call", "-t1", t1.String(), "-for", "1m", p.uri("udp"))
		c := p.next(t)
		must(t, c.Ring())
		peer.field(t, "ringing")
		return peer, c
	}
	calling := func(t *testing.T, p *party) (*program, *ua.Call) {
		peer := start(t, sip, "serve", "-t1", t1.String(), "-listen", "udp:127.0.0.1:0", "-listen", "tcp:127.0.0.1:0", "-session-expires", interval.String(), "-min-se", "1s")
		c, err := p.Call(t.Context(), "sip:echo@"+peer.field(t, "listening udp "), described, nil)
		must(t, err)
		return peer, c
	}
	any := func(err error, of ...error) bool {
		for _, e := range of {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
	// Whether a refresh or a re-INVITE finds out by silence or by the network, or the interval ends first, depends on how the peer went.
	gone := func(err error) bool {
		return any(err, ua.ErrExpired, transaction.ErrTimeout, syscall.ECONNREFUSED)
	}
	for _, tt := range []struct {
		name  string
		begin func(*testing.T, *party) (*program, *ua.Call)
		do    func(*testing.T, *ua.Call) // when the peer is gone
		cause func(error) bool
	}{
		{"ringing", called, func(*testing.T, *ua.Call) {}, func(err error) bool { return any(err, ua.ErrRejected) }},
		{"answered", called, func(t *testing.T, c *ua.Call) { must(t, c.Answer(session("answer"))) }, func(err error) bool { return any(err, ua.ErrNoAck) }},
		{"established", calling, func(*testing.T, *ua.Call) {}, gone},
		{"re-INVITE", calling, func(t *testing.T, c *ua.Call) {
			if _, err := c.Reinvite(t.Context(), described); err == nil {
				t.Error("a re-INVITE to nobody was answered")
			}
		}, gone},
		{"BYE", calling, func(t *testing.T, c *ua.Call) {
			ctx, cancel := context.WithTimeout(t.Context(), bound)
			defer cancel()
			must(t, c.Hangup(ctx))
		}, func(err error) bool { return err == nil || any(err, transaction.ErrTimeout) }},
	} {
		for how, signal := range map[string]syscall.Signal{"stopped": syscall.SIGSTOP, "killed": syscall.SIGKILL} {
			t.Run(tt.name+", "+how, func(t *testing.T) {
				t.Parallel()
				p := newParty(t, "alice", ua.Config{T1: t1, RingTimeout: ring, SessionExpires: interval, MinSE: time.Second})
				peer, c := tt.begin(t, p)
				peer.signal(t, signal)
				if signal == syscall.SIGKILL {
					peer.wait(t, 5*time.Second)
				}
				tt.do(t, c)
				select {
				case <-c.Done():
				case <-time.After(bound):
					t.Fatalf("%v after its peer was %s the call is %v", bound, how, c.State())
				}
				if !tt.cause(c.Err()) || c.EndedByPeer() {
					t.Errorf("the call ended with %v, by the peer: %v", c.Err(), c.EndedByPeer())
				}
				until(t, bound, "nothing is left of it", func() bool {
					s := p.Stats()
					return s.Calls+s.Dialogs+s.Transactions == 0 && c.State() == dialog.Terminated
				})
			})
		}
	}
}
