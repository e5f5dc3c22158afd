package transport

import (
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"

	"github.com/ringback-sip/ringback/parser"
)

// Hop is a way: towards a [Target], or back to where a request came from (RFC 3261, Section 18.2.2). It is not a
// connection: it uses the one it came on, or one that is open, or opens one when there is something to send. Hops are
// compared by identity: each request that came on a connection has its own, those that came the same way over datagrams may share one. Safe for
// concurrent use.
type Hop struct {
	l    *Layer
	flow Flow           // where the message came from; towards a target, what is known beforehand
	to   netip.AddrPort // where datagrams go, and where a connection is opened to
	name string         // Target.Name, or the sent-by of a request that came over TLS
	only bool           // Target.Flow, and no other way
	away bool           // towards a Target: it is the caller's for good

	stream atomic.Pointer[stream] // the connection in use
	queued atomic.Bool            // a stream has, or had, something that names this hop
	rest   allowance

	account *account // of what is sent back over datagrams
}

// Hop returns a way to t. It never waits: a connection is opened at the first Send, unless one is open.
func (l *Layer) Hop(t Target) (*Hop, error) {
	t, err := l.check(t)
	if err != nil {
		return nil, err
	}
	h := &Hop{l: l, to: t.Addr, name: t.Name, away: true}
	if t.Flow != (Flow{}) {
		h.flow, h.only = t.Flow, true
		h.stream.Store(t.Flow.stream)
		h.account = l.budgets.known(t.Addr.Addr()) // whoever came to us, and may have forged that
		return h, nil
	}
	if t.Protocol == UDP {
		if h.flow, err = l.datagramFlow(t); err != nil {
			return nil, err
		}
		return h, nil
	}
	h.flow = Flow{protocol: t.Protocol, remote: t.Addr}
	if s := l.open(peer{t.Protocol, t.Addr, t.Name}); s != nil {
		h.stream.Store(s)
		return h, nil
	}
	// What stands in Via has to be known before the connection is there.
	local, err := l.source(t.Protocol, t.Addr)
	if err != nil {
		return nil, err
	}
	h.flow.local = netip.AddrPortFrom(local, 0)
	return h, nil
}

// check returns t in the form in which it is compared, and why nothing can be sent there.
func (l *Layer) check(t Target) (Target, error) {
	if l.invalid != nil {
		return t, l.invalid
	}
	if l.isClosed() {
		return t, ErrClosed
	}
	return t.check()
}

func noSocket(t Target) error {
	family := "IPv4"
	if t.Addr.Addr().Is6() {
		family = "IPv6"
	}
	return fmt.Errorf("send to %s: %w for %s over %s", t.Addr, ErrNoSocket, t.Protocol.Network(), family)
}

// Send sends w. It never waits for the peer and keeps w. Where the message has to be queued, for a connection to be opened
// or for earlier messages, a later failure is reported to Config.Failed with this Hop. A datagram is gone when Send
// returns; that it did not arrive is reported the same way where the network says so and the system passes that on, which Linux does.
func (h *Hop) Send(w parser.Wire) error {
	if k := h.flow.socket; k != nil {
		if !h.rest.spend(w.Len()) || !h.account.spend(w.Len(), h.l.cfg.Limits.Answers) {
			h.l.withhold(h.out(), w)
			return nil // as lost as any datagram: the peer repeats its request, and earns an answer
		}
		if h.away && k.failures != nil {
			k.sent.add(h, w)
		}
		return k.send(h.out(), w)
	}
	h.queued.Store(true)
	if s := h.stream.Load(); s != nil {
		if err := s.enqueue(w, h); !errors.Is(err, ErrClosed) {
			return err
		}
	}
	if h.pinned() {
		return ErrClosed
	}
	// A connection that was found can be closed before it is used, a new one hardly.
	for range 2 {
		s, err := h.l.connect(peer{h.flow.protocol, h.to, h.name})
		if err != nil {
			return err
		}
		if err := s.enqueue(w, h); !errors.Is(err, ErrClosed) {
			h.stream.Store(s)
			return err
		}
	}
	return ErrClosed
}

// pinned reports whether there is no other way than the flow, and a new connection would reach nobody: a WebSocket client
// accepts none (RFC 7118, Section 5; its sent-by is no address).
func (h *Hop) pinned() bool {
	return h.only || h.flow.stream != nil && h.flow.protocol.webSocket()
}

// out returns the flow that datagrams leave on.
func (h *Hop) out() Flow {
	f := h.flow
	f.remote = h.to
	return f
}

// Reliable reports whether what is sent arrives in order or fails.
func (h *Hop) Reliable() bool { return h.flow.Reliable() }

// Protocol returns the protocol of the way.
func (h *Hop) Protocol() Protocol { return h.flow.protocol }

