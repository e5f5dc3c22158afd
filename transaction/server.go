package transaction

import (
	"github.com/ringback-sip/ringback/parser"
)

// ServerUser is the transaction user of a [Server], named by [Server.Bind]. Its methods are called one at a time.
type ServerUser interface {
	// Ack takes an ACK to the 2xx that came with the branch of its INVITE, as those of RFC 2543 clients do (RFC
	// 6026, Section 6). m is valid until the function returns.
	Ack(t *Server, m *parser.Message)
	// Failed says that a response was not delivered: ErrTimeout when no ACK came or when the user did not answer in
	// time, else the transport's error. After a transport's error the transaction goes on (RFC 6026, Section 8.8).
	Failed(t *Server, err error)
}

// Server is a server transaction (RFC 3261, Section 17.2). It is safe for concurrent use.
type Server struct {
	transaction
	merged  bool
	rfc3261 bool // the client's branch has the cookie

	older, newer *Server // in finished, whose lock guards them

	// guarded by transaction.mu
	user      ServerUser
	request   *parser.Message // until nobody needs it any more
	borrowed  bool            // request is the reader's, until Core.Request returns
	ackKey    *key            // of the ACK of an RFC 2543 client
	open      bool            // there is no final response yet
	counted   bool            // and in Layer.sources
	resting   bool            // in Layer.finished, unless it was freed
	abandoned bool
	left      int32 // octets that may yet be sent, or unlimited
	size      int   // counted in Layer.held
}

// Request returns the request that opened the transaction; it may be kept. The transaction lets go of it, and Request
// returns nil, when it has its final response; that of a refused INVITE when it has its ACK or has ended. Within [Core.Request] the
// first call copies the message that Core was given.
func (t *Server) Request() *parser.Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.own()
	return t.request
}

// own makes the request the transaction's own, if there is one. The caller holds the lock.
func (t *Server) own() {
	if t.borrowed && t.request != nil {
		t.request = t.request.Clone()
	}
	t.borrowed = false
}

// Merged reports whether the request had reached us before, when it came, on another way: a live server transaction
// had the same From tag, Call-ID and CSeq, and there is no To tag. Its answer is 482 (RFC 3261, Section 8.2.2.2).
func (t *Server) Merged() bool { return t.merged }

// Bind names the transaction's user, which hears of it from now on. After the final response to another request than INVITE nothing is heard of a
// transaction that had no user before.
func (t *Server) Bind(u ServerUser) {
	t.mu.Lock()
	t.user = u
	t.mu.Unlock()
}

// User returns what Bind named, nil before.
func (t *Server) User() ServerUser {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.user
}

// Final reports whether there was a final response, or none is possible any more.
func (t *Server) Final() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.open
}

// Respond sends a response and keeps it: the transaction repeats it as often as needed. A 2xx to INVITE is the
// exception: its user repeats it by calling Respond again until the ACK comes (RFC 3261, Section 13.3.1.4).
//
// It fails with ErrState, and sends nothing, when the state does not allow the response: one after a final one (but a
// 2xx to INVITE after another), 101-199 to another request than INVITE, a 100 to one over an unreliable transport before it
// is due (RFC 4320, Section 4.1). A 408 to another request than INVITE is not sent either, which is no error: see
// Abandon. That a response could not be delivered is told to the ServerUser.
func (t *Server) Respond(w parser.Wire) error { return t.respond(w, 0) }

func (t *Server) respond(w parser.Wire, room int32) error {
	e := t.eventOf(statusOf(w))
	if e == 0 {
		return ErrState
	}
	t.mu.Lock()
	return t.step(e, job{wire: w, room: room})
}

// statusOf reads the status of a response from its first line, 0 for anything else.
func statusOf(w parser.Wire) parser.Status {
	const version = "SIP/2.0 "
	if len(w.Head) < len(version)+3 || string(w.Head[:len(version)]) != version {
		return 0
	}
	var s parser.Status
	for _, c := range w.Head[len(version) : len(version)+3] {
		if c < '0' || c > '9' {
			return 0
		}
		s = s*10 + parser.Status(c-'0')
	}
	return s
}

// eventOf is the event that the user's response with status s is, 0 for none.
func (t *Server) eventOf(s parser.Status) event {
	switch {
	case s == parser.StatusTrying:
		return eventTU100
	case s.Provisional():
		return eventTU1xx
	case s.Success():
		return eventTU2xx
	case s == parser.StatusRequestTimeout && t.machine == nonInviteServer:
		return eventTU408
	case s.Final():
		return eventTU3xx
	}
	return 0
}

