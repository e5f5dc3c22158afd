package siptest

import (
	"context"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"time"
)

// backlog is the number of connections that wait for Accept; an attempt beyond it is not answered and repeated by
// the peer, as with Linux.
const backlog = 128

// Listen opens a TCP listener. An address without a port gets one, the unspecified address is every address of the
// host. The errors are those of package net.
func (h *Host) Listen(addr netip.AddrPort) (net.Listener, error) {
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	if h.n.closed() {
		return nil, opError("listen", "tcp", nil, net.TCPAddrFromAddrPort(addr), net.ErrClosed)
	}
	local, err := h.bind(addr, func(a netip.AddrPort) bool { return h.listeners[a] != nil })
	if err != nil {
		return nil, opError("listen", "tcp", nil, net.TCPAddrFromAddrPort(addr), err)
	}
	l := &listener{host: h, local: local, arrived: sync.NewCond(&h.n.mu)}
	h.listeners[local] = l
	return l, nil
}

// listener waits for streams. The network's lock guards it.
type listener struct {
	host    *Host
	local   netip.AddrPort
	arrived *sync.Cond
	queue   []*conn
	closed  bool
	accept  deadline
}

// Accept waits for the next connection.
func (l *listener) Accept() (net.Conn, error) {
	l.arrived.L.Lock()
	defer l.arrived.L.Unlock()
	for {
		switch {
		case l.closed:
			return nil, opError("accept", "tcp", nil, l.Addr(), net.ErrClosed)
		case l.accept.passed():
			return nil, opError("accept", "tcp", nil, l.Addr(), os.ErrDeadlineExceeded)
		case len(l.queue) > 0:
			c := l.queue[0]
			l.queue = l.queue[1:]
			return c, nil
		}
		l.arrived.Wait()
	}
}

// SetDeadline bounds the time that Accept waits.
func (l *listener) SetDeadline(t time.Time) error {
	l.arrived.L.Lock()
	defer l.arrived.L.Unlock()
	if l.closed {
		return opError("set", "tcp", nil, l.Addr(), net.ErrClosed)
	}
	l.accept.set(t, l.arrived)
	return nil
}

// Close stops listening and resets the connections that were not accepted.
func (l *listener) Close() error {
	l.arrived.L.Lock()
	defer l.arrived.L.Unlock()
	if l.closed {
		return opError("close", "tcp", nil, l.Addr(), net.ErrClosed)
	}
	for _, c := range l.queue {
		c.reset()
		c.vanish()
	}
	l.close()
	return nil
}

// close is Close with the lock held, and tells nobody.
func (l *listener) close() {
	l.closed = true
	l.queue = nil
	l.accept.stop()
	delete(l.host.listeners, l.local)
	l.arrived.Broadcast()
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.local) }

// Dial opens a stream and fits transport.Config.Dial. local may be the zero AddrPort or have port 0. It takes a round trip;
// where nobody listens it fails with ECONNREFUSED, and where nobody is, or behind a partition, when ctx ends or with
// ETIMEDOUT after two minutes. Only TCP is known.
func (h *Host) Dial(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, opError("dial", network, nil, net.TCPAddrFromAddrPort(remote), err)
	}
	if network != "tcp" && network != "tcp4" && network != "tcp6" {
		return fail(net.UnknownNetworkError(network))
	}
	remote = netip.AddrPortFrom(remote.Addr().Unmap(), remote.Port())
	local, err := h.sourceOf(local, remote)
	if err != nil {
		return fail(err)
	}
	// The first packet is repeated after 1, 2, 4 ... s, six times (Linux: tcp_syn_retries).
	for wait, tries := time.Second, 0; tries <= 6; wait, tries = 2*wait, tries+1 {
		delay, answered := h.knock(local, remote)
		if !answered {
			delay = wait
		}
		if err := h.pause(ctx, delay); err != nil {
			return fail(err)
		}
		if !answered {
			continue
		}
		c, err := h.connect(local, remote)
		if err != nil {
			return fail(err)
		}
		if c != nil {
			return c, nil
		}
	}
	return fail(os.NewSyscallError("connect", syscall.ETIMEDOUT))
}

// sourceOf completes the local address of a stream.
func (h *Host) sourceOf(local, remote netip.AddrPort) (netip.AddrPort, error) {
	h.n.mu.Lock()
	defer h.n.mu.Unlock()
	if !remote.IsValid() || remote.Port() == 0 {
		return local, os.NewSyscallError("connect", syscall.EADDRNOTAVAIL)
	}
	addr, ok := h.source(local.Addr().Unmap(), remote.Addr())
	if !ok {
		return local, os.NewSyscallError("connect", syscall.ENETUNREACH)
	}
	return h.bind(netip.AddrPortFrom(addr, local.Port()), func(a netip.AddrPort) bool {
		for c := range h.n.streams {
			if c.host == h && c.local == a && c.remote == remote {
				return true
			}
		}
		return false
	})
}

// knock sends the first packet of a stream: whether it will be answered, and when.
func (h *Host) knock(local, remote netip.AddrPort) (time.Duration, bool) {
	n := h.n
	n.mu.Lock()
	defer n.mu.Unlock()
	seen, _ := n.leave(h, "tcp", local, remote)
	there, back := pair{seen.Addr(), remote.Addr()}, pair{remote.Addr(), seen.Addr()}
	to, target := n.find(h.realm, "tcp", seen, remote)
	if to == nil || n.cut(there.from, there.to) {
		return 0, false
	}
	if l := lookup(to.listeners, target); l != nil && len(l.queue) >= backlog {
		return 0, false
	}
	out, in := n.conditions(there.from, there.to), n.conditions(back.from, back.to)
	first := out.segment(n.chance(there.from, there.to))
	second := in.segment(n.chance(back.from, back.to))
	return first.delay + second.delay, true
}

// connect makes the stream at the end of the round trip; nil when the listener has no room.
func (h *Host) connect(local, remote netip.AddrPort) (*conn, error) {
	n := h.n
	n.mu.Lock()
	defer n.mu.Unlock()
	seen, m := n.leave(h, "tcp", local, remote)
	to, target := n.find(h.realm, "tcp", seen, remote)
	if n.closed() || to == nil {
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	l := lookup(to.listeners, target)
	if l == nil {
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	if len(l.queue) >= backlog {
		return nil, nil
	}
	near := &conn{host: h, local: local, remote: remote, way: pair{remote.Addr(), seen.Addr()}, nat: m}
	far := &conn{host: to, local: target, remote: seen, way: pair{seen.Addr(), remote.Addr()}, nat: m, outward: true}
	near.peer, far.peer = far, near
	for _, c := range [...]*conn{near, far} {
		c.arrived, c.room = sync.NewCond(&n.mu), sync.NewCond(&n.mu)
		n.streams[c] = true
	}
	l.queue = append(l.queue, far)
	l.arrived.Broadcast()
	return near, nil
}

// pause waits for d, for the end of ctx or of the network.
func (h *Host) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	case <-h.n.done:
		return net.ErrClosed
	}
}
