package transport

import (
	"context"
	"errors"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestFlowFindsOrDials(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		to := Target{Protocol: TCP, Addr: ap("192.0.2.9:5060")}
		type result struct {
			f   Flow
			err error
		}
		results := make(chan result, 2)
		for range 2 {
			go func() {
				f, err := s.Flow(context.Background(), to)
				results <- result{f, err}
			}()
		}
		peer := (<-d.dials).accept()
		one, two := <-results, <-results
		if one.err != nil || one != two {
			t.Fatalf("flows %v and %v, want one", one, two)
		}
		f := one.f
		if f.Protocol() != TCP || !f.Reliable() || f.Remote() != to.Addr || f.Local() != ap("192.0.2.1:40000") {
			t.Errorf("flow %v", f)
		}
		if err := f.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		receive(t, peer)
		if again, err := s.Flow(context.Background(), to); err != nil || again != f {
			t.Errorf("again: %v, %v", again, err)
		}
		_ = peer.Close()
		<-f.Done()
		accepted := a.from(t, "192.0.2.9:5060")
		synctest.Wait()
		back, err := s.Flow(context.Background(), to)
		if err != nil || back == f {
			t.Errorf("after it ended: %v, %v", back, err)
		}
		if err := back.Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		receive(t, accepted)
		none(t, d.dials, "dial")
	})
}

func TestFlowFails(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		to := Target{Protocol: TCP, Addr: ap("192.0.2.9:5060")}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if _, err := s.Flow(ctx, to); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Flow = %v, want the context's error", err)
		}
		(<-d.dials).refuse()
		synctest.Wait()
		failed := make(chan error)
		go func() {
			_, err := s.Flow(context.Background(), to)
			failed <- err
		}()
		(<-d.dials).refuse()
		if err := <-failed; !errors.Is(err, syscall.ECONNREFUSED) {
			t.Errorf("Flow = %v, want ECONNREFUSED", err)
		}
		if _, err := s.Flow(context.Background(), Target{}); err == nil {
			t.Error("a Flow to nowhere was found")
		}
	})
}

func TestFlowOfDatagrams(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		f, err := s.Flow(context.Background(), Target{Protocol: UDP, Addr: ap("192.0.2.9:5060")})
		if err != nil {
			t.Fatal(err)
		}
		g, err := s.Flow(context.Background(), Target{Protocol: UDP, Addr: ap("[::ffff:192.0.2.9]:5060")})
		if err != nil || f != g {
			t.Errorf("%v and %v, %v, want one flow", f, g, err)
		}
		if f.Reliable() || f.Protocol() != UDP || f.Local() != ap("192.0.2.1:5060") || f.Remote() != ap("192.0.2.9:5060") {
			t.Errorf("flow %v", f)
		}
		if err := f.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		if out := <-pc.out; out.peer != f.Remote() {
			t.Errorf("sent to %v", out.peer)
		}
		_ = pc.Close()
		<-f.Done()
		if err := f.Send(numbered(1)); err == nil {
			t.Error("sent on a closed socket")
		}
	})
}

func TestZeroFlow(t *testing.T) {
	var f Flow
	if err := f.Send(numbered(1)); !errors.Is(err, ErrClosed) {
		t.Errorf("Send = %v, want ErrClosed", err)
	}
	if f.Done() != nil || f.Reliable() || f.Protocol() != 0 || f.Local().IsValid() || f.Remote().IsValid() {
		t.Errorf("the zero Flow is %v", f)
	}
}
