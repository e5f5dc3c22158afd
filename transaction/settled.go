package transaction

import (
	"time"
)

// A transaction settles when nothing is left of it but to absorb repetitions, or to answer them with the same octets, until
// its last timer ends it: I, J or K. Most transactions that live at any time are such. Their entry in the table
// stays, the transaction is let go. All of one kind wait equally long, so that they stand in line, and a line shares one timer.

// wait says which line a settled transaction stands in.
type wait uint8

const (
	waitLong  wait = iota // 64*T1: timer J, and what follows Server.Done
	waitShort             // T4: timers I and K

	waitCount
)

// waitOf returns the wait of timer t, false when no transaction settles with it.
func waitOf(t timers) (w wait, ok bool) {
	switch t {
	case timerJ:
		return waitLong, true
	case timerI, timerK:
		return waitShort, true
	}
	return 0, false
}

// slack is how long a line's timer rests at least when it has fired: at thousands of ends in a second it ends several at a time. An end that
// comes so much later is heard by nobody.
const slack = 100 * time.Millisecond

// line holds the settled transactions of one shard and one wait, the oldest first. Its shard's lock guards it.
type line struct {
	first, last *entry
	timer       *time.Timer // runs while there is a first
	running     bool
}

// settle lets go of the transaction at p, and keeps p until its wait is over. again is what repetitions are answered with, nil for nothing.
func (t *table) settle(p *entry, again []byte, w wait) {
	s := t.shard(p.key)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.live, p.again = nil, again
	if s.closed {
		return // who closes drops it
	}
	p.ends = t.now() + t.waits[w]
	n := &s.settled[w]
	if n.last == nil {
		n.first = p
	} else {
		n.last.later = p
	}
	n.last = p
	if n.running { // for one that ends earlier
		return
	}
	n.running = true
	if n.timer == nil {
		n.timer = time.AfterFunc(t.waits[w], func() { t.end(s, n) })
		return
	}
	n.timer.Reset(t.waits[w])
}

// take takes the oldest out, nil when there is none; then no timer runs any more.
func (n *line) take() *entry {
	p := n.first
	if p == nil {
		return nil
	}
	if n.first, p.later = p.later, nil; n.first == nil {
		n.last = nil
		n.timer.Stop()
		n.running = false
	}
	return p
}

// end ends the transactions in line n of s whose wait is over.
func (t *table) end(s *shard, n *line) {
	for some := false; ; some = true {
		s.mu.Lock()
		if n.first == nil {
			s.mu.Unlock()
			return
		}
		if d := n.first.ends - t.now(); d > 0 {
			if some {
				d = max(d, slack)
			}
			n.running = true
			n.timer.Reset(d)
			s.mu.Unlock()
			return
		}
		p := n.take()
		gone := s.remove(p)
		s.mu.Unlock()
		if gone {
			t.forgotten(p)
		}
	}
}

// oldest removes and returns one of the settled transactions of a shard that wait longest, nil when there is none.
func (t *table) oldest(shard int) *entry {
	s := &t.shards[shard]
	s.mu.Lock()
	defer s.mu.Unlock()
	for w := range s.settled {
		for p := s.settled[w].take(); p != nil; p = s.settled[w].take() {
			if s.remove(p) {
				return p
			}
		}
	}
	return nil
}

// unarmed returns the number of settled transactions that no timer ends.
func (t *table) unarmed() int {
	n := 0
	for i := range t.shards {
		s := &t.shards[i]
		s.mu.Lock()
		for w := range s.settled {
			if l := &s.settled[w]; !l.running {
				for p := l.first; p != nil; p = p.later {
					n++
				}
			}
		}
		s.mu.Unlock()
	}
	return n
}
