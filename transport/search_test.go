package transport

import (
	"context"
	"errors"
	"net/netip"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// lose has a station get a request over a connection that is gone by the time the answer goes out.
func lose(t *testing.T, s *station, a *acceptor) arrival {
	t.Helper()
	peer := a.from(t, "192.0.2.9:6000")
	send(t, peer, options(viaTCP))
	got := <-s.arrivals
	_ = peer.Close()
	synctest.Wait()
	if err := got.hop.Send(answer(t, got.m)); err != nil {
		t.Fatal(err)
	}
	return got
}

// RS-020: "If that connection attempt fails, the server SHOULD use the procedures in [4] for servers" (RFC 3261, Section 18.2.2): the
// response goes to the first of them that takes it, over the protocol of its Via, and the next one there at once.
func TestResponseThatIsLostIsLocated(t *testing.T) {
	var asked atomic.Int32
	locate := func(_ context.Context, via parser.Via) ([]Target, error) {
		asked.Add(1)
		if string(via.Transport()) != "TCP" || len(via.Branch()) == 0 {
			t.Errorf("asked for %s %s", via.Transport(), via.Host())
		}
		time.Sleep(time.Second)
		return []Target{{Protocol: TCP, Addr: ap("192.0.2.9:5070")}, {Protocol: UDP, Addr: ap("192.0.2.20:5060")}, {Protocol: TCP, Addr: ap("192.0.2.21:5060")},
			{Protocol: TCP, Addr: ap("192.0.2.22:5060")}, {Protocol: TCP, Addr: ap("192.0.2.23:5060")}}, nil
	}
	onListener(t, Config{LocateResponse: locate}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		got := lose(t, s, a)
		for _, want := range []string{"192.0.2.9:5070", "192.0.2.21:5060"} {
			attempt := <-d.dials
			if attempt.remote != ap(want) {
				t.Fatalf("dialled %v, want %v", attempt.remote, want)
			}
			attempt.refuse()
		}
		attempt := <-d.dials
		peer := attempt.accept()
		if m := receive(t, peer); attempt.remote != ap("192.0.2.22:5060") || m.Status() != parser.StatusOK {
			t.Errorf("%v received %s", attempt.remote, m.StartLine())
		}
		if err := got.hop.Send(answer(t, got.m)); err != nil {
			t.Fatal(err)
		}
		if m := receive(t, peer); m.Status() != parser.StatusOK {
			t.Errorf("then received %s", m.StartLine())
		}
		synctest.Wait()
		none(t, d.dials, "dial")
		none(t, s.failures, "failure")
		if n := asked.Load(); n != 1 {
			t.Errorf("looked up %d times, want 1", n)
		}
	})
}

// What is found nowhere fails once, whatever the look-up does.
func TestResponseThatIsFoundNowhereFails(t *testing.T) {
	for name, locate := range map[string]func(context.Context, parser.Via) ([]Target, error){
		"error":   func(context.Context, parser.Via) ([]Target, error) { return nil, errors.New("no such name") },
		"nothing": func(context.Context, parser.Via) ([]Target, error) { return nil, nil },
		"the same": func(context.Context, parser.Via) ([]Target, error) {
			return []Target{{Protocol: TCP, Addr: ap("192.0.2.9:5070")}}, nil
		},
		"waits": func(ctx context.Context, _ parser.Via) ([]Target, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"nobody there": func(context.Context, parser.Via) ([]Target, error) {
			return []Target{{Protocol: TCP, Addr: ap("192.0.2.21:5060")}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			onListener(t, Config{LocateResponse: locate}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
				got := lose(t, s, a)
				(<-d.dials).refuse()
				if name == "nobody there" {
					(<-d.dials).refuse()
				}
				begin := time.Now()
				f := <-s.failures
				if f.hop != got.hop || !errors.Is(f.err, syscall.ECONNREFUSED) {
					t.Errorf("failed with %v", f.err)
				}
				if took := time.Since(begin); took > searchWithin {
					t.Errorf("after %v", took)
				}
				synctest.Wait()
				none(t, s.failures, "failure")
				if n := s.searches.Load(); n != 0 {
					t.Errorf("%d searches left", n)
				}
			})
		})
	}
}

// Peers cannot have any number of names looked up, and the end of the layer ends what is being looked for.
func TestSearchesAreBounded(t *testing.T) {
	var asked atomic.Int32
	locate := func(ctx context.Context, _ parser.Via) ([]Target, error) {
		asked.Add(1)
		<-ctx.Done()
		return nil, ctx.Err()
	}
	onListener(t, Config{LocateResponse: locate}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		for i := range 3 * maxSearches {
			peer := a.from(t, netip.AddrPortFrom(ap("192.0.2.9:1").Addr(), uint16(7000+i)).String())
			send(t, peer, options(viaTCP))
			got := <-s.arrivals
			_ = peer.Close()
			synctest.Wait()
			if err := got.hop.Send(answer(t, got.m)); err != nil {
				t.Fatal(err)
			}
			(<-d.dials).refuse()
			synctest.Wait()
		}
		if n := asked.Load(); n != maxSearches {
			t.Errorf("%d at one time, want %d", n, maxSearches)
		}
	})
}
