package transaction

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Core is the transaction user of all that arrives. Its methods are called in the order of arrival, on the goroutine that
// called [Layer.Receive], and must not block.
type Core interface {
	// Request takes a new server transaction of any method but ACK and CANCEL. m is t's own and may be kept.
	Request(t *Server, m *parser.Message)
	// Cancel takes the server transaction of a CANCEL, and the one that it is to cancel, nil when there is none: that is
	// answered 481, any other 200. A CANCEL concerns only an INVITE without a final response (RFC 3261, Section
	// 9.2); target may be neither.
	Cancel(t, target *Server, m *parser.Message)
	// Ack takes an ACK that belongs to no transaction: one to a 2xx, or a stray. m is valid until the function returns.
	Ack(c Conn, m *parser.Message)
}

// Layer runs the transactions of one element. It is safe for concurrent use.
type Layer struct {
	core   Core
	cfg    Config
	epoch  time.Time // the layer's time counts from here
	secret [16]byte  // of our own To tags
	keys   keys

	clients    table
	servers    table
	acks       table // INVITE server transactions of RFC 2543 clients, by the key of the ACK that they wait for
	conns      conns
	merges     merges
	sources    sources
	finished   finished
	unanswered atomic.Int64 // of servers, those without a final response
	held       atomic.Int64 // octets that servers hold, as MaxMemory counts them
	counts     counters
}

// New makes a Layer. core may be nil for an element that only sends requests: those that arrive are dropped.
func New(core Core, cfg *Config) *Layer {
	l := &Layer{core: core, cfg: cfg.withDefaults(), epoch: time.Now(), keys: newKeys()}
	l.conns.seed = maphash.MakeSeed()
	l.sources.seed = maphash.MakeSeed()
	rand.Read(l.secret[:]) // never fails
	return l
}

// now is the layer's time.
func (l *Layer) now() time.Duration { return time.Since(l.epoch) }

// Unarmed returns the number of live transactions without a deadline. While nothing moves it is 0: every state
// has one.
func (l *Layer) Unarmed() int {
	n := 0
	for _, t := range []*table{&l.clients, &l.servers} {
		for _, x := range t.all() {
			x.mu.Lock()
			if x.state != stateTerminated && !x.node.Armed() {
				n++
			}
			x.mu.Unlock()
		}
	}
	return n
}

// Shutdown drops all transactions, stops their timers and refuses new ones. No user hears of it; a callback that is
// being made is not waited for.
func (l *Layer) Shutdown() {
	for _, t := range []*table{&l.clients, &l.servers} {
		for _, x := range t.close() {
			x.drop()
		}
	}
}

// Failed reports that something sent on c could not be delivered after all. It is told to every transaction that uses c.
func (l *Layer) Failed(c Conn, err error) {
	for _, x := range l.conns.of(c) {
		x.fail(err)
	}
}

// Receive takes a message that was checked ([parser.Message.Check]), with c as the way back if it is a request. m is
// valid until Receive returns. It reports whether c is held from now on, by a new server transaction.
func (l *Layer) Receive(c Conn, m *parser.Message) (kept bool) {
	switch {
	case !m.IsRequest():
		l.response(m)
	case l.core == nil:
	case m.Method() == parser.MethodAck:
		l.ack(c, m)
	default:
		return l.request(c, m)
	}
	return false
}

// request takes any request but ACK.
func (l *Layer) request(c Conn, m *parser.Message) (kept bool) {
	k, rfc3261, ok := l.keys.serverKey(m)
	if !ok {
		return false
	}
	if x := l.servers.get(k); x != nil {
		x.repeated()
		return false
	}
	merge, tagged := l.keys.mergeKey(m)
	size := overhead + len(m.Bytes())
	if status := l.admit(c, k, size, tagged); status != 0 {
		l.refuse(c, k, m, status)
		return false
	}
	t := &Server{request: m.Clone(), rfc3261: rfc3261, open: true, size: size}
	t.init(l, t, k, c)
	t.machine = nonInviteServer
	if k.method == parser.MethodInvite {
		t.machine = inviteServer
	}
	t.mu.Lock() // nobody finds it unstarted
	old, err := l.servers.add(k, &t.transaction)
	if old != nil || err != nil {
		t.mu.Unlock()
		l.dismiss(size)
		if old != nil { // the same request came on two goroutines
			old.repeated()
		}
		return false
	}
	l.conns.add(&t.transaction)
	if merge != 0 {
		t.merge = merge
		t.merged = l.merges.add(merge) > 0 && !tagged
	}
	t.step(eventStart, job{m: t.request})
	t.count()
	return true
}

// repeated takes the request again.
func (x *transaction) repeated() {
	x.layer.counts.repeated.Add(1)
	x.mu.Lock()
	x.owner.step(eventRequest, job{})
}

// target returns the transaction that the CANCEL with key k is to cancel, nil when there is none: the one it would
// match if its method were anything but CANCEL or ACK (RFC 3261, Section 9.2). A method that the parser does not
// know is not found.
func (l *Layer) target(k key) *Server {
	for k.method = parser.MethodInvite; k.method.String() != ""; k.method++ {
		if k.method == parser.MethodCancel {
			continue
		}
		if x := l.servers.get(k); x != nil {
			return x.owner.(*Server)
		}
	}
	return nil
}

// ack takes an ACK: to the INVITE transaction that it matches (RFC 3261, Section 17.2.3), else to the core.
func (l *Layer) ack(c Conn, m *parser.Message) {
	k, rfc3261, ok := l.keys.serverKey(m)
	if !ok {
		return
	}
	k.method = parser.MethodInvite
	t := &l.servers
	if !rfc3261 {
		t = &l.acks
	}
	x := t.get(k)
	if x == nil {
		l.core.Ack(c, m)
		return
	}
	x.mu.Lock()
	x.owner.step(eventACK, job{m: m})
}

// toTag is the To tag of a response that no user gave: the same for every repetition of a request, and nothing that
// others can guess (RFC 3261, Sections 8.2.7 and 19.3).
func (l *Layer) toTag(k key) string {
	sum := sha256.Sum256(append(l.secret[:], k.sum[:]...))
	return hex.EncodeToString(sum[:8])
}
