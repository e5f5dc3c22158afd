package transaction

import (
	"crypto/rand"
	"strings"

	"github.com/ringback-sip/ringback/parser"
)

// ClientUser is the transaction user of a [Client]. Its methods are called one at a time. After a final response to a
// non-INVITE request, and after Failed, no other call follows; an INVITE's 2xx may be repeated, and may come from
// several callees (RFC 6026, Section 7.2).
type ClientUser interface {
	// Response takes a response that is none of the repetitions that the transaction absorbs. m, and every slice it
	// returns, is valid until the function returns; use Clone to keep it.
	Response(t *Client, m *parser.Message)
	// Failed takes the end of a transaction that got no final response: ErrTimeout, or the transport's error. After a
	// final response of 300-699 it says that the ACK could not be sent.
	Failed(t *Client, err error)
}

// Client is a client transaction (RFC 3261, Section 17.1). It is safe for concurrent use.
type Client struct {
	transaction
	user    ClientUser
	head    []byte          // of the request
	request *parser.Message // that of an INVITE, and what Request returned: nil before
}

// NewBranch returns a branch for a request's top Via: unique, with the cookie of RFC 3261 (Section 8.1.1.7), and lower
// case otherwise. Each request has its own, and each try to send it to another target.
func NewBranch() string { return cookie + strings.ToLower(rand.Text()) }

// Request starts a client transaction: it keeps c, w and u and sends w, a finished request with a branch of its own. Any
// method will do but ACK, which has no transaction (RFC 3261, Section 17.1).
//
// An error means that nothing was sent and u hears nothing. Else u hears everything, that w could not be sent too, and
// perhaps before Request returns.
func (l *Layer) Request(c Conn, w parser.Wire, u ClientUser) (*Client, error) {
	m := l.scratch.Get().(*parser.Message) // most requests are never asked for again
	defer l.scratch.Put(m)
	if err := read(m, w); err != nil {
		return nil, err
	}
	t := &Client{user: u}
	if m.Method() == parser.MethodInvite {
		if w.Len() > len(w.Head) {
			w = parser.Wire{Head: w.AppendTo(make([]byte, 0, w.Len()))}
		}
		var err error
		if t.request, err = parse(w); err != nil {
			return nil, err
		}
	}
	via, err := m.Via()
	if err != nil {
		return nil, err
	}
	branch := via.Branch()
	k, ok := l.keys.clientKey(m)
	if !ok || !m.IsRequest() || k.method == parser.MethodAck || len(branch) <= len(cookie) || !parser.EqualFold(branch[:len(cookie)], cookie) {
		return nil, ErrRequest
	}
	t.head = w.Head
	t.init(l, t, k, c)
	t.machine = nonInviteClient
	if k.method == parser.MethodInvite {
		t.machine = inviteClient
	}
	t.last = w
	t.mu.Lock() // nobody finds it unstarted
	ok, err = l.clients.add(&t.transaction)
	if !ok && err == nil {
		err = ErrBranch
	}
	if err != nil {
		t.mu.Unlock()
		return nil, err
	}
	l.conns.add(&t.transaction)
	t.hears = true
	t.step(eventStart, job{})
	return t, nil
}

// read parses the head of a message of our own into m. Its body may be shared with thousands of others and is not copied.
func read(m *parser.Message, w parser.Wire) error {
	err := m.Parse(w.Head)
	if err != nil && w.Len() > len(w.Head) && m.Fault().Header == parser.HeaderContentLength {
		return nil // the head promises what stands in w.Body
	}
	return err
}

// parse is read into a new Message.
func parse(w parser.Wire) (*parser.Message, error) {
	m := new(parser.Message)
	return m, read(m, w)
}

// response takes a response from the network. What matches no transaction is dropped (RFC 6026, Section 8.9).
func (l *Layer) response(m *parser.Message) {
	k, ok := l.keys.clientKey(m)
	if !ok {
		return
	}
	x, settled := l.clients.find(k)
	if x == nil {
		if settled == nil {
			l.counts.strays.Add(1)
		}
		return
	}
	var e event
	switch s := m.Status(); {
	case s.Provisional():
		e = event1xx
	case s.Success():
		e = event2xx
	case s.Final():
		e = event3xx
	default:
		return
	}
	x.mu.Lock()
	x.owner.step(e, job{m: m})
}

