package ua

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// Config is what an Agent needs to know. New copies it; a nil Config is all defaults. Hooks must be
// safe for concurrent use.
type Config struct {
	// Listen names the sockets as PROTO:HOST:PORT: "udp:0.0.0.0:5060", "tls:[::1]:5061", "ws:127.0.0.1:8080". The protocol is
	// udp, tcp, tls, ws or wss. Port 0 is any free one.
	// Nil, with nothing injected below, means "udp:127.0.0.1:0" and "tcp:127.0.0.1:0": an agent that only calls.
	Listen []string
	// PacketConns (UDP) and Listeners (TCP) are served besides Listen: sockets from a supervisor, or a fake network.
	PacketConns []net.PacketConn
	Listeners   []net.Listener
	// Dial opens stream connections. Nil means the system's.
	Dial func(ctx context.Context, network string, local, remote netip.AddrPort) (net.Conn, error)
	// Advertise is what stands in Via and Contact instead of the bound address, as [PROTO:]HOST[:PORT].
	// Without it, and behind a NAT, the Contact of a call over UDP is the address that the peer sees: what the received and rport of its responses said
	// (RFC 3581), of a REGISTER or OPTIONS before the call, of the challenged INVITE, or of an earlier call. Via always asks for that by rport.
	Advertise []string
	// Contact is what stands in the Contact of calls. The zero Contact is the user of From, or whom the caller asked for, at the address that the call goes or came
	// by.
	Contact Contact
	// Locate finds the targets of a URI, the first to be tried first. Nil asks the DNS servers of this host, as RFC 3263 says: see
	// package resolver, whose Resolver.Locate fits here when it is to ask others. It may block until its context ends.
	Locate func(ctx context.Context, uri parser.URI) ([]transport.Target, error)
	// TLS says how both sides prove themselves over TLS and WSS. The zero value trusts whom the system trusts and shows no certificate: what
	// listens for tls or wss needs one.
	TLS transport.TLSConfig
	// WebSocket says how connections over WS and WSS begin: whom a server lets in, what a client asks for. The zero value lets in programs and
	// the pages of the own host.
	WebSocket transport.WebSocketConfig
	// Limits bound what peers can make the transport hold. Zero fields are the defaults.
	Limits transport.Limits
	// Trusted lists peers for which the limits of one source do not hold: proxies, trunks, large NATs.
	//
	// To any other peer, what one INVITE over UDP draws is at most twelve times its octets, until an ACK, a PRACK, another request in the dialog, a
	// response to one of ours or a password proves that it is there. Where that is not enough for every copy of the 2xx (RFC 3261, Section 13.3.1.4), as
	// with a small INVITE without an offer, the last ones are not sent.
	Trusted []netip.Prefix
	// TrustDomain lists peers whose word about others counts: what they say in P-Asserted-Identity is believed, and they are told
	// identities (RFC 3325, Section 4): see Call.Asserted and Identity. Over UDP an address is only as true as the network that lets it in.
	TrustDomain []netip.Prefix

	// From is the address of record that requests outside a dialog come from, such as sip:alice@example.com or "Alice" <sip:alice@example.com>.
	// Empty means sip:ringback@ and the address that the request is sent from.
	From string
	// OutboundProxy is the URI of a server that every request outside a dialog passes first, such as "sip:proxy.example.com;lr": it stands in Route, as a
	// loose route with or without lr (RFC 3261, Section 8.1.2). Empty means that the Request-URI says where to send.
	OutboundProxy string
	// Credentials returns what there is for a realm that a server or proxy asks for, and false where there is nothing: auth.User makes one
	// of a name and a password. It is asked on no goroutine that others wait for, and at the same time by several. What it has for every realm goes to
	// whoever asks. Nil: a 401 or 407 is the answer.
	Credentials func(realm string) (auth.Credentials, bool)
	// Redirect reports whether a request to the URI from, which was redirected to the URI to (300 to 399), goes there. Each address is tried once, eight at
	// most, those of the highest q first. Nil follows all, but from a SIPS URI only to another. A 305 is followed by way of the proxy it names.
	Redirect func(from, to parser.URI) bool
	// UserAgent stands in User-Agent and Server. Empty means neither is sent.
	UserAgent string

	// T1, T2 and T4 are the timers of RFC 3261, Section 17.1.1.1. Zero means 500ms, 8*T1 and 10*T1:
	// 4s and 5s with the default T1.
	T1, T2, T4 time.Duration
	// RingTimeout bounds ringing on both sides: the caller sends CANCEL, the callee answers 480. Zero means 180s.
	RingTimeout time.Duration
	// MaxDuration ends an established call by BYE. Zero means 12h.
	MaxDuration time.Duration
	// SessionExpires is the interval within which the peer of a call has to show that it is still there (RFC 4028): one of the two sides refreshes
	// the call when half of it is over. Zero means 30 minutes; negative: no session timers, neither asked for nor accepted.
	SessionExpires time.Duration
	// MinSE is the shortest interval that is accepted; one below it is refused with 422. Zero means 90s, or SessionExpires if that is less; less than
	// 90s is below what RFC 4028 allows.
	MinSE time.Duration
	// MaxRequests bounds the requests that have no final answer yet, MaxRequestsPerSource those of one IPv4 address or IPv6 /64.
	// What comes beyond is refused with Retry-After, without state: 503, and 500 where it was too much of one source. Zero
	// means 100000 and 5000. Requests that end something have a quarter more room.
	MaxRequests, MaxRequestsPerSource int
	// MaxHandlers bounds the handlers that run at the same time; a request outside a dialog that finds no
	// place is answered 503 with Retry-After. Zero means 10000.
	MaxHandlers int
	// MaxCalls bounds the calls that are held at the same time; beyond it an INVITE is answered 503 with Retry-After.
	// Zero means 100000.
	MaxCalls int

	// Accept lists the body types that an INVITE may carry. Nil means application/sdp; others are answered 415.
	// In a multipart body each part that is not optional has to be of one of them, and the part that describes the session is the offer.
	Accept []string
	// Reliable says which provisional responses are sent reliably (RFC 3262). The zero value: those with a body, and all to who requires it.
	Reliable Reliability
	// Serves reports whether the user of a Request-URI is one of ours; the others are answered 404. Nil serves all.
	// It runs in the reader and must not block.
	Serves func(uri parser.URI) bool
	// Handlers are asked in order for each request outside a dialog, before the agent itself.
	Handlers []Handler
	// OnCall takes a call that comes in, on a goroutine of the call's own. When it returns without an answer
	// the call is answered 480; when it panics, 500, or the call that it had answered is ended. Nil: INVITE is answered 405.
	OnCall func(*Call)
	// KeepInvite lets a Call that came in keep its INVITE and Offer until it ends, not only until its answer is acknowledged: for who reads them
	// later, at the cost of their octets for each call that is held.
	KeepInvite bool
	// OnOffer answers an offer that changes the session of a call, in a re-INVITE or UPDATE (RFC 3264; RFC 3311): what it returns is the
	// answer, or an error, which refuses the offer with 488 or the status of a *ResponseError, and the session stays what it was. A zero offer asks for one: what
	// it returns is our offer then, or in an INVITE of ours the answer was asked for. It runs on a goroutine of the call's own, one at a time for each
	// call, and may ask the user: for a re-INVITE as long as RingTimeout, for an UPDATE 16*T1. Nil: the offer that the peer made last is answered as before, no
	// offer with our last description, and any other offer is refused.
	OnOffer func(c *Call, offer Body) (answer Body, err error)
	// OnReplaces decides whether the INVITE of c may take the place of another call of ours (RFC 3891): who names a call's Call-ID and tags may have
	// heard them on its way, so that allowing it needs more, such as who c comes from. It runs on c's goroutine before OnCall; c.Answer
	// ends the old call, by BYE or CANCEL, and with a refusal it goes on. False: c is answered 403, unless it was rejected otherwise. Nil: calls
	// cannot be replaced; the field is ignored, and who requires it is answered 420.
	OnReplaces func(c, old *Call) bool
	// OnJoin decides in the same way whether c may join another call of ours (RFC 3911); mixing the two is the application's.
	OnJoin func(c, other *Call) bool
	// OnMessage takes a MESSAGE (RFC 3428). When it returns without an answer the answer is 200. Nil: 405.
	OnMessage func(*Request)
	// OnInfo takes an INFO inside a call (RFC 6086): of a package that RecvInfo names, or of none, which is how DTMF comes as application/dtmf-relay.
	// Request.InfoPackage tells which. When it returns without an answer the answer is 200. Nil: 405.
	OnInfo func(*Request)
	// RecvInfo names the Info packages that OnInfo takes; those of others are answered 469.
	RecvInfo []string

	// Trace sees every message as it passes. Nil costs one comparison.
	Trace func(transport.Event)
	// Logger receives Debug for traffic, Warn for the peers' faults, Error for ours. Nil is silent.
	Logger *slog.Logger
}

