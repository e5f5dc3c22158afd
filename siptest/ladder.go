package siptest

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// rung is a message of a ladder.
type rung struct {
	at       time.Time
	from, to string
	text     string
}

// ladder writes the messages among packets as arrows: `  0.010 bob -> alice 180 INVITE`, seconds since start first. A message
// with a session description ends with `sdp`; one that did not arrive has the arrow `-x`.
func ladder(packets []Packet, names map[netip.Addr]string, start time.Time) []string {
	var rungs []rung
	streams := map[[2]netip.AddrPort]*assembly{}
	for _, p := range packets {
		from, to := nameOf(names, p.From), nameOf(names, p.To)
		add := func(b []byte, arrived bool) {
			var m parser.Message
			if m.Parse(b) == nil {
				rungs = append(rungs, rung{p.Time, from, to, describe(&m, from, to, arrived)})
			}
		}
		switch {
		case p.Copy:
		case p.Protocol == "udp":
			add(p.Data, p.Fate == Delivered)
		default:
			key := [2]netip.AddrPort{p.From, p.To}
			if streams[key] == nil {
				streams[key] = &assembly{}
			}
			streams[key].add(p, add)
		}
	}
	// At one moment the messages from one to another keep their order; the rest is by name, whichever goroutine ran first.
	slices.SortStableFunc(rungs, func(a, b rung) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to))
	})
	lines := make([]string, len(rungs))
	for i, r := range rungs {
		lines[i] = fmt.Sprintf("%7.3f %s", r.at.Sub(start).Seconds(), r.text)
	}
	return lines
}

// assembly is one direction of a stream.
type assembly struct {
	framer parser.Framer
	buf    []byte
	lost   bool // a piece of the message that has begun
	broken bool
}

// add takes the next piece and hands over the messages that it completes.
func (s *assembly) add(p Packet, message func(b []byte, arrived bool)) {
	s.buf = append(s.buf, p.Data...)
	s.lost = s.lost || p.Fate != Delivered
	for len(s.buf) > 0 && !s.broken {
		n, err := s.framer.Next(s.buf)
		if err != nil {
			s.broken = true
		}
		if n == 0 {
			return
		}
		if s.buf[0] != '\r' {
			message(s.buf[:n], !s.lost)
		}
		s.buf = s.buf[n:]
		s.lost = p.Fate != Delivered
	}
}

// describe writes a message as an arrow.
func describe(m *parser.Message, from, to string, arrived bool) string {
	arrow := "->"
	if !arrived {
		arrow = "-x"
	}
	what := []string{from, arrow, to}
	if !m.IsRequest() {
		what = append(what, fmt.Sprint(int(m.Status())))
	}
	cseq, _ := m.CSeq()
	what = append(what, string(cseq.Name))
	if len(m.Body()) > 0 {
		what = append(what, "sdp")
	}
	return strings.Join(what, " ")
}

// nameOf returns the name of who has an address.
func nameOf(names map[netip.Addr]string, a netip.AddrPort) string {
	if n := names[a.Addr()]; n != "" {
		return n
	}
	return a.Addr().String()
}
