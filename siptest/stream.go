package siptest

import (
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// window is what a stream holds in one direction, on its way and unread, before a Write waits.
const window = 65536

// conn is one end of a stream. The network's lock guards it. Its conditions and generator are those of the way in.
type conn struct {
	host          *Host
	peer          *conn
	local, remote netip.AddrPort // as this end sees them
	way           pair           // from the other end to this one, as the network sees them
	nat           *mapping       // of the NAT that either end is behind, nil without
	outward       bool           // this end is outside of nat

	arrived *sync.Cond // something to read, or an end of it
	room    *sync.Cond // something to write to, or an end of it

	flight []segment // on its way here, in order
	tries  int       // of bringing the first of flight here
	queue  [][]byte  // arrived and not yet read
	size   int       // octets of flight and queue

	finished    bool  // the other end closed and all before that has arrived
	closed      bool  // this end was closed
	err         error // what ended the stream otherwise
	read, write deadline
}

// segment is a piece of a stream, or one of its ends.
type segment struct {
	kind   kind
	at     time.Time // when it is due
	data   []byte    // of a piece
	cut    bool      // a partition lay between the ends when it was sent
	number int       // in the record
}

// kind is what a segment means to the end that it arrives at.
type kind uint8

const (
	piece  kind = iota // data
	sever              // data that the network lost with all else: the stream is reset at both ends
	finish             // the other end was closed
	abort              // the other end was closed with data unread
)

// Read returns at most one piece as it arrived.
func (c *conn) Read(b []byte) (int, error) {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.opError("read", net.ErrClosed)
		case c.read.passed():
			return 0, c.opError("read", os.ErrDeadlineExceeded)
		case len(b) == 0:
			return 0, nil
		case len(c.queue) > 0:
			n := copy(b, c.queue[0])
			if c.queue[0] = c.queue[0][n:]; len(c.queue[0]) == 0 {
				c.queue = c.queue[1:]
			}
			c.size -= n
			c.peer.room.Broadcast()
			return n, nil
		case c.err != nil:
			return 0, c.opError("read", c.err)
		case c.finished:
			return 0, io.EOF
		}
		c.arrived.Wait()
	}
}

// Write waits while the window is full.
func (c *conn) Write(b []byte) (int, error) {
	c.room.L.Lock()
	defer c.room.L.Unlock()
	done := 0
	for {
		switch room := window - c.peer.size; {
		case c.closed:
			return done, c.opError("write", net.ErrClosed)
		case done == len(b):
			return done, nil
		case c.err != nil:
			return done, c.opError("write", c.err)
		case c.write.passed():
			return done, c.opError("write", os.ErrDeadlineExceeded)
		case room > 0:
			part := b[done:min(len(b), done+room)]
			c.peer.push(append([]byte(nil), part...))
			done += len(part)
			continue
		}
		c.room.Wait()
	}
}

// Close closes this end. What was written still arrives; what the other end sends from now on resets the stream, and so
// does what was not read (RFC 1122, Section 4.2.2.13).
func (c *conn) Close() error {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	if c.closed {
		return c.opError("close", net.ErrClosed)
	}
	end := segment{kind: finish, number: -1}
	if len(c.queue) > 0 {
		end.kind = abort
	}
	c.vanish()
	if c.err == nil {
		end.at = time.Now().Add(c.peer.conditions().Delay)
		c.peer.enqueue(end)
	}
	return nil
}

// vanish ends this end and tells nobody.
func (c *conn) vanish() {
	c.closed = true
	for _, b := range c.queue {
		c.size -= len(b)
	}
	c.queue = nil
	c.read.stop()
	c.write.stop()
	c.arrived.Broadcast()
	c.room.Broadcast()
	c.peer.room.Broadcast()
	delete(c.host.n.streams, c)
}

// fail ends this end with an error, unless it has ended. What has arrived can still be read.
func (c *conn) fail(err error) {
	if c.closed || c.err != nil {
		return
	}
	c.err = err
	c.arrived.Broadcast()
	c.room.Broadcast()
}

// reset ends both ends and loses what is on its way.
func (c *conn) reset() {
	for _, end := range [...]*conn{c, c.peer} {
		for _, s := range end.flight {
			end.host.n.became(s.number, Lost)
		}
		end.flight = nil
		end.fail(syscall.ECONNRESET)
	}
}

