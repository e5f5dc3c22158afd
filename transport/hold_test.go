package transport

import (
	"testing"
	"testing/synctest"
	"time"
)

// A connection that something depends on is not closed for being idle (RFC 3261, Section 18), and one that nothing
// depends on any more is.
func TestHeldStreamIsNotIdle(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		synctest.Wait()
		f, ok := next(t, s.arrivals, "request").hop.Flow()
		if !ok {
			t.Fatal("no flow")
		}
		one, two := f.Hold(), f.Hold()
		time.Sleep(time.Hour)
		one()
		one() // once is enough
		time.Sleep(time.Hour)
		select {
		case <-f.Done():
			t.Fatal("closed although it is held")
		default:
		}
		two()
		at := time.Now()
		if _, _ = ends(t, peer); time.Since(at) > 180*time.Second {
			t.Errorf("closed %v after the last hold, want 180s at most", time.Since(at))
		}
	})
}

func TestHoldOfAFlowWithoutConnection(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		pc.in <- datagram{options(viaForged), ap("192.0.2.9:5070")}
		synctest.Wait()
		f, _ := next(t, s.arrivals, "request").hop.Flow()
		f.Hold()()
		Flow{}.Hold()()
	})
}

// Whoever is held and dribbles a message is closed all the same.
func TestHeldStreamMustBringWholeMessages(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options(viaTCP))
		synctest.Wait()
		f, _ := next(t, s.arrivals, "request").hop.Flow()
		defer f.Hold()()
		send(t, peer, []byte("OPTIONS "))
		at := time.Now()
		if _, _ = ends(t, peer); time.Since(at) > 15*time.Second {
			t.Errorf("closed %v after half a message", time.Since(at))
		}
	})
}
