package resolver

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// LocateResponse returns where the response to a request goes whose topmost Via is via, when the way on which the request came is lost and
// the address that it came from takes no connection (RFC 3263, Section 5). Its errors, and the time that it takes, are those of Locate.
func (r *Resolver) LocateResponse(ctx context.Context, via parser.Via) ([]transport.Target, error) {
	ctx, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	defer cancel()
	targets, err := r.locateResponse(ctx, via)
	if err != nil {
		return nil, fmt.Errorf("locate %s: %w", via.Host(), err)
	}
	return targets, nil
}

func (r *Resolver) locateResponse(ctx context.Context, via parser.Via) ([]transport.Target, error) {
	// "a value of TLS refers to TLS over TCP": no other transport will do.
	p, err := transport.ParseProtocol(string(via.Transport()))
	switch {
	case err != nil:
		return nil, err
	case p == transport.WS || p == transport.WSS:
		return nil, fmt.Errorf("%w: nobody can connect to a WebSocket client (RFC 7118, Section 5)", ErrNoServer)
	}
	g := goal{name: key(string(via.Host())), trust: string(via.Host())}
	port := uint16(max(via.Port(), 0)) // the parser refuses ports above 65535
	_, known := r.known(g.name)
	if addr, ok := transport.Literal(via.Host()); ok {
		g.name, known = addr.String(), true
	}
	switch {
	case port > 0:
		return r.byAddress(ctx, g, p, port)
	case known:
		return r.byAddress(ctx, g, p, serviceOf(p).port)
	}
	return r.bySRV(ctx, g, []lead{leadTo(g.name, p)}, p)
}
