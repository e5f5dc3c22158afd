package transport

import (
	"bytes"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/ringback-sip/ringback/parser"
)

func TestStatsTellWhyMessagesWentNoFurther(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		in := options("UDP 192.0.2.9;rport;branch=z9hG4bK1")
		for _, b := range [][]byte{
			in,
			bytes.Replace(in, []byte("Call-ID"), []byte("X-Call-ID"), 1),
			[]byte("no message at all\r\n\r\n"),
			response("UDP 192.0.2.2;branch=z9hG4bK1"),
		} {
			pc.in <- datagram{b, ap("192.0.2.9:6000")}
		}
		pc.in <- datagram{in, ap("192.0.2.9:0")} // no way back
		synctest.Wait()
		got := s.Stats()
		if got.Received != 5 || got.Dropped != 4 || got.Malformed != 2 || got.Astray != 1 || got.Unsent != 0 {
			t.Errorf("got %+v, want 5 received and 4 dropped, 2 malformed, 1 astray", got)
		}
	})
	onListener(t, Config{}, func(t *testing.T, s *station, a *acceptor, _ *dialler) {
		peer := a.from(t, "192.0.2.9:6000")
		send(t, peer, bytes.Replace(options(viaTCP), []byte("Length: 0"), []byte("Length: x"), 1))
		synctest.Wait()
		if got := s.Stats(); got.Received != 1 || got.Dropped != 1 || got.Malformed != 1 {
			t.Errorf("a lost frame: got %+v, want 1 malformed", got)
		}
		_ = peer.Close()
	})
}

// What never left is counted and traced, each message once.
func TestWhatIsNotSentIsTold(t *testing.T) {
	onListener(t, Config{}, func(t *testing.T, s *station, _ *acceptor, d *dialler) {
		h := s.hop(TCP, ap("192.0.2.9:5060"))
		for n := range 2 {
			if err := h.Send(numbered(n)); err != nil {
				t.Fatal(err)
			}
		}
		(<-d.dials).refuse()
		synctest.Wait()
		if got := s.Stats(); got.Unsent != 2 || got.Sent != 0 {
			t.Errorf("got %d unsent and %d sent, want 2 and none", got.Unsent, got.Sent)
		}
		for n := range 2 {
			e := <-s.events
			if e.Direction != Out || !strings.Contains(e.Dropped, syscall.ECONNREFUSED.Error()) || !bytes.Equal(e.Bytes, numbered(n).Head) || e.Remote != ap("192.0.2.9:5060") || e.Protocol != TCP {
				t.Errorf("event %d: got %v %v %q dropped for %q", n, e.Direction, e.Remote, e.Bytes, e.Dropped)
			}
		}
		none(t, s.events, "event")
	})
}

// A datagram that the system refuses is told as sent, since its answer may be faster than the system's, and then as lost.
func TestDatagramThatIsRefusedIsTold(t *testing.T) {
	s := realStation(t, Config{})
	to := s.listen(UDP, "127.0.0.1:0")
	if err := s.hop(UDP, to).Send(parser.Wire{Head: make([]byte, 70_000)}); err == nil {
		t.Fatal("70,000 octets were sent in a datagram")
	}
	if e := next(t, s.events, "event"); e.Direction != Out || e.Dropped != "" {
		t.Errorf("first: got %v, dropped for %q", e.Direction, e.Dropped)
	}
	if e := next(t, s.events, "event"); e.Direction != Out || e.Dropped == "" || len(e.Bytes) != 70_000 {
		t.Errorf("then: got %v of %d octets, dropped for %q", e.Direction, len(e.Bytes), e.Dropped)
	}
	if got := s.Stats(); got.Unsent != 1 || got.Sent != 0 {
		t.Errorf("got %d unsent and %d sent, want 1 and none", got.Unsent, got.Sent)
	}
}
