package ua

import (
	"bytes"
	"context"
	"errors"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// errInsecure: a SIPS URI, and nowhere to send a request for it but in the clear (RFC 3261, Section 26.2.2).
var errInsecure = errors.New("a sips URI, and every target is in the clear")

// flow returns the connection that the call's INVITE came or went on, the zero Flow when it is gone.
func (c *Call) flow() transport.Flow {
	var h *transport.Hop
	switch {
	case c.way != nil:
		h = c.way
	case c.role == dialog.Callee && c.in.tx != nil:
		h, _ = c.in.tx.Conn().(*transport.Hop)
	case c.cal.out != nil:
		h = c.cal.out.way()
	}
	if h == nil {
		return transport.Flow{}
	}
	f, ok := h.Flow()
	if !ok || !f.Reliable() {
		return transport.Flow{}
	}
	return f
}

// along finds the targets of a request inside a dialog whose INVITE came or went on flow, the zero Flow if that is gone. A peer that nobody
// can open a connection to is reached on the flow and nowhere else: a WebSocket client (RFC 7118, Section 5), and one whose
// host says that it does not exist. So is, over TLS, a peer whose Contact is the very address at the other end: a new connection would ask
// for a certificate of that number.
func (a *Agent) along(ctx context.Context, uri parser.URI, flow transport.Flow) ([]transport.Target, error) {
	on := flow != (transport.Flow{}) && (flow.Protocol().Secure() || !uri.IsSIPS())
	if on && onlyFlow(uri, flow.Protocol()) {
		return []transport.Target{{Flow: flow}}, nil
	}
	targets, err := a.targets(ctx, uri)
	if _, numeric := transport.Literal(uri.Host()); !on || !numeric || !flow.Protocol().Secure() {
		return targets, err
	}
	for i, t := range targets {
		if t.Protocol == flow.Protocol() && t.Addr == flow.Remote() {
			targets[i] = transport.Target{Flow: flow}
		}
	}
	return targets, err
}

// onlyFlow reports whether uri, of a peer at the other end of a flow over p, is that of somebody who accepts no connections.
func onlyFlow(uri parser.URI, p transport.Protocol) bool {
	const invalid = ".invalid" // RFC 6761, Section 6.4
	if host := bytes.TrimSuffix(uri.Host(), []byte(".")); len(host) >= len(invalid) && parser.EqualFold(host[len(host)-len(invalid):], invalid) {
		return true
	}
	name, _ := uri.Param("transport")
	return (p == transport.WS || p == transport.WSS) && (parser.EqualFold(name, "ws") || parser.EqualFold(name, "wss"))
}

// secured drops the targets to which a request for a SIPS URI may not go, whoever found them.
func secured(targets []transport.Target) ([]transport.Target, error) {
	var safe []transport.Target
	for _, t := range targets {
		if t.Protocol.Secure() || t.Flow.Protocol().Secure() {
			safe = append(safe, t)
		}
	}
	if safe == nil && targets != nil {
		return nil, errInsecure
	}
	return safe, nil
}

// connect waits for the connection to the first target where nothing of ours listens for TLS: what stands in Via and Contact is then the
// connection's own address. A target to which there is none makes place for the next. It is for the goroutine of somebody who waits for the answer.
func (o *outgoing) connect(ctx context.Context) error {
	var last error
	for _, t := range o.targets {
		if t.Protocol != transport.TLS || t.Flow != (transport.Flow{}) || o.agent.listensFor(transport.TLS) {
			return nil
		}
		_, err := o.agent.transport.Flow(ctx, t.Target)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		o.targets, last = o.targets[1:], err
	}
	return last
}

// listensFor reports whether the agent accepts connections over p.
func (a *Agent) listensFor(p transport.Protocol) bool {
	for _, l := range a.transport.Locals() {
		if l.Protocol == p {
			return true
		}
	}
	return false
}

// checkSecure refuses a request for a SIPS URI that came in the clear: somebody on its way broke the promise of the scheme. Who has no
// certificate does not support the scheme at all (RFC 5630, Section 5.1.2).
func (a *Agent) checkSecure(uri parser.URI, conn any) *refusal {
	h, ok := conn.(*transport.Hop)
	switch {
	case !uri.IsSIPS() || !ok || h.Protocol().Secure():
		return nil
	case a.cfg.TLS.Certificate == nil:
		return &refusal{status: parser.StatusUnsupportedURIScheme}
	}
	return &refusal{parser.StatusTemporarilyUnavailable, parser.HeaderWarning, `380 ringback "SIPS Not Allowed"`}
}
