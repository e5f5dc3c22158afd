package transport

import (
	"bytes"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// TP-013: a connection that ends is no failure of what was written on it.
func TestConnectionLossIsNotReported(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		if err := h.Send(numbered(1)); err != nil {
			t.Fatal(err)
		}
		peer := (<-d.dials).accept()
		receive(t, peer)
		f, _ := h.Flow()
		_ = peer.Close()
		<-f.Done()
		synctest.Wait()
		none(t, s.failures, "failure")
		if _, ok := h.Flow(); ok {
			t.Error("the flow is still there")
		}
		if err := f.Send(numbered(2)); !errors.Is(err, ErrClosed) {
			t.Errorf("Send on the flow = %v, want ErrClosed", err)
		}
		// The way goes on by another connection.
		if err := h.Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		receive(t, (<-d.dials).accept())
	})
}

// A peer that loses its frame and reads nothing is closed in time all the same; meanwhile and after, what is to be sent
// goes by a new connection, one for all.
func TestClosingConnectionTakesNoMore(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, d *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, options("TCP 192.0.2.9:6000;branch=z9hG4bK1"))
		got := <-s.arrivals
		old, _ := got.hop.Flow()
		start := time.Now()
		send(t, peer, bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: x"), 1))
		synctest.Wait()
		if err := old.Send(answer(t, got.m)); !errors.Is(err, ErrClosed) {
			t.Errorf("Send on the closing flow = %v, want ErrClosed", err)
		}
		if err := got.hop.Send(answer(t, got.m)); err != nil {
			t.Fatal(err)
		}
		second := (<-d.dials).accept()
		receive(t, second)
		<-old.Done()
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("closed after %v, want 2s", took)
		}
		synctest.Wait()
		if err := s.hop(TCP, ap("192.0.2.9:6000")).Send(numbered(2)); err != nil {
			t.Fatal(err)
		}
		receive(t, second)
		none(t, d.dials, "dial")
	})
}

// onListener runs f in a bubble with a station that accepts connections at 192.0.2.1:5060, and dials.
func onListener(t *testing.T, cfg Config, f func(t *testing.T, s *station, a *acceptor, d *dialler)) {
	synctest.Test(t, func(t *testing.T) {
		d := newDialler()
		if cfg.Dial == nil {
			cfg.Dial = d.dial
		}
		s := newStation(t, cfg)
		a := newAcceptor("192.0.2.1:5060")
		if err := s.ServeListener(TCP, a); err != nil {
			t.Fatal(err)
		}
		defer func() {
			s.stop()
			if got := s.Stats(); got.Connections+got.Listeners+got.Sources+got.Dialing+int(got.HalfRead) != 0 {
				t.Errorf("left after Shutdown: %+v", got)
			}
		}()
		f(t, s, a, d)
	})
}

const viaTCP = "TCP 192.0.2.9:5070;branch=z9hG4bK1"

func TestStreamInAndAnswerOut(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		// TP-022, TP-023 hold on any transport.
		send(t, peer, options("TCP 10.0.0.1:5070;rport;branch=z9hG4bK1"))
		got := <-s.arrivals
		if err := got.hop.Send(answer(t, got.m)); err != nil {
			t.Fatal(err)
		}
		m := receive(t, peer)
		if want := "SIP/2.0/TCP 10.0.0.1:5070;rport=6000;branch=z9hG4bK1;received=192.0.2.9"; string(m.Raw(parser.HeaderVia)) != want {
			t.Errorf("Via %q, want %q", m.Raw(parser.HeaderVia), want)
		}
		h := got.hop
		if !h.Reliable() || h.Protocol() != TCP || h.Remote() != ap("192.0.2.9:6000") || h.Source() != h.Remote() || h.Local() != ap("192.0.2.1:5060") {
			t.Errorf("Reliable %v Protocol %v Remote %v Source %v Local %v", h.Reliable(), h.Protocol(), h.Remote(), h.Source(), h.Local())
		}
		if h.SentBy() != "192.0.2.1:5060" {
			t.Errorf("SentBy = %q", h.SentBy())
		}
	})
}

// A response may come on any connection (RFC 3261, Section 18.1.1), and must name an address of ours.
func TestStreamResponseMustBeOurs(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, _ *dialler) {
		other := newAcceptor("192.0.2.1:5070")
		if err := s.ServeListener(TCP, other); err != nil {
			t.Fatal(err)
		}
		peer := other.from(t, "192.0.2.9:6000")
		for _, tt := range []struct{ via, why string }{
			{"TCP 192.0.2.1:5070;branch=z9hG4bK1", ""},
			{"TCP 192.0.2.1:5060;branch=z9hG4bK1", ""},
			{"TCP 192.0.2.2:5060;branch=z9hG4bK1", dropNotOurs},
			{"TCP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/TCP 192.0.2.2;branch=z9hG4bK2", dropManyVias},
		} {
			send(t, peer, response(tt.via))
			if why := s.dropped(); why != tt.why {
				t.Errorf("%s: dropped for %q, want %q", tt.via, why, tt.why)
			}
		}
	})
}