// Remote returns where messages go: for a response over UDP what Via says (RFC 3261, Section 18.2.2).
func (h *Hop) Remote() netip.AddrPort {
	if h.flow.socket != nil {
		return h.to
	}
	return h.flow.remote
}

// Source returns the address that the message came from; that of the Target for a way towards one. Unlike Remote,
// the peer cannot choose it, on a connection at least.
func (h *Hop) Source() netip.AddrPort { return h.flow.remote }

// Local returns our address: the one that a request reached, or that of the connection. Without a connection the
// port is 0.
func (h *Hop) Local() netip.AddrPort {
	if s := h.stream.Load(); s != nil {
		if f, err := s.connected(); err == nil {
			return f.local
		}
	}
	return h.flow.local
}

// SentBy returns host[:port] for the Via and Contact of what is sent this way: what is advertised, else the address that
// was hit, else that of a socket of the protocol, with the address of the route to the peer in the place of a wildcard.
// A connection that we opened, without any socket that would accept one, names its own address; one of WebSocket a host that does not
// exist (RFC 7118, Appendix B.1).
func (h *Hop) SentBy() string {
	l, to := h.l, h.flow.remote
	if s := l.advertise(h.flow.protocol, to.Addr()); s != "" {
		return s
	}
	if k := h.flow.socket; k != nil && !k.wild {
		return k.text // ours since the socket is served
	}
	at, hit := h.hit()
	switch {
	case h.flow.protocol.webSocket() && !hit && !l.accepting(h.flow.protocol, to).IsValid():
		l.claim([]byte(l.nowhere), 0)
		return l.nowhere
	case h.flow.socket != nil && at.Addr().IsUnspecified():
		source, err := l.routeSource(to)
		if err != nil {
			return ""
		}
		at = onto(at, source)
	case h.flow.socket != nil, hit:
		// The address that was hit is one that we listen on.
	default:
		bound := l.accepting(h.flow.protocol, to)
		if !bound.IsValid() && at.Port() != 0 {
			// The response comes back on this connection or not at all: nothing to remember.
			return sentByText(at)
		}
		if bound.IsValid() {
			at = onto(bound, at.Addr())
		}
	}
	l.claimAddr(at)
	return sentByText(at)
}

// hit returns our address, and whether it is one that the peer connected to. It stays that one when the connection was lost and
// a response goes back on a new one.
func (h *Hop) hit() (netip.AddrPort, bool) {
	s := h.flow.stream
	if s == nil {
		s = h.stream.Load()
	}
	if s != nil && s.source.IsValid() {
		return s.local, true // set before anybody knew s
	}
	return h.Local(), false
}

// onto returns bound, with addr in the place of a wildcard.
func onto(bound netip.AddrPort, addr netip.Addr) netip.AddrPort {
	if bound.Addr().IsUnspecified() {
		return netip.AddrPortFrom(addr, bound.Port())
	}
	return bound
}

// accepting returns the address at which a peer that we talk to over p can reach us: where connections are accepted,
// else for TCP a UDP socket, which hears at least what is sent there, else the zero AddrPort. A socket on a loopback
// address is none for a peer outside.
func (l *Layer) accepting(p Protocol, to netip.AddrPort) netip.AddrPort {
	at := l.listenerFor(p, to)
	if !at.IsValid() && p <= TCP {
		if k := l.socketFor(to); k != nil {
			at = k.addr
		}
	}
	if at.Addr().IsLoopback() && !to.Addr().IsLoopback() {
		return netip.AddrPort{}
	}
	return at
}

// bindTo returns the address that a connection to `to` is to leave from, the zero Addr to let the route say. A host with
// several addresses shows the one that it listens on.
func (l *Layer) bindTo(p Protocol, to netip.AddrPort) netip.Addr {
	a := l.accepting(p, to).Addr()
	if !a.IsValid() {
		a = l.accepting(TCP, to).Addr()
	}
	if a.IsValid() && !a.IsUnspecified() && a.IsLoopback() == to.Addr().IsLoopback() {
		return a
	}
	return netip.Addr{}
}

// source returns the address that a connection to `to` will leave from.
func (l *Layer) source(p Protocol, to netip.AddrPort) (netip.Addr, error) {
	if a := l.bindTo(p, to); a.IsValid() {
		return a, nil
	}
	a, err := l.routeSource(to)
	if err != nil && l.advertise(p, to.Addr()) != "" {
		return netip.Addr{}, nil
	}
	return a, err
}

// Flow returns the flow that the way uses now; false when its connection is gone or not there yet.
func (h *Hop) Flow() (Flow, bool) {
	if h.flow.socket != nil {
		return h.out(), true
	}
	s := h.stream.Load()
	if s == nil {
		return Flow{}, false
	}
	f, err := s.connected()
	return f, err == nil
}
