package transport

import (
	"bytes"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"
)

// wireEnd is one end of a connection in memory that holds what was written until it is read, as those of a system do: with net.Pipe two
// sides that write at once wait for each other.
type wireEnd struct {
	local, remote netip.AddrPort
	in, out       *half
}

// half is one direction of a connection.
type half struct {
	mu      sync.Mutex // guards what follows
	b       bytes.Buffer
	closed  bool // by the writer: what is there can still be read
	broken  bool // by the reader: nothing can be written
	until   time.Time
	changed chan struct{} // closed and replaced at each change
}

func newHalf() *half { return &half{changed: make(chan struct{})} }

// newWire returns both ends of a connection between a and b.
func newWire(a, b netip.AddrPort) (atA, atB *wireEnd) {
	one, two := newHalf(), newHalf()
	return &wireEnd{a, b, one, two}, &wireEnd{b, a, two, one}
}

func (h *half) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	close(h.changed)
	h.changed = make(chan struct{})
}

func (c *wireEnd) Read(b []byte) (int, error) {
	h := c.in
	for {
		h.mu.Lock()
		var wait <-chan time.Time
		switch now := time.Now(); {
		case h.broken:
			h.mu.Unlock()
			return 0, net.ErrClosed
		case !h.until.IsZero() && !now.Before(h.until):
			h.mu.Unlock()
			return 0, os.ErrDeadlineExceeded
		case h.b.Len() > 0:
			n, err := h.b.Read(b)
			h.mu.Unlock()
			return n, err
		case h.closed:
			h.mu.Unlock()
			return 0, io.EOF
		case !h.until.IsZero():
			wait = time.After(h.until.Sub(now))
		}
		changed := h.changed
		h.mu.Unlock()
		select {
		case <-changed:
		case <-wait:
		}
	}
}

func (c *wireEnd) Write(b []byte) (n int, err error) {
	c.out.change(func() {
		if c.out.broken || c.out.closed {
			err = io.ErrClosedPipe
			return
		}
		n, err = c.out.b.Write(b)
	})
	return n, err
}

func (c *wireEnd) Close() error {
	c.out.change(func() { c.out.closed = true })
	c.in.change(func() { c.in.broken = true })
	return nil
}

func (c *wireEnd) CloseWrite() error {
	c.out.change(func() { c.out.closed = true })
	return nil
}

func (c *wireEnd) SetReadDeadline(t time.Time) error {
	c.in.change(func() { c.in.until = t })
	return nil
}

func (c *wireEnd) SetDeadline(t time.Time) error    { return c.SetReadDeadline(t) }
func (c *wireEnd) SetWriteDeadline(time.Time) error { return nil } // a write waits for nobody
func (c *wireEnd) LocalAddr() net.Addr              { return net.TCPAddrFromAddrPort(c.local) }
func (c *wireEnd) RemoteAddr() net.Addr             { return net.TCPAddrFromAddrPort(c.remote) }
