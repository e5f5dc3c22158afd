package ua_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// TestNobodyStaysUnregistered has everything happen to a registrar and the way to it for hours, one seed after the other. Whatever that was: when it is
// over the phone is registered within the longest wait, as long as nobody told it for good to go away; and unregistering ends it.
func TestNobodyStaysUnregistered(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			c := siptest.Conditions{Delay: wire, Jitter: wire, Loss: 0.1, Reorder: 0.2, Duplicate: 0.05, CutSegments: true}
			withOfficeOver(t, nil, c, seed, func(o *office) {
				r := rand.New(rand.NewPCG(seed, 7))
				opts := ua.RegisterOptions{Persist: true}
				if seed%2 == 0 {
					opts.Registrar = byTCP
				}
				if seed%3 == 0 {
					opts.Instance, opts.RegID = instance, 1
				}
				answers := []func(*parser.Message) (parser.Status, []ua.Field){
					grant(1), grant(60), grant(3600), outbound(600), outbound(60, "Flow-Timer: 20"), always(500), always(503, "Retry-After: 70"), always(408),
					always(302), always(423, "Min-Expires: 1800"), always(439), always(200), always(200, "Contact: <sip:alice@10.0.0.1:5060>;expires=0"), nil,
				}
				reg := o.register(&opts)
				for range 60 {
					switch r.IntN(7) {
					case 0:
						o.network.Partition(agentAddr.Addr(), officeAddr.Addr())
					case 1:
						o.network.Heal(agentAddr.Addr(), officeAddr.Addr())
					case 2:
						o.host.Reset()
					case 3: // the registrar restarts
						ctx, stop := context.WithCancel(context.Background())
						stop()
						o.server.Shutdown(ctx)
						time.Sleep(time.Duration(r.Int64N(int64(time.Minute))))
						o.open()
					default:
						o.says(answers[r.IntN(len(answers))])
					}
					time.Sleep(time.Duration(r.Int64N(int64(10 * time.Minute))))
					synctest.Wait()
					siptest.Armed(t, o.phone.Unarmed)
					o.took()
				}
				o.network.Heal(agentAddr.Addr(), officeAddr.Addr())
				o.says(grant(600))
				if reg.State() == registration.Ended {
					t.Fatalf("ended by %v", reg.Err())
				}
				o.until(reg, registration.Registered, 2*time.Hour)
				time.Sleep(time.Hour)
				if !reg.State().Bound() || time.Until(reg.Expires()) <= 0 {
					t.Errorf("after an hour of peace: %v, expires in %v", reg.State(), time.Until(reg.Expires()))
				}
				ctx, stop := context.WithTimeout(context.Background(), 6*time.Minute)
				defer stop()
				if reg.Unregister(ctx); reg.State() != registration.Ended {
					t.Errorf("unregistering leads to %v", reg.State())
				}
				time.Sleep(128*500*time.Millisecond + 5*time.Second)
				if s := o.phone.Stats(); s.Registrations+s.Transactions != 0 || s.Transport.KeptAlive != 0 || s.Panics != 0 {
					t.Errorf("left: %+v", s)
				}
			})
		})
	}
}
