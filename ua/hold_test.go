package ua_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// The connection of a call stays open as long as the call, however long nobody says anything, and not much longer.
func TestConnectionStaysAsLongAsItsCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		callee := agentAt(t, n.Host(agentAddr.Addr()), agentAddr, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }})
		defer callee.Shutdown(context.Background())
		caller := agentAt(t, n.Host(phoneAddr.Addr()), phoneAddr, nothing())
		defer caller.Shutdown(context.Background())
		open := func() int { return callee.Stats().Connections + caller.Stats().Dialled }

		c, err := caller.Call(context.Background(), "sip:me@"+agentAddr.String()+";transport=tcp", sdpBody("offer"), nil)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Hour)
		if got := open(); got != 2 {
			t.Errorf("%d ends of the connection are open after two hours of silence, want 2", got)
		}
		if err := c.Hangup(context.Background()); err != nil {
			t.Error(err)
		}
		time.Sleep(6 * time.Minute)
		if got := open(); got != 0 {
			t.Errorf("%d ends are open six minutes after the call, want none", got)
		}
	})
}