// Defaults of Config's fields.
const (
	defaultT1          = 500 * time.Millisecond
	defaultRingTimeout = 180 * time.Second
	defaultMaxDuration = 12 * time.Hour
	defaultMaxHandlers = 10_000
	defaultMaxCalls    = 100_000
)

// maxProceeding is how much longer than a call may ring an INVITE may wait that is no call of ours: of a Handler.
const maxProceeding = 15 * time.Minute

// check finds what could never be written into a message.
func (c *Config) check() error {
	if c == nil {
		return nil
	}
	var f first
	if c.From != "" {
		if err := f.setFrom(c.From); err != nil {
			return err
		}
	}
	if err := c.Contact.check(); err != nil {
		return err
	}
	if _, err := parseProxy(c.OutboundProxy); err != nil {
		return err
	}
	uri, err := parser.ParseURI([]byte("sip:localhost"))
	if err != nil {
		return err
	}
	var b parser.Builder
	b.Request(parser.MethodOptions, uri)
	b.Header(parser.HeaderUserAgent, c.UserAgent)
	if err := b.Err(); err != nil {
		return fmt.Errorf("sip: Config.UserAgent %q: %w", c.UserAgent, err)
	}
	for _, pkg := range c.RecvInfo {
		var b parser.Builder
		b.Request(parser.MethodOptions, uri)
		b.Header(parser.HeaderRecvInfo, pkg)
		if err := b.Err(); pkg == "" || strings.ContainsAny(pkg, ",; \t") || err != nil {
			return fmt.Errorf("sip: Config.RecvInfo %q: want the name of an Info package", pkg)
		}
	}
	for _, accept := range c.Accept {
		var b parser.Builder
		b.Request(parser.MethodOptions, uri)
		b.Body(accept)
		if err := b.Err(); accept == "" || err != nil {
			return fmt.Errorf("sip: Config.Accept %q: want a media type, such as application/sdp", accept)
		}
	}
	return nil
}

