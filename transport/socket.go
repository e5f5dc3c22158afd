package transport

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/stun"
)

// socket is one UDP socket with its reader.
type socket struct {
	l    *Layer
	pc   net.PacketConn
	data datagrams
	addr netip.AddrPort // as bound
	wild bool           // bound to every address of its family
	dual bool           // and maybe of the other
	text string         // addr as a sent-by, "" for a wildcard
	done chan struct{}  // closed when its reader has ended

	failures *failures // nil: the system does not tell
	sent     sent

	mu      sync.Mutex // guards scratch
	scratch []byte     // where the parts of a message are joined
}

func newSocket(l *Layer, pc net.PacketConn, addr netip.AddrPort, dual bool) *socket {
	wild := addr.Addr().IsUnspecified()
	text := ""
	if !wild {
		text = sentByText(addr)
	}
	return &socket{
		l:    l,
		pc:   pc,
		data: newDatagrams(pc, wild, overruns{total: &l.counts.overrun}),
		addr: addr,
		wild: wild,
		text: text,
		dual: dual && wild && addr.Addr().Is6(),
		done: make(chan struct{}),

		failures: newFailures(pc),
	}
}

const maxDatagram = 65535 // no datagram is larger (RFC 3261, Section 18.1.1)

// serve reads until the socket is closed.
func (k *socket) serve() {
	defer k.ended()
	in := newInbox(k.l)
	buf := make([]byte, maxDatagram)
	var failures int
	for {
		err := k.next(in, buf)
		if err == nil {
			failures = 0
			continue
		}
		if errors.Is(err, net.ErrClosed) || k.l.isClosed() {
			return
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			_ = k.pc.SetReadDeadline(time.Time{})
			k.tellFailures()
			continue
		}
		if k.failures.pending(err) { // each is told once
			k.tellFailures()
			continue
		}
		k.l.cfg.Logger.Debug("read failed", "addr", k.addr, "err", err)
		failures++
		if !k.l.pause(failures) {
			return
		}
	}
}

// next reads one datagram and deals with it.
func (k *socket) next(in *inbox, buf []byte) error {
	n, from, hit, err := k.data.read(buf)
	if err != nil {
		return err
	}
	switch b := buf[:n]; {
	case filler(b):
	case stun.Is(b):
		k.stun(k.flow(from, hit), b)
	default:
		in.take(k.flow(from, hit), b)
	}
	return nil
}

// filler reports whether b holds nothing but CR, LF and NUL: what NATs are kept open with. It is consumed without a
// reply, also in reply to a lone double CRLF, which is a ping on streams only (RFC 5626, Section 4.4.1).
func filler(b []byte) bool {
	for _, c := range b {
		if c != '\r' && c != '\n' && c != 0 {
			return false
		}
	}
	return true
}

// flow returns the flow between remote and local, a local address or the zero Addr for the bound one.
func (k *socket) flow(remote netip.AddrPort, local netip.Addr) Flow {
	f := Flow{protocol: UDP, socket: k, local: k.addr, remote: remote}
	if k.wild && local.IsValid() {
		f.local = netip.AddrPortFrom(local, k.addr.Port())
	}
	return f
}

// send sends w to f's remote from f's local address. The socket buffer takes it at once or the kernel waits for the
// interface, never for the peer.
func (k *socket) send(f Flow, w parser.Wire) error {
	if !f.remote.IsValid() {
		return errNotUnicast
	}
	k.l.traceWire(f, w)
	var source netip.Addr
	if k.wild && !f.local.Addr().IsUnspecified() {
		source = f.local.Addr()
	}
	err := k.write(w, f.remote, source)
	if k.failures.pending(err) { // it may be what an earlier datagram met with
		k.wake()
		err = k.write(w, f.remote, source)
	}
	if err != nil {
		k.l.lost(f, w, err)
		return fmt.Errorf("send to %s: %w", f.remote, err)
	}
	k.l.counts.sent.Add(1)
	return nil
}

func (k *socket) write(w parser.Wire, to netip.AddrPort, source netip.Addr) error {
	if w.Len() == len(w.Head) {
		return k.data.write(w.Head, to, source)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.scratch = w.AppendTo(k.scratch[:0])
	return k.data.write(k.scratch, to, source)
}

// lastAnswer is how long a reader may take to deal with its last message once its socket is to be closed.
const lastAnswer = 200 * time.Millisecond

// close ends the reader, and then the socket: what the reader has just read may be on its way to being answered.
func (k *socket) close() {
	if k.pc.SetReadDeadline(time.Unix(1, 0)) == nil {
		late := time.NewTimer(lastAnswer)
		defer late.Stop()
		select {
		case <-k.done:
		case <-late.C:
		}
	}
	_ = k.pc.Close()
}

// ended takes k out of the layer.
func (k *socket) ended() {
	_ = k.pc.Close()
	k.l.mu.Lock()
	k.l.sockets = slices.DeleteFunc(slices.Clone(k.l.sockets), func(o *socket) bool { return o == k })
	k.l.mu.Unlock()
	close(k.done)
}

// socketFor returns the socket that messages to remote leave from, nil when there is none of its family.
func (l *Layer) socketFor(remote netip.AddrPort) *socket {
	l.mu.Lock()
	sockets := l.sockets // replaced, never written
	l.mu.Unlock()
	var few [8]bound
	bounds := few[:0]
	for _, k := range sockets {
		bounds = append(bounds, bound{k.addr, k.dual})
	}
	if i := l.pick(bounds, remote); i >= 0 {
		return sockets[i]
	}
	return nil
}

// listenerFor returns the address that connections with remote are accepted on, the zero AddrPort when there is none.
func (l *Layer) listenerFor(p Protocol, remote netip.AddrPort) netip.AddrPort {
	l.mu.Lock()
	listeners := l.listeners // replaced, never written
	l.mu.Unlock()
	var few [8]bound
	bounds := few[:0]
	for _, n := range listeners {
		if n.protocol == p {
			bounds = append(bounds, bound{n.addr, n.dual})
		}
	}
	if i := l.pick(bounds, remote); i >= 0 {
		return bounds[i].addr
	}
	return netip.AddrPort{}
}
