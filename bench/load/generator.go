package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

const (
	buffers     = 4 << 20                // octets in each direction of a socket
	resendAfter = 500 * time.Millisecond // T1, as any client would (RFC 3261, Section 17.1.2.2)
	maxResends  = 12
)

// runs counts the runs of this process: with its number, the part of every branch that is new.
var runs atomic.Uint32

// slot is one operation under way.
type slot struct {
	id      uint32
	letter  byte // of the request whose answer is waited for; 0: free
	sent    time.Time
	resends int
	message []byte // what was sent last
	ack     []byte // of a call
}

// outcome is what a run of operations came to.
type outcome struct {
	done   int           // operations completed
	resent int           // messages sent again: as many were lost, or late
	took   time.Duration // from the first message to the last
}

// rate is operations completed in a second.
func (o outcome) rate() float64 { return float64(o.done) / o.took.Seconds() }

// generator drives one server with one workload, from one goroutine.
type generator struct {
	conn   *net.UDPConn
	script script
	kind   workload
	slots  []slot
	next   uint32    // the next operation's number
	check  time.Time // when to look for what has waited too long
	buf    []byte
	answer int // octets of the last one
	out    outcome
}

// newGenerator returns a generator of w with a socket of its own.
func newGenerator(w workload, to netip.AddrPort, window int) (*generator, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(to))
	if err != nil {
		return nil, err
	}
	if err := widen(conn); err != nil {
		conn.Close()
		return nil, err
	}
	number := int(runs.Add(1))
	run := "-" + strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(number)
	messages := newScript(w, conn.LocalAddr().String(), to.String(), run)
	if w == refresh {
		messages = newRefresh(conn.LocalAddr().String(), to.String(), run, number, window)
	}
	return &generator{
		conn:   conn,
		script: messages,
		kind:   w,
		slots:  make([]slot, window),
		buf:    make([]byte, 65536),
	}, nil
}

// widen asks for large buffers.
func widen(conn *net.UDPConn) error {
	return errors.Join(conn.SetReadBuffer(buffers), conn.SetWriteBuffer(buffers))
}

func (g *generator) close() { g.conn.Close() }

// run completes n operations.
func (g *generator) run(n int) (outcome, error) {
	g.out = outcome{}
	begin := time.Now()
	started := min(n, len(g.slots))
	for i := range g.slots[:started] {
		if err := g.start(&g.slots[i], uint32(i)); err != nil {
			return g.out, err
		}
	}
	for g.out.done < n {
		free, err := g.receive()
		if err != nil {
			return g.out, err
		}
		if free != nil && started < n {
			started++
			if err := g.start(free, free.id%uint32(len(g.slots))); err != nil {
				return g.out, err
			}
		}
	}
	g.out.took = time.Since(begin)
	return g.out, nil
}

// start begins an operation in a slot. Its number tells the slot: it is the rest of a division by the window.
func (g *generator) start(s *slot, index uint32) error {
	s.id = g.next*uint32(len(g.slots)) + index
	g.next++
	s.letter = 'o'
	switch g.kind {
	case register, refresh:
		s.letter = 'r'
	case call:
		s.letter = 'i'
	}
	return g.send(s, g.script.first.fill(s.message[:0], s.id, nil, nil))
}

// send sends b, which is s.message from now on.
func (g *generator) send(s *slot, b []byte) error {
	s.message, s.sent, s.resends = b, time.Now(), 0
	return g.write(b)
}

// write sends b. That nobody listens there yet is no reason to give up.
func (g *generator) write(b []byte) error {
	if _, err := g.conn.Write(b); err != nil && !refused(err) {
		return err
	}
	return nil
}

// receive waits for an answer and deals with it. It returns the slot whose operation it completed, nil when there is
// none.
func (g *generator) receive() (*slot, error) {
	if now := time.Now(); now.After(g.check) {
		g.check = now.Add(resendAfter / 5)
		if err := g.resend(now); err != nil {
			return nil, err
		}
		if err := g.conn.SetReadDeadline(g.check); err != nil {
			return nil, err
		}
	}
	n, err := g.conn.Read(g.buf)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), refused(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return g.take(g.buf[:n])
}

// take deals with an answer.
func (g *generator) take(b []byte) (*slot, error) {
	r, ok := readReply(b, false)
	if !ok || r.status == '1' {
		return nil, nil
	}
	s := &g.slots[r.id%uint32(len(g.slots))]
	if s.id != r.id || s.letter != r.letter {
		return nil, nil // again, or too late
	}
	if r.status != '2' {
		return nil, fmt.Errorf("%s was refused: %.80q", g.kind, b)
	}
	if s.letter != 'i' {
		g.answer = len(b)
		s.letter = 0
		g.out.done++
		return s, nil
	}
	if r, ok = readReply(b, true); !ok {
		return nil, fmt.Errorf("a 200 to INVITE without tag or Contact: %q", b)
	}
	s.ack = g.script.ack.fill(s.ack[:0], s.id, r.tag, r.uri)
	if err := g.write(s.ack); err != nil {
		return nil, err
	}
	s.letter = 'b'
	return nil, g.send(s, g.script.bye.fill(s.message[:0], s.id, r.tag, r.uri))
}

// resend sends again what has waited too long.
func (g *generator) resend(now time.Time) error {
	for i := range g.slots {
		s := &g.slots[i]
		if s.letter == 0 || now.Sub(s.sent) < resendAfter {
			continue
		}
		if s.resends++; s.resends > maxResends {
			return fmt.Errorf("no answer to %.60q", s.message)
		}
		s.sent = now
		g.out.resent++
		if s.letter == 'b' { // the ACK may be what was lost
			if err := g.write(s.ack); err != nil {
				return err
			}
		}
		if err := g.write(s.message); err != nil {
			return err
		}
	}
	return nil
}
