package transport

import (
	"context"
	"net/netip"
	"slices"

	"github.com/ringback-sip/ringback/parser"
)

// Flow is one bidirectional stream of messages between two addresses: a connection, or a pair of addresses on a UDP
// socket (RFC 5626, Section 3). It is a small value; two are equal when they are the same flow. The zero Flow is
// none: nothing can be sent on it. Safe for concurrent use.
type Flow struct {
	protocol Protocol
	local    netip.AddrPort
	remote   netip.AddrPort
	socket   *socket
	stream   *stream
}

// Send sends w on the flow and nowhere else. It never waits for the peer, and keeps w. What was queued
// when the flow ends is lost with it: see Done.
func (f Flow) Send(w parser.Wire) error {
	switch {
	case f.socket != nil:
		return f.socket.send(f, w)
	case f.stream != nil:
		return f.stream.enqueue(w, nil)
	}
	return ErrClosed
}

// Reliable reports whether what is sent arrives in order or the flow ends.
func (f Flow) Reliable() bool { return f.protocol.Reliable() }

// Protocol returns the flow's protocol.
func (f Flow) Protocol() Protocol { return f.protocol }

// Local returns our address. On a wildcard socket it is the one that the peer reached, if the system tells.
func (f Flow) Local() netip.AddrPort { return f.local }

// Remote returns the peer's address.
func (f Flow) Remote() netip.AddrPort { return f.remote }

// Identities returns the SIP domains and addresses that the peer's certificate speaks for (RFC 5922, Section 7.1), in lower case; none where
// there is no certificate. They were verified. A server whose policy depends on who its clients are looks here.
func (f Flow) Identities() []string {
	if f.stream == nil {
		return nil
	}
	f.stream.mu.Lock()
	defer f.stream.mu.Unlock()
	return slices.Clone(f.stream.proved)
}

// Done returns a channel that is closed when the flow has ended: its connection, or the UDP socket. The zero Flow
// never began, and its channel is nil.
func (f Flow) Done() <-chan struct{} {
	switch {
	case f.socket != nil:
		return f.socket.done
	case f.stream != nil:
		return f.stream.done
	}
	return nil
}

// Flow returns a flow to t: an open connection to the same address, port and protocol, whoever opened it (RFC 3261,
// Section 18), else a new one. It waits until the connection is there or ctx is done.
func (l *Layer) Flow(ctx context.Context, t Target) (Flow, error) {
	t, err := l.check(t)
	if err != nil {
		return Flow{}, err
	}
	switch {
	case t.Flow != (Flow{}):
		return t.Flow, nil
	case t.Protocol == UDP:
		return l.datagramFlow(t)
	}
	s, err := l.connect(peer{t.Protocol, t.Addr, t.Name})
	if err != nil {
		return Flow{}, err
	}
	select {
	case <-s.ready:
		return s.connected()
	case <-ctx.Done():
		return Flow{}, ctx.Err()
	}
}

// datagramFlow returns the flow to t from the socket and the local address that suit it.
func (l *Layer) datagramFlow(t Target) (Flow, error) {
	k := l.socketFor(t.Addr)
	if k == nil {
		return Flow{}, noSocket(t)
	}
	var source netip.Addr
	if k.wild {
		var err error
		source, err = l.routeSource(t.Addr)
		if err != nil && l.advertise(UDP, t.Addr.Addr()) == "" {
			return Flow{}, err
		}
	}
	return k.flow(t.Addr, source), nil
}