// Abandon says that no answer will come. A non-INVITE request gets none: it would come too late (RFC 4320, Section 4.2),
// and the transaction absorbs repeated requests until 64*T1 after the first. An INVITE has to be answered and gets a 500; one that
// no response can be written to, because it leaves no room for a tag, ends at once. After a final response it does nothing.
func (t *Server) Abandon() {
	t.mu.Lock()
	if !t.open {
		t.mu.Unlock()
		return
	}
	if t.machine == inviteServer {
		if w, err := t.failure(); err == nil {
			t.step(eventTU3xx, job{wire: w})
			return
		}
		t.mu.Unlock()
		t.drop()
		return
	}
	t.abandoned = true
	t.letGo()
	t.mu.Unlock()
}

// Done says that the user of an INVITE that it accepted will neither send the 2xx again nor needs to hear of its ACK: a call is over long before timer L. The
// transaction lets go of its user and absorbs what is repeated for a last 64*T1. It refuses responses from now on. Otherwise, and where the ACK carries no
// branch of RFC 3261, Done does nothing.
func (t *Server) Done() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.state != stateAccepted || t.ackKey != nil {
		return
	}
	t.user, t.state = nil, stateConfirmed
	t.settled = t.settle(waitLong)
	t.stop(timerEvery)
}

// step steps the machine and runs the effects. The caller holds the lock, step releases it.
func (t *Server) step(e event, j job) error {
	next, a := t.machine.step(t.state, e, t.reliable)
	switch e {
	case eventTU100, eventTU1xx, eventTU2xx, eventTU3xx:
		// The machines only tell a refusal from a response that comes too late; its sender wants to know of both.
		if a.do&doSend == 0 {
			t.mu.Unlock()
			return ErrState
		}
	}
	a.do = t.spend(t.write(a.do, &j), e, &j)
	if e == eventTU408 {
		t.abandoned = true
	}
	if next != stateTrying && next != stateProceeding && t.open {
		t.close()
		j.final = true
		t.indexACK(j.wire)
	}
	t.move(next, a)
	t.letGo()
	t.rest()
	if a.do == 0 {
		if j.final {
			t.layer.unanswered.Add(-1)
		}
		t.mu.Unlock()
		return nil
	}
	j.do = a.do
	if j.m != nil && e != eventStart && t.out.Busy() {
		j.m = j.m.Clone()
	}
	t.out.Do(&t.mu, j, t.run)
	return nil
}

// write puts the message that a step sends into j, remembers it for repetition, and returns what is left to
// do when there is none. The caller holds the lock.
func (t *Server) write(do effects, j *job) effects {
	var err error
	switch {
	case do&doResend != 0:
		j.wire = t.last
		if len(j.wire.Head) == 0 { // nothing was sent yet
			return do &^ doResend
		}
		return do
	case do&doSend100 != 0:
		j.wire, err = t.response(parser.StatusTrying, "")
	case do&doSend500 != 0:
		j.wire, err = t.failure()
	}
	if err != nil {
		return do &^ doAnySend
	}
	if do&doAnySend != 0 {
		t.last = j.wire
	}
	return do
}

// letGo drops what the transaction does not need in its state. The caller holds the lock.
func (t *Server) letGo() {
	switch t.state {
	case stateTerminated, stateConfirmed:
		t.request, t.last = nil, parser.Wire{}
	case stateAccepted:
		t.request, t.last = nil, parser.Wire{} // the user repeats the 2xx
	case stateCompleted:
		if t.machine == nonInviteServer {
			t.request = nil
		}
	case stateProceeding:
		if t.abandoned { // the 100 was sent
			t.request = nil
		}
	}
}

// run runs the effects of a step, in their order.
func (t *Server) run(j job) {
	t.send(j)
	if j.final {
		t.layer.unanswered.Add(-1)
	}
	if j.do&doTU != 0 {
		t.pass(j.m)
	}
	if j.do&(doTUTimeout|doTUError) == 0 {
		return
	}
	err := j.err
	if j.do&doTUTimeout != 0 {
		t.layer.counts.timeouts.Add(1)
		err = ErrTimeout
	}
	if u := t.User(); u != nil {
		u.Failed(t, err)
	}
}

// pass passes a request to the user: the one that opened the transaction, or an ACK.
func (t *Server) pass(m *parser.Message) {
	core := t.layer.core
	switch m.Method() {
	case parser.MethodCancel:
		core.Cancel(t, t.layer.target(t.key), m)
	case parser.MethodAck:
		if u := t.User(); u != nil {
			u.Ack(t, m)
			return
		}
		core.Ack(t.conn, m)
	default:
		core.Request(t, m)
	}
}

