package registrar

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/transport"
)

// conns knows the flows that bindings came on: connections, which it keeps from being closed for being idle, and UDP sockets. The zero conns is
// ready; it is safe for concurrent use.
type conns struct {
	next atomic.Uint64

	mu      sync.Mutex // guards what follows
	held    map[uint64]*held
	sockets map[netip.AddrPort]transport.Flow // one of each, by our address
}

// held is the connection of one binding, for as long as both live.
type held struct {
	flow    transport.Flow
	release func() // of what keeps it from being idle
	forget  func() // ends the watch for its end
	timer   *time.Timer
}

// maxSockets bounds the own addresses that are remembered: an IPv6 wildcard may be reached at many. What comes to others is sent from whatever
// socket suits.
const maxSockets = 256

// reserve returns a number for the flow of a binding.
func (c *conns) reserve() uint64 { return c.next.Add(1) }

// hold keeps flow for the binding with that number, until it ends and for so long at most.
func (c *conns) hold(n uint64, flow transport.Flow, long time.Duration) {
	if !flow.Reliable() {
		c.know(flow)
		return
	}
	forget, err := flow.Watch(func(error) { c.drop(n) })
	if err != nil {
		return // it has ended
	}
	h := &held{flow: flow, forget: forget, release: flow.Hold()}
	h.timer = time.AfterFunc(long, func() { c.drop(n) })
	c.mu.Lock()
	if c.held == nil {
		c.held = make(map[uint64]*held)
	}
	c.held[n] = h
	c.mu.Unlock()
	select {
	case <-flow.Done(): // meanwhile
		c.drop(n)
	default:
	}
}

// know remembers the socket of a UDP flow.
func (c *conns) know(flow transport.Flow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, known := c.sockets[flow.Local()]; known || len(c.sockets) >= maxSockets {
		return
	}
	if c.sockets == nil {
		c.sockets = make(map[netip.AddrPort]transport.Flow)
	}
	c.sockets[flow.Local()] = flow
}

// drop forgets the connection of a binding that is over or was replaced, or a connection that ended.
func (c *conns) drop(n uint64) {
	c.mu.Lock()
	h := c.held[n]
	delete(c.held, n)
	c.mu.Unlock()
	if h != nil {
		h.timer.Stop()
		h.forget()
		h.release()
	}
}

// flow returns the flow on which a binding is reached; false when that has ended.
func (c *conns) flow(r *Received) (transport.Flow, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r.Protocol == transport.UDP {
		f, ok := c.sockets[r.Local]
		return f.Towards(r.Remote), ok
	}
	h := c.held[r.flow]
	if h == nil {
		return transport.Flow{}, false
	}
	return h.flow, true
}

// len returns how many connections are held.
func (c *conns) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.held)
}
