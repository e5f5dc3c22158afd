package ua_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// UA-058, UA-059: a REGISTER names the domain, and one Call-ID goes through all of them with rising numbers; the binding is refreshed before it
// expires, until it is removed.
func TestRegistrationKeepsItselfAlive(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		r := o.register(nil)
		first := o.want(1)[0]
		for _, tt := range []struct {
			header parser.Header
			want   string
		}{
			{parser.HeaderTo, "<sip:alice@10.0.2.1>"},
			{parser.HeaderContact, "<sip:alice@10.0.0.1:5060>"},
			{parser.HeaderExpires, "3600"},
			{parser.HeaderSupported, "path"},
			{parser.HeaderCSeq, "1 REGISTER"},
		} {
			if got := string(first.Raw(tt.header)); got != tt.want {
				t.Errorf("%v: %q, want %q", tt.header, got, tt.want)
			}
		}
		if got, want := string(first.StartLine()), "REGISTER sip:10.0.2.1 SIP/2.0"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if n := o.phone.Stats().Registrations; n != 1 {
			t.Errorf("%d registrations, want 1", n)
		}
		for i := range uint32(5) {
			time.Sleep(541 * time.Second) // 600 less a tenth at least
			m := o.want(1)[0]
			if string(m.CallID()) != string(first.CallID()) || number(m) != i+2 {
				t.Errorf("REGISTER %d has Call-ID %q and number %d, want %q and %d", i+2, m.CallID(), number(m), first.CallID(), i+2)
			}
			if from, err := m.From(); err != nil || string(from.URI().Raw()) != "sip:alice@10.0.2.1" {
				t.Errorf("From %q", m.Raw(parser.HeaderFrom))
			}
			if d := time.Until(r.Expires()); d <= 0 || d > 600*time.Second {
				t.Errorf("the binding expires in %v", d)
			}
		}
		o.passed("Trying", "Registered", "Refreshing", "Registered", "Refreshing", "Registered", "Refreshing", "Registered",
			"Refreshing", "Registered", "Refreshing", "Registered")
		if err := r.Unregister(context.Background()); err != nil || r.Err() != nil {
			t.Errorf("Unregister = %v, Err = %v", err, r.Err())
		}
		last := o.want(1)[0]
		if got := string(last.Raw(parser.HeaderExpires)) + " " + string(last.Raw(parser.HeaderContact)); got != "0 <sip:alice@10.0.0.1:5060>" {
			t.Errorf("removed by %q", got)
		}
		o.passed("Unregistering", "Ended")
		if n := o.phone.Stats().Registrations; n != 0 {
			t.Errorf("%d registrations, want 0", n)
		}
		time.Sleep(time.Hour)
		o.want(0)
	})
}

