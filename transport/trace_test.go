package transport

import (
	"bytes"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// The trace tells of each message once, in order, and what was dropped why.
func TestTrace(t *testing.T) {
	onSocket(t, Config{}, func(t *testing.T, s *station, pc *packetConn) {
		in := options("UDP 192.0.2.9;rport;branch=z9hG4bK1")
		pc.in <- datagram{in, ap("192.0.2.9:6000")}
		a := <-s.arrivals
		w := answer(t, a.m)
		if err := a.hop.Send(w); err != nil {
			t.Fatal(err)
		}
		bad := bytes.Replace(in, []byte("Call-ID"), []byte("X-Call-ID"), 1)
		pc.in <- datagram{bad, ap("192.0.2.9:6000")}
		synctest.Wait()
		want := []Event{
			{Direction: In, Bytes: in},
			{Direction: Out, Bytes: w.Head},
			{Direction: In, Bytes: bad, Dropped: "Call-ID: missing"},
			{Direction: Out, Bytes: []byte("SIP/2.0 400 Call-ID: missing\r\n")},
		}
		for i, want := range want {
			got := <-s.events
			if got.Direction != want.Direction || got.Dropped != want.Dropped || !bytes.HasPrefix(got.Bytes, want.Bytes) {
				t.Errorf("event %d: %v %q dropped %q, want %v %q %q", i, got.Direction, got.Bytes, got.Dropped, want.Direction, want.Bytes, want.Dropped)
			}
			if got.Protocol != UDP || got.Local != ap("192.0.2.1:5060") || got.Remote != ap("192.0.2.9:6000") || !got.Time.Equal(time.Now()) {
				t.Errorf("event %d: %v %v %v %v", i, got.Protocol, got.Local, got.Remote, got.Time)
			}
		}
		none(t, s.events, "event")
	})
	onSocket(t, Config{}, func(t *testing.T, s *station, _ *packetConn) {
		if err := s.hop(UDP, ap("192.0.2.9:5060")).Send(parser.Wire{Head: []byte("one "), Body: [3][]byte{[]byte("two")}}); err != nil {
			t.Fatal(err)
		}
		if got := <-s.events; string(got.Bytes) != "one two" {
			t.Errorf("a message in parts is traced as %q", got.Bytes)
		}
	})
	if In.String() != "in" || Out.String() != "out" || Direction(0).String() != "" {
		t.Error("directions have other names")
	}
}