// response builds a response of our own. The caller holds the lock.
func (t *Server) response(s parser.Status, toTag string) (parser.Wire, error) {
	var b parser.Builder
	b.Reset(make([]byte, 0, headRoom))
	b.Response(t.request, s, "", toTag)
	return b.Wire()
}

// failure builds the 500 to an INVITE that was not answered, with the To tag of the responses before it (RFC 3261, Section
// 8.2.6.2). The caller holds the lock.
func (t *Server) failure() (parser.Wire, error) {
	tag := t.layer.toTag(t.key)
	if m, err := parse(t.last); err == nil {
		if to, err := m.To(); err == nil && len(to.Tag()) > 0 {
			tag = string(to.Tag())
		}
	}
	return t.response(parser.StatusServerInternalError, tag)
}

// indexACK makes the ACK to a final response findable that carries no branch of RFC 3261: by the tag of the response
// (RFC 3261, Section 17.2.3). The caller holds the lock.
func (t *Server) indexACK(w parser.Wire) {
	if t.rfc3261 || t.machine != inviteServer {
		return
	}
	resp, err := parse(w)
	if err != nil {
		return
	}
	to, err := resp.To()
	if err != nil {
		return
	}
	k, ok := t.layer.keys.legacyKey(t.request, to.Tag())
	if !ok {
		return
	}
	if t.layer.acks.add(k, &t.transaction) {
		t.ackKey = &k
	}
}

// begun says that Core.Request returned. What was answered by then cost neither a copy of its request nor a timer nor its source a place.
func (t *Server) begun() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.own()
	t.started()
	if !t.open {
		return
	}
	if source := t.layer.source(t.conn); source.IsValid() {
		t.layer.sources.add(source, 1)
		t.counted = true
	}
}

// close takes the transaction from those that wait for an answer. It still counts in Layer.unanswered until its answer was handed to the connection:
// who shuts down when nothing is unanswered may close that. The caller holds the lock.
func (t *Server) close() {
	t.open = false
	if t.counted {
		t.layer.sources.add(t.layer.source(t.conn), -1)
	}
}

// rest puts the transaction among those that may be freed, and counts what it holds, when it has its final
// response. The caller holds the lock.
func (t *Server) rest() {
	if t.open || t.resting || t.settled || t.state == stateTerminated {
		return
	}
	t.resting = true
	size := overhead + t.last.Len()
	if t.request != nil { // refused
		size += len(t.request.Bytes())
	}
	t.layer.held.Add(int64(size - t.size))
	t.size = size
	t.layer.finished.add(t)
}

// settle lets go of the transaction when it only repeats its response, and no user wants to hear whether that arrived, or when it only absorbs
// repetitions. The caller holds the lock.
func (t *Server) settle(w wait) bool {
	var again []byte
	switch {
	case t.state == stateCompleted && t.user == nil:
		if again = t.last.Head; t.last.Len() > len(again) {
			again = t.last.AppendTo(make([]byte, 0, t.last.Len()))
		}
	case t.state == stateConfirmed && t.ackKey == nil:
	default:
		return false
	}
	l := t.layer
	if t.resting {
		l.finished.remove(t)
	}
	if t.hears {
		t.hears = false
		l.conns.remove(&t.transaction)
	}
	l.held.Add(int64(restOverhead + len(again) - t.size))
	l.servers.settle(t.entry, again, w)
	return true
}

// forget counts a settled server transaction no more.
func (l *Layer) forget(p *entry) {
	l.held.Add(-int64(restOverhead + len(p.again)))
	l.merges.remove(p)
}

// remains is a Server for what is left of one that settled: it has its final response, and neither request nor user.
func (l *Layer) remains(p *entry) *Server {
	t := &Server{}
	t.entry, t.layer, t.owner, t.settled = p, l, t, true
	t.machine, t.state = nonInviteServer, stateCompleted
	if p.key.method == parser.MethodInvite {
		t.machine, t.state = inviteServer, stateConfirmed
	}
	return t
}

// ended removes the transaction. The caller holds the lock.
func (t *Server) ended() {
	l := t.layer
	if t.open {
		t.close()
		l.unanswered.Add(-1)
	}
	there := l.servers.remove(t.entry)
	if t.settled {
		if there {
			l.forget(t.entry)
		}
		return
	}
	l.held.Add(-int64(t.size))
	if t.resting {
		l.finished.remove(t)
	}
	if t.hears {
		l.conns.remove(&t.transaction)
	}
	l.merges.remove(t.entry)
	if t.ackKey != nil {
		l.acks.remove(*t.ackKey)
	}
}
