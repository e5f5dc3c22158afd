package transport

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Config says how a [Layer] behaves. New copies it; nil is the zero Config, with which everything that
// arrives is checked and dropped.
type Config struct {
	// Receive is called with each message that passed the checks, by the reader of its socket or connection: in
	// order for one of them, at the same time for different ones. It must not wait for the network, nor call
	// [Layer.Shutdown].
	//
	// h is the way back for a request (RFC 3261, Section 18.2.2) and the flow on which a response came. m, and
	// every slice it returns, is valid until the function returns; use Clone to keep it. h may be used until then, and
	// for good when the function returns true. Nil drops everything.
	Receive func(h *Hop, m *parser.Message) (kept bool)

	// Failed is called when a message that [Hop.Send] took could not be delivered to the connection: it was refused, it
	// broke or it was too slow. Once for each such message, in their order, from a goroutine of the layer that
	// holds no lock. Nil: nobody wants to know.
	Failed func(h *Hop, err error)

	// Trace is called with each message in and out, before it is acted on, and with each that was to go out and did not: then
	// Event.Dropped says why. It must be quick. Nil: not called.
	Trace func(Event)

	// Advertise lists what stands in Via, Contact and Record-Route instead of the bound address, each
	// "[proto:]host[:port]". The first that fits protocol and address family counts; a host name fits both
	// families. What is written here is used as it is: without a port none is written, which means 5060, or 5061 for TLS.
	// A malformed entry is reported by Listen and its like.
	Advertise []string

	// Trusted lists peers for which the limits of one source do not hold: proxies, trunks, large NATs.
	Trusted []netip.Prefix

	// Locate finds the targets of a URI, best first. Nil means LocateLiteral.
	Locate func(ctx context.Context, uri parser.URI) ([]Target, error)

	// LocateResponse finds where a response goes whose topmost Via is via, best first, when the connection of its request is gone and there is none to where the
	// request came from (RFC 3263, Section 5). Nil: such a response is lost.
	LocateResponse func(ctx context.Context, via parser.Via) ([]Target, error)

	// Dial opens connections; local is the zero AddrPort, or has port 0 to ask for a source address. The network is
	// "tcp" for every protocol above that; TLS and WebSocket are the layer's own business. It is called with "udp" too, where a
	// connected socket tells which source address the route to remote has; nothing is sent on it, and it must return at
	// once. Nil means net.Dialer, with TCP keep-alive.
	Dial func(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error)

	// TLS says how peers prove themselves over TLS and WSS.
	TLS TLSConfig

	// WebSocket says how connections over WS and WSS begin.
	WebSocket WebSocketConfig

	// Limits bounds what peers can make the layer hold, and for how long.
	Limits Limits

	// Logger is told what an operator may want to know. Nil is silent.
	Logger *slog.Logger

	// T1 is the round-trip estimate, RFC 3261, Section 17.1.1.1. Zero means 500ms. No connection is closed as idle
	// within 64*T1.
	T1 time.Duration
}

// Limits are bounds in octets, in connections and in time. The zero value of each field means the default named there.
type Limits struct {
	Message              int   // octets of one message on a stream, header section included; 65,535
	HalfRead             int64 // octets of all messages that are half read, beyond a small buffer for each connection; 64 MiB
	Answers              int64 // octets over UDP to one IPv4 address or IPv6 /64 beyond ten times what came from there; 64 KiB
	Queue                int   // octets waiting to be written on one connection; one message may always wait; 1 MiB
	Connections          int   // connections in all; a new one takes the place of the oldest without a message; 10,000
	ConnectionsPerSource int   // accepted connections of one IPv4 address or IPv6 /64; likewise; 256
	Dials                int   // dials under way; 512
	DialsPerAddress      int   // dials under way to one IPv4 address or IPv6 /64; 64

	Dialing      time.Duration // a connection attempt; 5s
	Handshake    time.Duration // of TLS and of WebSocket together; 10s
	FirstMessage time.Duration // from accepting a connection to the end of its first message; 10s
	WholeMessage time.Duration // from the first octet of a message to its last; 10s
	Idle         time.Duration // a connection on which nothing moves; at least 64*T1; 180s
	Writing      time.Duration // one write of at most 64 KiB or one message; 10s
	Closing      time.Duration // from the last message in either direction to the end; 2s
}

// The defaults. Each is large enough for a busy trunk and small enough that holding all of it hurts nobody.
const (
	defaultMessage              = 65535 // what a datagram can hold, and what the parser's spans can reach
	defaultHalfRead             = 64 << 20
	defaultAnswers              = 64 << 10
	defaultQueue                = 1 << 20 // a thousand messages: a peer that far behind does not read
	defaultConnections          = 10000
	defaultConnectionsPerSource = 256
	defaultDials                = 512
	defaultDialsPerAddress      = 64 // one dead peer must not use up all dials
	defaultDialing              = 5 * time.Second
	defaultHandshake            = 10 * time.Second
	defaultFirstMessage         = 10 * time.Second
	defaultWholeMessage         = 10 * time.Second
	defaultIdle                 = 180 * time.Second
	defaultWriting              = 10 * time.Second
	defaultClosing              = 2 * time.Second
	defaultT1                   = 500 * time.Millisecond
)

// withDefaults returns l with every zero field filled in.
func (l Limits) withDefaults(t1 time.Duration) Limits {
	fill(&l.Message, defaultMessage)
	fill(&l.HalfRead, defaultHalfRead)
	fill(&l.Answers, defaultAnswers)
	fill(&l.Queue, defaultQueue)
	fill(&l.Connections, defaultConnections)
	fill(&l.ConnectionsPerSource, defaultConnectionsPerSource)
	fill(&l.Dials, defaultDials)
	fill(&l.DialsPerAddress, defaultDialsPerAddress)
	fill(&l.Dialing, defaultDialing)
	fill(&l.Handshake, defaultHandshake)
	fill(&l.FirstMessage, defaultFirstMessage)
	fill(&l.WholeMessage, defaultWholeMessage)
	fill(&l.Idle, defaultIdle)
	fill(&l.Writing, defaultWriting)
	fill(&l.Closing, defaultClosing)
	fill(&t1, defaultT1)
	// "at least equal the longest amount of time the element would need in order to bring a transaction from
	// instantiation to the terminated state" (RFC 3261, Section 18).
	l.Idle = max(l.Idle, 64*t1)
	return l
}

func fill[T int | int64 | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}
