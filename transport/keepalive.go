package transport

import (
	"crypto/rand"
	"errors"
	randv2 "math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/transport/stun"
)

// What keeps flows alive where the peer names no time (RFC 5626, Sections 4.4.1 and 4.4.2).
const (
	streamPingEvery   = 120 * time.Second
	datagramPingEvery = 29 * time.Second
	// A ping in a datagram is sent bindingTries times, the first pause is bindingRTO and each twice the last; it fails bindingLast times
	// bindingRTO after the last one (RFC 5389, Section 7.2.1).
	bindingRTO    = 500 * time.Millisecond
	bindingTries  = 7
	bindingLast   = 16
	bindingWithin = (1<<(bindingTries-1) - 1 + bindingLast) * bindingRTO
)

// ErrMapping: a NAT gave a UDP flow another address, so that what the peer knows of it is no longer true.
var ErrMapping = errors.New("the address that the peer sees has changed")

// KeepAlive keeps the flow open through NATs, and calls failed, once and from a goroutine of the layer that holds no lock, when it has failed: its
// connection ended, nobody answered, or a NAT changed its address (RFC 5626, Section 4.4). The error is ErrClosed when that is so already. It pings after 80 to 100 percent of every, the peer's Flow-Timer; 0 is
// 120s on connections and 29s over UDP. Connections are sent double CRLFs, WebSockets have pings of their own, and UDP flows are sent STUN Binding
// requests: only a peer that said that it understands them may be (RFC 5626, Section 8). stop ends it; failed is not called after that, unless it is
// being called already.
func (f Flow) KeepAlive(every time.Duration, failed func(error)) (stop func(), err error) {
	switch {
	case f.stream != nil:
		return f.stream.keep(every, failed)
	case f.socket != nil:
		return f.socket.l.bindings.keep(f, every, failed)
	}
	return nil, ErrClosed
}

// keep is KeepAlive of a stream.
func (s *stream) keep(every time.Duration, failed func(error)) (stop func(), err error) {
	if every <= 0 {
		every = streamPingEvery
	}
	forget, err := s.watch(failed)
	if err != nil || s.peer.protocol.webSocket() {
		return forget, err
	}
	s.mu.Lock()
	s.keepers++
	s.mu.Unlock()
	s.beat(every)
	return sync.OnceFunc(func() {
		forget()
		s.mu.Lock()
		s.keepers--
		last := s.keepers == 0
		s.mu.Unlock()
		if last {
			s.beat(0)
		}
	}), nil
}

// bindings are the UDP flows that are kept alive. The zero bindings is ready; it is safe for concurrent use.
type bindings struct {
	mu     sync.Mutex // guards what follows, and every binding
	all    map[*binding]struct{}
	asked  map[stun.ID]*binding // those that wait for an answer
	closed bool
}

// binding is one UDP flow that is kept alive.
type binding struct {
	flow   Flow
	every  time.Duration
	failed func(error)

	// Under the lock of bindings.
	timer  timer.Node
	id     stun.ID // of the request that is not answered
	tries  int     // how often it was sent; 0: none waits
	mapped netip.AddrPort
}

func (t *bindings) keep(f Flow, every time.Duration, failed func(error)) (stop func(), err error) {
	if every <= 0 {
		every = datagramPingEvery
	}
	b := &binding{flow: f, every: every, failed: failed}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, ErrClosed
	}
	if t.all == nil {
		t.all, t.asked = make(map[*binding]struct{}), make(map[stun.ID]*binding)
	}
	t.all[b] = struct{}{}
	b.timer.Init(func() { t.tick(b) })
	b.rest()
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.drop(b)
	}, nil
}

// rest waits for the time of the next ping.
func (b *binding) rest() {
	b.tries = 0
	now := time.Now()
	b.timer.Arm(now, now.Add(b.every-randv2.N(b.every/5+1)))
}

// drop forgets b, and reports whether it was there. t.mu is held.
func (t *bindings) drop(b *binding) bool {
	_, there := t.all[b]
	delete(t.all, b)
	delete(t.asked, b.id)
	b.timer.Stop()
	return there
}

// tick sends a ping, for the first time or again, or gives up.
func (t *bindings) tick(b *binding) {
	t.mu.Lock()
	if _, there := t.all[b]; !there {
		t.mu.Unlock()
		return
	}
	if b.tries == bindingTries {
		t.drop(b)
		t.mu.Unlock()
		b.failed(ErrNoPong)
		return
	}
	if b.tries == 0 {
		_, _ = rand.Read(b.id[:]) // never fails
		t.asked[b.id] = b
	}
	pause := bindingRTO << b.tries
	if b.tries++; b.tries == bindingTries {
		pause = bindingLast * bindingRTO
	}
	now := time.Now()
	b.timer.Arm(now, now.Add(pause))
	ping := stun.AppendRequest(nil, b.id)
	t.mu.Unlock()
	_ = b.flow.socket.writeOctets(b.flow, ping) // what fails now is tried again
}

// answer takes an answer that came on f.
func (t *bindings) answer(f Flow, octets []byte) {
	t.mu.Lock()
	id, ok := stun.IDOf(octets)
	b := t.asked[id]
	if !ok || b == nil || b.flow.socket != f.socket || b.flow.remote != f.remote {
		t.mu.Unlock()
		return
	}
	delete(t.asked, id)
	mapped, err := stun.Response(octets, id)
	if err == nil && b.mapped.IsValid() && b.mapped != mapped {
		err = ErrMapping
	}
	if err == nil {
		b.mapped = mapped
		b.rest()
		t.mu.Unlock()
		return
	}
	t.drop(b)
	t.mu.Unlock()
	f.socket.l.running.Go(func() { b.failed(err) }) // the reader has to go on
}

// close ends all of them.
func (t *bindings) close() {
	t.mu.Lock()
	t.closed = true
	var all []*binding
	for b := range t.all {
		t.drop(b)
		all = append(all, b)
	}
	t.mu.Unlock()
	for _, b := range all {
		b.failed(ErrClosed)
	}
}

// len returns how many there are.
func (t *bindings) len() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.all)
}

// stun takes a STUN message that came on f: a request is answered on the very socket that it reached (RFC 5626, Section 8), as far as
// the budget of its source goes.
func (k *socket) stun(f Flow, b []byte) {
	answer, ok := stun.AppendAnswer(nil, b, f.remote)
	if !ok {
		k.l.bindings.answer(f, b)
		return
	}
	if source := f.remote.Addr(); !k.l.trusted(source) {
		t := &k.l.budgets
		minute := t.minute()
		a := t.of(source, minute)
		if a.earn(len(b), minute); !a.spend(len(answer), k.l.cfg.Limits.Answers) {
			return
		}
	}
	_ = k.writeOctets(f, answer) // whoever asked asks again
}

// writeOctets sends b, which is no message of SIP, on f.
func (k *socket) writeOctets(f Flow, b []byte) error {
	var source netip.Addr
	if k.wild && !f.local.Addr().IsUnspecified() {
		source = f.local.Addr()
	}
	return k.data.write(b, f.remote, source)
}