// UA-059: "423 [...] expiration interval within the Min-Expires header field", kept for all that follow (RFC 3261, Section 10.2.8).
func TestIntervalTooBriefIsRaised(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(func(m *parser.Message) (parser.Status, []ua.Field) {
			if n, _ := m.Expires(); n != 0 && n < 7200 {
				return parser.StatusIntervalTooBrief, fieldsOf([]string{"Min-Expires: 7200"})
			}
			return grant(7200)(m)
		})
		r := o.register(&ua.RegisterOptions{Expires: time.Minute})
		all := o.want(2)
		if a, b := string(all[0].Raw(parser.HeaderExpires)), string(all[1].Raw(parser.HeaderExpires)); a != "60" || b != "7200" || number(all[1]) != 2 {
			t.Errorf("asked for %s and %s, number %d", a, b, number(all[1]))
		}
		time.Sleep(7200 * time.Second * 9 / 10)
		if got := string(o.want(1)[0].Raw(parser.HeaderExpires)); got != "7200" {
			t.Errorf("the refresh asked for %s", got)
		}
		if err := r.Unregister(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestIntervalThatIsNeverLongEnough(t *testing.T) {
	for _, min := range []string{"30", "3600", "", "x", "99999999999999999999"} {
		withOffice(t, nil, func(o *office) {
			o.says(always(parser.StatusIntervalTooBrief, "Min-Expires: "+min))
			var refused *ua.ResponseError
			if _, err := o.tries(nil); !errors.As(err, &refused) || refused.Status != 423 {
				t.Errorf("Min-Expires %q: got %v, want 423", min, err)
			}
			o.want(1)
			o.passed("Trying", "Ended!")
		})
	}
}

// What a first REGISTER fails with is returned, and nothing is left.
func TestRegisterFails(t *testing.T) {
	for _, status := range []parser.Status{400, 401, 403, 404, 486, 500, 503, 600, 302} {
		withOffice(t, nil, func(o *office) {
			o.says(always(status))
			var refused *ua.ResponseError
			if _, err := o.tries(nil); !errors.As(err, &refused) || refused.Status != status {
				t.Errorf("got %v, want %d", err, status)
			}
			o.passed("Trying", "Ended!")
			time.Sleep(time.Hour)
			o.want(1)
		})
	}
	withOffice(t, nil, func(o *office) {
		o.says(always(0))
		o.host.Crash()
		if _, err := o.tries(nil); !errors.Is(err, transaction.ErrTimeout) {
			t.Errorf("got %v, want a timeout", err)
		}
	})
	withOffice(t, nil, func(o *office) {
		o.says(always(200))
		r := o.register(nil) // whose Contact was rewritten on the way
		if len(r.Bindings()) != 0 || r.State() != registration.Registered {
			t.Errorf("%v with %v", r.State(), r.Bindings())
		}
		o.says(always(200, "Contact: <sip:alice@10.0.0.1:5060>;expires=0"))
		if _, err := o.tries(nil); !errors.Is(err, ua.ErrUnbound) {
			t.Errorf("got %v, want ErrUnbound", err)
		}
		o.says(nil)
	})
}

// A refresh that is refused for good ends the registration, and the application hears why.
func TestRefusalThatStaysEndsTheRegistration(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		r := o.register(nil)
		o.says(always(403))
		<-r.Done()
		var refused *ua.ResponseError
		if !errors.As(r.Err(), &refused) || refused.Status != 403 {
			t.Errorf("ended by %v, want 403", r.Err())
		}
		o.passed("Trying", "Registered", "Refreshing", "Ended!")
		if err := r.Unregister(context.Background()); !errors.As(err, &refused) {
			t.Errorf("Unregister = %v", err)
		}
		time.Sleep(time.Hour)
		o.want(2)
	})
}

// UA-064, UA-010: after failures REGISTERs come after waits of 30 to 60 s, twice that and so on, never together, and not before what Retry-After says
// (RFC 5626, Section 4.5).
func TestRegistrationBacksOff(t *testing.T) {
	for _, tt := range []struct {
		name   string
		answer func(*parser.Message) (parser.Status, []ua.Field)
		least  []time.Duration
	}{
		{"500", always(500), []time.Duration{30, 60, 120, 240, 480, 900, 900}},
		{"503 with a long wait", always(503, "Retry-After: 600"), []time.Duration{600, 600, 600, 600, 600, 900}},
		{"redirected to nobody", always(302), []time.Duration{30, 60, 120}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			withOffice(t, nil, func(o *office) {
				o.says(tt.answer)
				r := o.register(&ua.RegisterOptions{Persist: true})
				o.want(0)
				time.Sleep(20 * time.Millisecond)
				o.want(1)
				for _, least := range tt.least {
					least *= time.Second
					begin := time.Now()
					for len(o.took()) == 0 {
						time.Sleep(time.Second)
						if time.Since(begin) > 2*least+time.Minute {
							t.Fatalf("no REGISTER within %v", time.Since(begin))
						}
					}
					if waited := time.Since(begin); waited < least-time.Second || waited > 2*least+2*time.Second {
						t.Errorf("waited %v, want %v to %v", waited, least, 2*least)
					}
				}
				o.says(nil)
				o.until(r, registration.Registered, time.Hour)
			})
		})
	}
}

// A refresh that fails in a way that may pass leaves the binding until it expires, and what was known of the registrar.
func TestFailedRefreshKeepsTheBinding(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(grant(600, "Service-Route: <sip:10.0.2.1;lr>"))
		r := o.register(nil)
		o.says(always(500))
		o.until(r, registration.Retrying, 600*time.Second)
		if len(r.Bindings()) != 1 || len(r.ServiceRoute()) != 1 {
			t.Errorf("%v, %v", r.Bindings(), r.ServiceRoute())
		}
		o.until(r, registration.Waiting, 600*time.Second)
		if len(r.Bindings()) != 0 {
			t.Errorf("still bound: %v", r.Bindings())
		}
		o.says(nil)
		o.until(r, registration.Registered, 600*time.Second)
	})
}

