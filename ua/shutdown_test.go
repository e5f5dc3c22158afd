package ua_test

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// Both ends of many calls shut down while these are placed, ring, are answered and end: everybody is told, and nothing is left.
func TestShutdownUnderLoad(t *testing.T) {
	for _, test := range []struct {
		name     string
		patience time.Duration // of Shutdown
		locate   bool
	}{{"at once", 0, false}, {"soon", time.Second, true}, {"in time", 5 * time.Minute, true}} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := siptest.NewNetwork(7, siptest.Conditions{Delay: 5 * time.Millisecond, Jitter: 20 * time.Millisecond, Loss: 0.1})
				defer n.Close()
				over := make(chan struct{})
				callee := agentAt(t, n.Host(phoneAddr.Addr()), phoneAddr, &ua.Config{OnCall: func(c *ua.Call) {
					c.Ring()
					select {
					case <-time.After(200 * time.Millisecond):
					case <-c.Done():
					}
					c.Answer(sdpBody("answer"))
					<-c.Done()
				}})
				cfg := &ua.Config{}
				if test.locate {
					cfg.Locate = literal
				}
				caller := agentAt(t, n.Host(netip.MustParseAddr("10.0.0.1")), agentAddr, cfg)
				var calls sync.WaitGroup
				for i := range 60 {
					calls.Go(func() {
						time.Sleep(time.Duration(i) * 20 * time.Millisecond)
						c, err := caller.Call(context.Background(), phoneURI, sdpBody("offer"), nil)
						if err == nil {
							select {
							case <-time.After(300 * time.Millisecond):
								c.Hangup(context.Background())
							case <-c.Done():
							}
							<-c.Done()
						}
					})
					calls.Go(func() {
						time.Sleep(time.Duration(i) * 20 * time.Millisecond)
						caller.Options(context.Background(), phoneURI, nil)
					})
				}
				time.Sleep(700 * time.Millisecond)
				var ends sync.WaitGroup
				for _, a := range []*ua.Agent{caller, callee} {
					ends.Go(func() {
						ctx, cancel := context.WithTimeout(context.Background(), test.patience)
						defer cancel()
						if err := a.Shutdown(ctx); err != nil && test.patience > time.Minute {
							t.Errorf("Shutdown: %v", err)
						}
					})
				}
				ends.Wait()
				go func() { calls.Wait(); close(over) }()
				select {
				case <-over:
				case <-time.After(time.Minute):
					t.Error("somebody still waits for a call a minute after Shutdown")
				}
				time.Sleep(20 * time.Second) // goroutines of handlers that outlived a short Shutdown
				for _, a := range []*ua.Agent{caller, callee} {
					if s := a.Stats(); s.Calls+s.Dialogs+s.Transactions+s.Connections+s.Dialled+s.Handlers != 0 {
						t.Errorf("left after Shutdown: %+v", s)
					}
				}
			})
		})
	}
}
