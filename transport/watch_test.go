package transport

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// onStream runs f with a TCP flow of ours, and its peer.
func onStream(t *testing.T, f func(t *testing.T, flow Flow, peer pipe)) {
	synctest.Test(t, func(t *testing.T) {
		d := newDialler()
		s := newStation(t, Config{Dial: d.dial})
		defer s.stop()
		flows := make(chan Flow, 1)
		go func() {
			flow, err := s.Flow(t.Context(), Target{Protocol: TCP, Addr: ap("192.0.2.9:5060")})
			if err != nil {
				t.Error(err)
			}
			flows <- flow
		}()
		peer := (<-d.dials).accept()
		f(t, <-flows, peer)
	})
}

// Who watches a flow hears of its end, once; who stopped does not, and nothing is ever sent for either.
func TestWatchTellsOfTheEnd(t *testing.T) {
	onStream(t, func(t *testing.T, flow Flow, peer pipe) {
		defer flow.Hold()()
		told, quiet := make(chan error, 2), make(chan error, 2)
		if _, err := flow.Watch(func(err error) { told <- err }); err != nil {
			t.Fatal(err)
		}
		stop, err := flow.Watch(func(err error) { quiet <- err })
		if err != nil {
			t.Fatal(err)
		}
		stop()
		stop()
		got := make(chan int, 1)
		go func() {
			n, _ := peer.Read(make([]byte, 64))
			got <- n
		}()
		time.Sleep(time.Hour)
		none(t, told, "end")
		peer.Close()
		if n := <-got; n != 0 {
			t.Errorf("the peer got %d octets", n)
		}
		synctest.Wait()
		if len(told) != 1 || len(quiet) != 0 {
			t.Errorf("told %d times, and %d times after stop, want 1 and 0", len(told), len(quiet))
		}
		if _, err := flow.Watch(nil); !errors.Is(err, ErrClosed) {
			t.Errorf("Watch after the end: %v", err)
		}
	})
}

// Who watches does not keep the pings going that another wanted.
func TestPingsEndWithTheLastWhoWantsThem(t *testing.T) {
	onStream(t, func(t *testing.T, flow Flow, peer pipe) {
		defer flow.Hold()()
		pings := make(chan string, 100)
		go func() {
			for buf := make([]byte, 64); ; {
				n, err := peer.Read(buf)
				if err != nil {
					return
				}
				pings <- string(buf[:n])
				peer.Write([]byte("\r\n"))
			}
		}()
		if _, err := flow.Watch(func(error) {}); err != nil {
			t.Fatal(err)
		}
		one, err := flow.KeepAlive(10*time.Second, func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		two, err := flow.KeepAlive(10*time.Second, func(error) {})
		if err != nil {
			t.Fatal(err)
		}
		one()
		one()
		before := flow.Heard()
		time.Sleep(time.Minute)
		if len(pings) < 5 || flow.Heard() < before+5 {
			t.Errorf("%d pings in a minute, heard %d times", len(pings), flow.Heard()-before)
		}
		two()
		synctest.Wait()
		n := len(pings)
		time.Sleep(time.Minute)
		if len(pings) != n {
			t.Errorf("%d pings after the last who wanted them", len(pings)-n)
		}
	})
}

func TestAbortEndsTheConnection(t *testing.T) {
	onStream(t, func(t *testing.T, flow Flow, peer pipe) {
		told := make(chan error, 1)
		if _, err := flow.Watch(func(err error) { told <- err }); err != nil {
			t.Fatal(err)
		}
		flow.Abort(ErrSilent)
		if err := <-told; !errors.Is(err, ErrSilent) {
			t.Errorf("told %v, want ErrSilent", err)
		}
		<-flow.Done()
		Flow{}.Abort(nil)
		if n := (Flow{}).Heard(); n != 0 {
			t.Errorf("heard %d on no flow", n)
		}
		if _, err := (Flow{}).Watch(nil); !errors.Is(err, ErrClosed) {
			t.Errorf("Watch of no flow: %v", err)
		}
	})
}
