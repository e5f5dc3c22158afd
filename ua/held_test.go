package ua_test

import (
	"context"
	"flag"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/internal/sdp"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

var long = flag.Bool("long", false, "run all of what takes long, not a part")

// heldCalls are made and held with -long, and a twentieth without.
const heldCalls = 20_000

// maxHeld is what a call that is held may cost at one of its ends, in octets, beyond the descriptions that are kept.
const maxHeld = 3 << 10

// usage is what lives: octets and goroutines.
type usage struct{ octets, goroutines int }

func measure() usage {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{int(m.HeapAlloc), runtime.NumGoroutine()}
}

// Calls that stand, and were put on hold by a re-INVITE, cost little memory and no goroutine each, at either end. Both ends live in this process, so
// a call is two of those that are promised.
func TestHeldCallsAreSmall(t *testing.T) {
	n := heldCalls / 20
	if *long {
		n = heldCalls
	}
	offer := ua.Body{Type: sdp.ContentType, Data: sdp.Offer(agentAddr.Addr())}
	hold := ua.Body{Type: sdp.ContentType, Data: append(sdp.Offer(agentAddr.Addr()), "a=sendonly\r\n"...)}
	answer := ua.Body{Type: sdp.ContentType, Data: sdp.Offer(phoneAddr.Addr())}
	// Of the peer's descriptions each end keeps its own copy: at the callee the re-INVITE's, at the caller the answers to the INVITE and to it.
	bodies := (len(hold.Data) + 2*len(answer.Data)) / 2
	synctest.Test(t, func(t *testing.T) {
		net := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer net.Close()
		limits := ua.Config{MaxRequestsPerSource: 1 << 20}
		called := limits
		called.OnCall = func(c *ua.Call) { c.Answer(answer) }
		called.OnOffer = func(*ua.Call, ua.Body) (ua.Body, error) { return answer, nil }
		callee := agentAt(t, net.Host(agentAddr.Addr()), agentAddr, &called)
		caller := agentAt(t, net.Host(phoneAddr.Addr()), phoneAddr, &limits)
		place := func(calls []*ua.Call) {
			const workers = 20
			var all sync.WaitGroup
			for worker := range workers {
				all.Go(func() {
					for i := worker; i < len(calls); i += workers {
						c, err := caller.Call(context.Background(), "sip:me@"+agentAddr.String(), offer, nil)
						if err == nil {
							_, err = c.Reinvite(context.Background(), hold)
						}
						if err != nil {
							t.Error(err)
							return
						}
						calls[i] = c
					}
				})
			}
			all.Wait()
			time.Sleep(2 * time.Minute) // transactions and idle handlers end
		}
		place(make([]*ua.Call, 100)) // what is made once is made
		before := measure()
		calls := make([]*ua.Call, n)
		place(calls)
		after := measure()
		each := (after.octets-before.octets)/(2*n) - bodies
		t.Logf("%d calls: %d octets at each end and %d of bodies, %d goroutines more", n, each, bodies, after.goroutines-before.goroutines)
		if each > maxHeld {
			t.Errorf("a held call costs %d octets at each end, want %d at most", each, maxHeld)
		}
		if more := after.goroutines - before.goroutines; more > 5 {
			t.Errorf("%d goroutines more for %d calls", more, n)
		}
		for _, c := range calls {
			if c == nil || c.State() != dialog.Confirmed {
				t.Fatal("a call does not stand")
			}
		}
		die(caller)
		die(callee)
	})
}