// Request returns the request as sent; it may be kept. The parts of a body are not copied: only an INVITE has its Body.
func (t *Client) Request() *parser.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.request == nil {
		t.request = new(parser.Message)
		_ = t.request.Parse(t.head) // it was read once
	}
	return t.request
}

// Cancel asks the peer to give up the INVITE: a CANCEL in a transaction of its own, on the same Conn and with the same
// branch (RFC 3261, Section 9.1), whose user is u. The INVITE goes on: it ends by its own final response, or when
// its user drops it with Abandon, 64*T1 from now. Any other request, an INVITE without a provisional response and
// one with a final response are refused with ErrState, a second CANCEL with ErrBranch.
func (t *Client) Cancel(u ClientUser) error { return t.CancelWith(u, func(*parser.Builder) {}) }

// CancelWith is Cancel with what more writes behind the fields that a CANCEL has to have: a Reason (RFC 3326).
func (t *Client) CancelWith(u ClientUser, more func(*parser.Builder)) error {
	t.mu.Lock()
	ok := t.machine == inviteClient && t.state == stateProceeding
	t.mu.Unlock()
	if !ok {
		return ErrState
	}
	var b parser.Builder
	b.Reset(make([]byte, 0, headRoom))
	b.Cancel(t.request)
	more(&b)
	w, err := b.Wire()
	if err != nil {
		return err
	}
	_, err = t.layer.Request(t.conn, w, u)
	return err
}

// headRoom is the room for the head of a message of our own; more is taken when it does not do.
const headRoom = 512

// Abandon ends the transaction at once: its user hears nothing any more, unless it is being called just now, and what
// still arrives is dropped.
func (t *Client) Abandon() { t.drop() }

// step steps the machine and runs the effects. The caller holds the lock, step releases it.
func (t *Client) step(e event, j job) error {
	next, a := t.machine.step(t.state, e, t.reliable)
	if a.do&doSendACK != 0 {
		ack, err := t.ack(j.m)
		if err != nil { // a response that cannot be acknowledged is none
			t.mu.Unlock()
			return err
		}
		t.last = ack
	}
	j.do, j.wire = a.do, t.last
	t.move(next, a)
	if a.do == 0 {
		t.mu.Unlock()
		return nil
	}
	if j.m != nil && t.out.Busy() {
		j.m = j.m.Clone()
	}
	t.out.Do(&t.mu, j, t.run)
	return nil
}

// run runs the effects of a step, in their order.
func (t *Client) run(j job) {
	t.send(j)
	if j.do&doTU != 0 {
		t.user.Response(t, j.m)
	}
	if j.do&doTUTimeout != 0 {
		t.layer.counts.timeouts.Add(1)
		t.user.Failed(t, ErrTimeout)
	}
	if j.do&doTUError != 0 {
		t.user.Failed(t, j.err)
	}
}

// ack builds the ACK to a final response other than 2xx (RFC 3261, Section 17.1.1.3).
func (t *Client) ack(resp *parser.Message) (parser.Wire, error) {
	var b parser.Builder
	b.Reset(make([]byte, 0, headRoom))
	b.Ack(t.request, resp)
	return b.Wire()
}

// settle lets go of the transaction when it only absorbs repeated responses. The caller holds the lock.
func (t *Client) settle(w wait) bool {
	t.deaf()
	t.layer.clients.settle(t.entry, nil, w)
	t.last = parser.Wire{}
	return true
}

// deaf stops the transaction from hearing of failures.
func (t *Client) deaf() {
	if t.hears {
		t.hears = false
		t.layer.conns.remove(&t.transaction)
	}
}

// ended removes the transaction. The caller holds the lock.
func (t *Client) ended() {
	t.layer.clients.remove(t.entry)
	t.deaf()
	t.last = parser.Wire{}
}
