package transport

import (
	"bytes"
	"fmt"
	"net/netip"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// unreachable is what the network says of a datagram that we sent: that it did not arrive (RFC 3261, Section 18.4).
type unreachable struct {
	to     netip.AddrPort
	quoted []byte // what it began with
	err    error
}

// sent remembers the last messages of a socket that went towards a Target, so that who sent one can be told that it did not arrive. The zero sent is
// ready; it is safe for concurrent use.
type sent struct {
	mu   sync.Mutex // guards what follows
	last []way
	next int
}

// way is one message on its way.
type way struct {
	hop  *Hop
	head []byte
}

const (
	// An error comes within a round trip or two. keptWays messages are a tenth of a second at thousands a second, and together with the messages that
	// they keep some 100 KB for a busy socket.
	keptWays = 256
	// An error that quotes less than this of a message could be anybody's: so much has a branch in it, which nobody can guess. Routers that
	// quote eight octets, as RFC 792 asks for, are not believed.
	leastQuoted = 200
)

// add remembers that w was sent on h.
func (s *sent) add(h *Hop, w parser.Wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.last) < keptWays {
		s.last = append(s.last, way{h, w.Head})
		return
	}
	s.last[s.next] = way{h, w.Head}
	s.next = (s.next + 1) % keptWays
}

// find returns the way of the message that u quotes, nil when there is none, and forgets it.
func (s *sent) find(u unreachable) *Hop {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.last {
		n := min(len(w.head), len(u.quoted))
		if w.hop == nil || w.hop.to != u.to || n < min(len(w.head), leastQuoted) || !bytes.Equal(w.head[:n], u.quoted[:n]) {
			continue
		}
		s.last[i] = way{}
		return w.hop
	}
	return nil
}

// wake makes the reader look for failures: the system tells of each once, and a sender was faster.
func (k *socket) wake() { _ = k.pc.SetReadDeadline(time.Unix(1, 0)) }

// tellFailures tells who sent what did not arrive, and reports whether the socket had anything to say.
func (k *socket) tellFailures() bool {
	some := false
	for {
		u, ok := k.failures.next()
		if !ok {
			return some
		}
		some = true
		if h := k.sent.find(u); h != nil && k.l.cfg.Failed != nil {
			k.l.cfg.Failed(h, fmt.Errorf("send to %s: %w", u.to, u.err))
		}
	}
}