// UA-060: who gives up while the REGISTER is under way has removed what it bound; and a registrar that does not answer is not waited for.
func TestUnregister(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond) // the answer takes 20
		defer cancel()
		if _, err := o.phone.Register(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		time.Sleep(time.Minute)
		all := o.want(2)
		if got := string(all[1].Raw(parser.HeaderExpires)); got != "0" {
			t.Errorf("then asked for %s", got)
		}
		if n := o.phone.Stats().Registrations; n != 0 {
			t.Errorf("%d registrations left", n)
		}
	})
	withOffice(t, nil, func(o *office) {
		r := o.register(nil)
		o.network.Partition(agentAddr.Addr(), officeAddr.Addr())
		begin := time.Now()
		if err := r.Unregister(context.Background()); !errors.Is(err, transaction.ErrTimeout) {
			t.Errorf("got %v, want a timeout", err)
		}
		if took := time.Since(begin); took > 37*time.Second {
			t.Errorf("took %v, want 64*T1 + T4 at most", took)
		}
	})
	withOffice(t, nil, func(o *office) { // refused
		r := o.register(nil)
		o.says(always(503))
		var refused *ua.ResponseError
		if err := r.Unregister(context.Background()); !errors.As(err, &refused) {
			t.Errorf("got %v, want 503", err)
		}
	})
	withOffice(t, nil, func(o *office) { // the caller does not wait, the removal goes on
		r := o.register(nil)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if err := r.Unregister(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
		<-r.Done()
		o.want(2)
	})
}

// Shutdown removes what is registered; with a context that is over it drops it, and whoever waits hears so.
func TestShutdownEndsRegistrations(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		r := o.register(nil)
		if err := o.phone.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if got := string(o.want(2)[1].Raw(parser.HeaderExpires)); got != "0" || r.Err() != nil {
			t.Errorf("asked for %s, ended by %v", got, r.Err())
		}
		if _, err := o.phone.Register(context.Background(), nil); !errors.Is(err, ua.ErrClosed) {
			t.Errorf("Register afterwards: %v", err)
		}
	})
	withOffice(t, nil, func(o *office) {
		r := o.register(nil)
		o.network.Partition(agentAddr.Addr(), officeAddr.Addr())
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := o.phone.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v", err)
		}
		<-r.Done()
		if !errors.Is(r.Err(), ua.ErrClosed) {
			t.Errorf("ended by %v", r.Err())
		}
	})
	withOffice(t, nil, func(o *office) { // with no time at all
		o.register(&ua.RegisterOptions{Registrar: byTCP})
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		o.phone.Shutdown(ctx)
		o.passed("Trying", "Registered", "Ended!")
		o.want(1)
	})
}

// A thousand phones that registered at one moment do not refresh at one, and come back after a restart spread over seconds.
func TestStormsDoNotSynchronise(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		const n = 300
		for i := range n {
			o.register(&ua.RegisterOptions{AOR: fmt.Sprintf("sip:u%d@10.0.2.1;transport=tcp", i), Registrar: "sip:10.0.2.1;transport=tcp"})
		}
		o.took()
		if g := o.phone.Stats(); g.Registrations != n || g.Handlers > 50 {
			t.Errorf("%d registrations with %d goroutines, want %d without", g.Registrations, g.Handlers, n)
		}
		most := func(d time.Duration, step time.Duration) (peak, all int) {
			for range d / step {
				time.Sleep(step)
				k := len(o.took())
				peak, all = max(peak, k), all+k
			}
			return peak, all
		}
		if peak, all := most(545*time.Second, time.Second); all < n || peak > n/10 {
			t.Errorf("of %d refreshes %d came in one second", all, peak)
		}
		o.host.Reset()
		if peak, all := most(5*time.Second, 100*time.Millisecond); all < n || peak > n/10 {
			t.Errorf("of %d recoveries %d came within 100 ms", all, peak)
		}
	})
}

// The application hears of the states one at a time and in order, and holds up nothing when it is slow.
func TestStatesAreToldInOrder(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		var got []registration.State
		told := make(chan registration.State, 100)
		r, err := o.phone.Register(context.Background(), &ua.RegisterOptions{OnState: func(s registration.State, _ error) {
			time.Sleep(time.Hour)
			told <- s
			if s == registration.Registered {
				panic("the application's")
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(601 * time.Second)
		if r.State() != registration.Registered || len(o.took()) < 2 {
			t.Errorf("%v", r.State())
		}
		ended := make(chan error)
		go func() { ended <- r.Unregister(context.Background()) }()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		synctest.Wait()
		for len(told) > 0 {
			got = append(got, <-told)
		}
		if !slices.IsSortedFunc(got[:2], func(a, b registration.State) int { return int(a) - int(b) }) || got[len(got)-1] != registration.Ended {
			t.Errorf("got %v", got)
		}
	})
}
