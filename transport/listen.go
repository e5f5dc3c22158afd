package transport

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Listen opens a socket for p on addr, a literal "host:port", and serves it in the background. Port 0 takes any free
// port. [::] is IPv6 only; there is no empty host. Nothing but that socket is opened: Section 18.2.1 wants TCP beside
// UDP on the same port, and that is for the caller to say. ctx bounds looking up the host, if it is a name.
// It returns the address bound.
func (l *Layer) Listen(ctx context.Context, p Protocol, addr string) (netip.AddrPort, error) {
	network, err := listenNetwork(p, addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	lc := net.ListenConfig{KeepAliveConfig: keepAlive}
	if p == UDP {
		pc, err := lc.ListenPacket(ctx, network, addr)
		if err != nil {
			return netip.AddrPort{}, err
		}
		at, level := addrPort(pc.LocalAddr()), slog.LevelWarn
		if strings.HasSuffix(addr, ":0") {
			level = slog.LevelDebug // nobody was told that port: it is no server's
		}
		l.widen(pc, level)
		return at, l.serveSocket(pc, false)
	}
	ln, err := lc.Listen(ctx, network, addr)
	if err != nil {
		return netip.AddrPort{}, err
	}
	at := addrPort(ln.Addr())
	return at, l.serveListener(p, ln, false)
}

// listenNetwork returns the network of package net for p and addr: a literal address belongs to its own family only.
func listenNetwork(p Protocol, addr string) (string, error) {
	network := p.carrier()
	if network == "" {
		return "", fmt.Errorf("listen on %s: no such transport", addr)
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return "", fmt.Errorf("listen on %s %s: %w", p.Network(), addr, err)
	}
	if host == "" {
		return "", fmt.Errorf("listen on %s %s: no host: 0.0.0.0 is every IPv4 address, [::] every IPv6 address", p.Network(), addr)
	}
	switch a, err := netip.ParseAddr(host); {
	case err != nil: // a name
	case a.Unmap().Is4():
		network += "4"
	default:
		network += "6"
	}
	return network, nil
}

// ServePacket serves pc, a socket for UDP, and returns at once. It takes pc: Shutdown closes it. A pc that also has
// ReadFromUDPAddrPort and WriteToUDPAddrPort, as *net.UDPConn does, is served without allocating.
func (l *Layer) ServePacket(pc net.PacketConn) error {
	l.widen(pc, slog.LevelWarn)
	return l.serveSocket(pc, true)
}

// serveSocket is ServePacket. dual says that an IPv6 wildcard may take IPv4 as well.
func (l *Layer) serveSocket(pc net.PacketConn, dual bool) error {
	addr := addrPort(pc.LocalAddr())
	err := l.invalid
	if err == nil && !addr.IsValid() {
		err = fmt.Errorf("socket %v has no IP address", pc.LocalAddr())
	}
	if err != nil {
		_ = pc.Close()
		return err
	}
	k := newSocket(l, pc, addr, dual)
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		_ = pc.Close()
		return ErrClosed
	}
	l.sockets = append(slices.Clip(l.sockets), k)
	l.running.Go(k.serve)
	l.mu.Unlock()
	if !addr.Addr().IsUnspecified() {
		l.claimAddr(addr)
	}
	return nil
}

// listener accepts connections.
type listener struct {
	l        *Layer
	protocol Protocol
	ln       net.Listener
	addr     netip.AddrPort
	dual     bool // an IPv6 wildcard that may take IPv4 too
}

// ServeListener accepts connections for p from ln, and returns at once. It takes ln: Shutdown closes it. ln is one of plain
// connections for every p: their handshakes are the layer's business.
func (l *Layer) ServeListener(p Protocol, ln net.Listener) error {
	return l.serveListener(p, ln, true)
}

// serveListener is ServeListener. dual says that an IPv6 wildcard may take IPv4 as well.
func (l *Layer) serveListener(p Protocol, ln net.Listener, dual bool) error {
	n := &listener{l: l, protocol: p, ln: ln, addr: addrPort(ln.Addr())}
	n.dual = dual && n.addr.Addr() == netip.IPv6Unspecified()
	err := l.invalid
	switch {
	case err != nil:
	case !p.Reliable():
		err = fmt.Errorf("%q is no protocol of connections", p)
	case l.cfg.TLS.listens(p) != nil:
		err = fmt.Errorf("listen on %s: %w", p.Network(), l.cfg.TLS.listens(p))
	case !n.addr.IsValid():
		err = fmt.Errorf("listener %v has no IP address", ln.Addr())
	}
	if err != nil {
		_ = ln.Close()
		return err
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		_ = ln.Close()
		return ErrClosed
	}
	l.listeners = append(slices.Clip(l.listeners), n)
	l.running.Go(n.serve)
	l.mu.Unlock()
	if !n.addr.Addr().IsUnspecified() {
		l.claimAddr(n.addr)
	}
	return nil
}

// serve accepts until the listener is closed.
func (n *listener) serve() {
	defer n.l.removeListener(n)
	var failures int
	for {
		conn, err := n.ln.Accept()
		if err == nil {
			failures = 0
			n.l.accept(n, conn)
			continue
		}
		if errors.Is(err, net.ErrClosed) || n.l.isClosed() {
			return
		}
		// Out of file descriptors, most likely: connections that end will give some back.
		n.l.cfg.Logger.Error("accept failed", "addr", n.addr, "err", err)
		failures++
		if !n.l.pause(failures) {
			return
		}
	}
}

// Waiting after failures of a socket: it must neither spin nor give up.
const (
	firstPause = 5 * time.Millisecond
	lastPause  = time.Second
)

// pause waits a little longer after each of so many failures in a row; it reports false when the layer was closed.
func (l *Layer) pause(failures int) bool {
	timer := time.NewTimer(min(firstPause<<min(failures-1, 8), lastPause))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-l.stop:
		return false
	}
}

func (l *Layer) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

func (l *Layer) removeListener(n *listener) {
	_ = n.ln.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.listeners = slices.DeleteFunc(slices.Clone(l.listeners), func(o *listener) bool { return o == n })
}
