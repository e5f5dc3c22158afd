package main

import "time"

// held is what completed transactions cost that wait for Timer J (RFC 3261, Section 17.2.2).
type held struct {
	name              string
	transactions      int
	answer            int     // octets of the answer that each keeps
	resident, settled float64 // octets of memory for each: at once, and after a garbage collection
	goroutines        int     // more than before
	counted           int     // transactions that the server says it has, 0 when it says nothing
	took              time.Duration
	resent            int
}

// hold has a server complete n OPTIONS transactions, sooner than the first of them ends, and weighs it.
func hold(name string, n, window int) (held, error) {
	h := held{name: name, transactions: n}
	s, err := startPeer(name)
	if err != nil {
		return h, err
	}
	defer s.stop()
	// What the server needs once is not what it needs for each.
	if h.answer, err = warm(s, window); err != nil {
		return h, err
	}
	before, err := s.ask("collect")
	if err != nil {
		return h, err
	}
	empty, err := s.rss()
	if err != nil {
		return h, err
	}
	g, err := newGenerator(options, s.addr, window)
	if err != nil {
		return h, err
	}
	defer g.close()
	out, err := g.run(n)
	if err != nil {
		return h, err
	}
	full, err := s.rss()
	if err != nil {
		return h, err
	}
	after, err := s.ask("collect")
	if err != nil {
		return h, err
	}
	settled, err := s.rss()
	if err != nil {
		return h, err
	}
	h.resident = float64(full-empty) / float64(n)
	h.settled = float64(settled-empty) / float64(n)
	h.goroutines = after["goroutines"] - before["goroutines"]
	h.counted = after["transactions"] - before["transactions"]
	h.took, h.resent = out.took, out.resent
	return h, nil
}

// warm completes a window's operations, and returns the length of an answer.
func warm(s *peer, window int) (int, error) {
	g, err := newGenerator(options, s.addr, window)
	if err != nil {
		return 0, err
	}
	defer g.close()
	_, err = g.run(window)
	return g.answer, err
}