// withDefaults returns a copy of c with every zero field that has a default set to it.
func (c *Config) withDefaults() Config {
	var d Config
	if c != nil {
		d = *c
	}
	if len(d.Listen)+len(d.PacketConns)+len(d.Listeners) == 0 {
		d.Listen = []string{"udp:127.0.0.1:0", "tcp:127.0.0.1:0"}
	}
	setDuration(&d.T1, defaultT1)
	setDuration(&d.T2, 8*d.T1)
	setDuration(&d.T4, 10*d.T1)
	setDuration(&d.RingTimeout, defaultRingTimeout)
	setDuration(&d.MaxDuration, defaultMaxDuration)
	if d.MaxHandlers <= 0 {
		d.MaxHandlers = defaultMaxHandlers
	}
	if d.MaxCalls <= 0 {
		d.MaxCalls = defaultMaxCalls
	}
	d.RecvInfo = slices.Clone(d.RecvInfo)
	d.Accept, d.Handlers = slices.Clone(d.Accept), slices.Clone(d.Handlers)
	d.Trusted, d.TrustDomain = slices.Clone(d.Trusted), slices.Clone(d.TrustDomain)
	if d.Accept == nil {
		d.Accept = []string{"application/sdp"}
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d
}

func setDuration(d *time.Duration, v time.Duration) {
	if *d <= 0 {
		*d = v
	}
}