// conditions returns those of the way to this end.
func (c *conn) conditions() *Conditions { return c.host.n.conditions(c.way.from, c.way.to) }

// push puts data on its way to this end, cut into pieces.
func (c *conn) push(data []byte) {
	n := c.host.n
	conditions, chance := c.conditions(), n.chance(c.way.from, c.way.to)
	c.size += len(data)
	for len(data) > 0 {
		first := data[:conditions.cut(chance, len(data))]
		data = data[len(first):]
		f := conditions.segment(chance)
		number := n.note(Packet{Protocol: "tcp", From: c.peer.local, To: c.peer.remote, Data: first})
		s := segment{at: time.Now().Add(f.delay), data: first, number: number}
		if f.reset {
			s.kind = sever
		}
		c.enqueue(s)
	}
}

// enqueue puts s behind what is on its way: pieces arrive in order, whenever they are due.
func (c *conn) enqueue(s segment) {
	s.cut = c.host.n.cut(c.way.from, c.way.to)
	c.flight = append(c.flight, s)
	if len(c.flight) == 1 {
		c.tries = 0
		c.host.n.after(time.Until(s.at), c.arrive)
	}
}

// arrive brings the first piece on its way to its end, or finds the way cut and tries again later.
func (c *conn) arrive() {
	if len(c.flight) == 0 {
		return // reset
	}
	n := c.host.n
	cut := c.flight[0].cut // what is on its way already still arrives
	if c.tries > 0 {
		cut = n.cut(c.way.from, c.way.to)
	}
	if cut || !c.mapped() {
		// A sender repeats a segment fifteen times with growing intervals and gives up after 924 s (Linux: tcp_retries2).
		c.tries++
		if c.tries > 15 {
			c.peer.fail(syscall.ETIMEDOUT)
			return
		}
		n.after(min(200*time.Millisecond<<c.tries, 2*time.Minute), c.arrive)
		return
	}
	s := c.flight[0]
	c.flight = c.flight[1:]
	c.tries = 0
	switch {
	case c.closed || c.err != nil:
		// Nobody is there any more; who sends data is told, who only closes is not.
		n.became(s.number, Unreachable)
		if s.kind == piece {
			n.after(c.peer.conditions().Delay, func() { c.peer.fail(syscall.ECONNRESET) })
		}
	case s.kind == sever:
		n.became(s.number, Lost)
		c.reset()
	case s.kind == finish:
		c.finished = true
		c.arrived.Broadcast()
	case s.kind == abort:
		c.fail(syscall.ECONNRESET)
	default:
		n.became(s.number, Delivered)
		c.queue = append(c.queue, s.data)
		c.arrived.Broadcast()
	}
	if len(c.flight) > 0 {
		n.after(time.Until(c.flight[0].at), c.arrive)
	}
}

// mapped reports whether the NAT between the ends, if any, lets a piece pass, and refreshes its mapping on the way out.
func (c *conn) mapped() bool {
	now := time.Now()
	if c.nat == nil {
		return true
	}
	if !c.nat.alive(now) {
		return false
	}
	if c.outward {
		c.nat.last = now
	}
	return true
}

func (c *conn) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(c.local) }
func (c *conn) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(c.remote) }

func (c *conn) SetReadDeadline(t time.Time) error  { return c.setDeadlines(&t, nil) }
func (c *conn) SetWriteDeadline(t time.Time) error { return c.setDeadlines(nil, &t) }
func (c *conn) SetDeadline(t time.Time) error      { return c.setDeadlines(&t, &t) }

// setDeadlines sets those that are not nil.
func (c *conn) setDeadlines(read, write *time.Time) error {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	if c.closed {
		return c.opError("set", net.ErrClosed)
	}
	if read != nil {
		c.read.set(*read, c.arrived)
	}
	if write != nil {
		c.write.set(*write, c.room)
	}
	return nil
}

// opError wraps err the way package net does. A read or write that fails has the name of the system call in it.
func (c *conn) opError(op string, err error) error {
	if errno, ok := err.(syscall.Errno); ok {
		err = os.NewSyscallError(op, errno)
	}
	return opError(op, "tcp", c.LocalAddr(), c.RemoteAddr(), err)
}
