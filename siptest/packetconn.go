package siptest

import (
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// maxDatagram is the largest payload of a UDP datagram over IPv4. queueOctets is what a socket holds for its reader, the
// default of Linux (net.core.rmem_default), and overhead what each datagram counts there beside its octets.
const (
	maxDatagram = 65507
	queueOctets = 212992
	overhead    = 512
)

// ListenPacket opens a UDP socket. An address without a port gets one, the unspecified address is every address of the host.
// What it returns has the methods ReadFromUDPAddrPort and WriteToUDPAddrPort of [net.UDPConn] as well. Datagrams that find
// its queue full are lost. The errors are those of package net: the address is not the host's, or taken.
func (h *Host) ListenPacket(addr netip.AddrPort) (net.PacketConn, error) {
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	if h.n.closed() {
		return nil, opError("listen", "udp", nil, net.UDPAddrFromAddrPort(addr), net.ErrClosed)
	}
	local, err := h.bind(addr, func(a netip.AddrPort) bool { return h.packets[a] != nil })
	if err != nil {
		return nil, opError("listen", "udp", nil, net.UDPAddrFromAddrPort(addr), err)
	}
	c := &packetConn{host: h, local: local, arrived: sync.NewCond(&h.n.mu)}
	h.packets[local] = c
	return c, nil
}

// packetConn is a UDP socket. The network's lock guards it.
type packetConn struct {
	host        *Host
	local       netip.AddrPort
	arrived     *sync.Cond
	queue       []datagram
	size        int
	closed      bool
	read, write deadline
}

type datagram struct {
	from netip.AddrPort
	data []byte
}

// ReadFromUDPAddrPort waits for a datagram; what does not fit in b is lost.
func (c *packetConn) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	for {
		switch {
		case c.closed:
			return 0, netip.AddrPort{}, opError("read", "udp", c.LocalAddr(), nil, net.ErrClosed)
		case c.read.passed():
			return 0, netip.AddrPort{}, opError("read", "udp", c.LocalAddr(), nil, os.ErrDeadlineExceeded)
		case len(c.queue) > 0:
			d := c.queue[0]
			c.queue = c.queue[1:]
			c.size -= len(d.data) + overhead
			return copy(b, d.data), d.from, nil
		}
		c.arrived.Wait()
	}
}

func (c *packetConn) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := c.ReadFromUDPAddrPort(b)
	if err != nil {
		return n, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteToUDPAddrPort sends a datagram and does not block. Nobody is told when it is lost.
func (c *packetConn) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	n := c.host.n
	n.mu.Lock()
	defer n.mu.Unlock()
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	source, ok := c.host.source(c.local.Addr(), to.Addr())
	var err error
	switch {
	case c.closed:
		err = net.ErrClosed
	case c.write.passed():
		err = os.ErrDeadlineExceeded
	case !to.IsValid() || to.Port() == 0:
		err = os.NewSyscallError("sendto", syscall.EINVAL)
	case !ok:
		err = os.NewSyscallError("sendto", syscall.ENETUNREACH)
	case len(b) > maxDatagram:
		err = os.NewSyscallError("sendto", syscall.EMSGSIZE)
	}
	if err != nil {
		return 0, opError("write", "udp", c.LocalAddr(), net.UDPAddrFromAddrPort(to), err)
	}
	n.send(c.host, netip.AddrPortFrom(source, c.local.Port()), to, append([]byte(nil), b...))
	return len(b), nil
}

func (c *packetConn) WriteTo(b []byte, to net.Addr) (int, error) {
	a, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, opError("write", "udp", c.LocalAddr(), to, syscall.EINVAL)
	}
	return c.WriteToUDPAddrPort(b, a.AddrPort())
}

// Close closes the socket; what it has not read is gone.
func (c *packetConn) Close() error {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	if c.closed {
		return opError("close", "udp", c.LocalAddr(), nil, net.ErrClosed)
	}
	c.close()
	return nil
}

// close is Close with the lock held.
func (c *packetConn) close() {
	c.closed = true
	c.queue, c.size = nil, 0
	c.read.stop()
	delete(c.host.packets, c.local)
	c.arrived.Broadcast()
}

func (c *packetConn) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(c.local) }

func (c *packetConn) SetReadDeadline(t time.Time) error {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	return c.setDeadlines(&t, nil)
}

func (c *packetConn) SetWriteDeadline(t time.Time) error {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	return c.setDeadlines(nil, &t)
}

func (c *packetConn) SetDeadline(t time.Time) error {
	c.arrived.L.Lock()
	defer c.arrived.L.Unlock()
	return c.setDeadlines(&t, &t)
}

// setDeadlines sets those that are not nil. A write never waits, so that its deadline needs no timer.
func (c *packetConn) setDeadlines(read, write *time.Time) error {
	if c.closed {
		return opError("set", "udp", c.LocalAddr(), nil, net.ErrClosed)
	}
	if read != nil {
		c.read.set(*read, c.arrived)
	}
	if write != nil {
		c.write.at = *write
	}
	return nil
}

// send decides what becomes of a datagram that h sends and keeps data. The lock is held.
func (n *Network) send(h *Host, src, dst netip.AddrPort, data []byte) {
	seen, _ := n.leave(h, "udp", src, dst)
	p := Packet{Protocol: "udp", From: src, To: dst, Data: data}
	number := n.note(p)
	f := n.conditions(seen.Addr(), dst.Addr()).datagram(n.chance(seen.Addr(), dst.Addr()))
	if f.lost || n.cut(seen.Addr(), dst.Addr()) {
		n.became(number, Lost)
		return
	}
	n.after(f.delay, func() { n.deliver(h.realm, seen, dst, data, number) })
	if f.copy {
		p.Copy = true
		number := n.note(p)
		n.after(f.after, func() { n.deliver(h.realm, seen, dst, data, number) })
	}
}

// deliver brings a datagram to the socket that it is for.
func (n *Network) deliver(r *realm, seen, dst netip.AddrPort, data []byte, number int) {
	h, target := n.find(r, "udp", seen, dst)
	var c *packetConn
	if h != nil {
		c = lookup(h.packets, target)
	}
	switch {
	case c == nil:
		n.became(number, Unreachable)
	case c.size+len(data)+overhead > queueOctets:
		n.became(number, Overflow)
	default:
		n.became(number, Delivered)
		c.queue = append(c.queue, datagram{seen, data})
		c.size += len(data) + overhead
		c.arrived.Broadcast()
	}
}
