package transaction

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
)

// Core is the transaction user of all that arrives. Its methods are called in the order of arrival, on the goroutine that
// called [Layer.Receive], and must not block.
type Core interface {
	// Request takes a new server transaction of any method but ACK and CANCEL. m, and every slice it returns, is valid until the function returns, here and in Cancel;
	// [Server.Request] returns what may be kept.
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

	scratch    sync.Pool // of *parser.Message
	clients    table
	servers    table
	lines      [shardCount]*timer.Lines[*transaction]
	acks       acks
	conns      conns
	merges     merges
	sources    sources
	finished   finished
	unanswered atomic.Int64 // of servers, those whose final response was not sent yet
	held       atomic.Int64 // octets that servers hold, as MaxMemory counts them
	counts     counters
}

// New makes a Layer. core may be nil for an element that only sends requests: those that arrive are dropped.
func New(core Core, cfg *Config) *Layer {
	l := &Layer{core: core, cfg: cfg.withDefaults(), epoch: time.Now(), keys: newKeys()}
	l.scratch.New = func() any { return new(parser.Message) }
	waits := [waitCount]time.Duration{waitLong: l.cfg.duration(nonInviteServer, timerJ), waitShort: l.cfg.duration(nonInviteClient, timerK)}
	l.clients.now, l.clients.waits = l.now, waits
	l.servers.now, l.servers.waits, l.servers.forget = l.now, waits, l.forget
	for i := range l.lines {
		l.lines[i] = timer.NewLines(l.epoch, (*transaction).fire)
	}
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
		n += t.unarmed()
		for _, x := range t.live() {
			if x.unarmed() {
				n++
			}
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
	if l.repeated(k, len(m.Bytes())) {
		return false
	}
	merge, tagged := l.keys.mergeKey(m)
	size := overhead + len(m.Bytes())
	if status := l.admit(c, k, size, tagged); status != 0 {
		l.refuse(c, k, m, status)
		return false
	}
	t := &Server{request: m, borrowed: true, rfc3261: rfc3261, open: true, size: size}
	t.init(l, t, k, c)
	t.machine = nonInviteServer
	if k.method == parser.MethodInvite {
		t.machine = inviteServer
	}
	t.allow(len(m.Bytes()))
	t.mu.Lock() // nobody finds it unstarted
	ok, err := l.servers.add(&t.transaction)
	if !ok {
		t.mu.Unlock()
		l.dismiss(size)
		if err == nil { // the same request came on two goroutines
			l.repeated(k, len(m.Bytes()))
		}
		return false
	}
	if t.hears = t.reliable; t.hears {
		l.conns.add(&t.transaction)
	}
	if merge != 0 {
		t.merge = merge
		t.merged = l.merges.add(t.entry) && !tagged
	}
	t.starting = true
	t.step(eventStart, job{m: m})
	t.begun()
	return true
}

// repeated takes a request of n octets that has a transaction already, and reports whether it has.
func (l *Layer) repeated(k key, n int) bool {
	x, settled := l.servers.find(k)
	switch {
	case x != nil:
		l.counts.repeated.Add(1)
		x.mu.Lock()
		if t, ok := x.owner.(*Server); ok {
			t.earn(n)
		}
		x.owner.step(eventRequest, job{})
	case settled != nil:
		l.counts.repeated.Add(1)
		if len(settled.again) > 0 {
			l.counts.resent.Add(1)
			settled.conn.Send(parser.Wire{Head: settled.again}) // lost or not: there is nobody to tell
		}
	default:
		return false
	}
	return true
}

// target returns the transaction that the CANCEL with key k is to cancel, nil when there is none: the one it would
// match if its method were anything but CANCEL or ACK (RFC 3261, Section 9.2). A method that the parser does not
// know is not found.
func (l *Layer) target(k key) *Server {
	for k.method = parser.MethodInvite; k.method.String() != ""; k.method++ {
		if k.method == parser.MethodCancel {
			continue
		}
		switch x, settled := l.servers.find(k); {
		case x != nil:
			return x.owner.(*Server)
		case settled != nil:
			return l.remains(settled)
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
	var x *transaction
	if !rfc3261 {
		x = l.acks.find(k)
	} else {
		var settled *entry
		if x, settled = l.servers.find(k); settled != nil {
			return // the ACK again
		}
	}
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
