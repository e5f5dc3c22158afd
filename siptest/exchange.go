package siptest

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// The timers of RFC 3261, Section 17, as the parties of a script keep them.
const (
	t1       = 500 * time.Millisecond
	t2       = 4 * time.Second
	t4       = 5 * time.Second
	patience = 64 * t1
)

// exchanges is what a party of a script has of transactions: it repeats what it sends until that is answered, and answers again
// what is repeated to it. The station's lock guards it.
type exchanges struct {
	*station
	name     string
	count    int // of branches, tags and Call-IDs made
	sent     map[string]*sent
	asked    []*sent // the same in order
	arrivals map[string]*arrival
	came     []*arrival // the same in order

	request  func(a *arrival)                    // a request that is no repeat, ACK to a refusal or to an unknown request left out
	response func(r *sent, m *parser.Message)    // each response; a refusal only once
	ack      func(a *arrival, m *parser.Message) // an ACK to the 2xx of a, nil when there is none
}

// sent is a request that was sent.
type sent struct {
	m        *parser.Message
	bytes    []byte
	to       way
	answered bool // by a provisional response at least
	final    bool
	timeout  func() // runs when nothing came in time; nil: nothing

	leg     *leg              // of a peer: the dialog it was sent in
	acks    map[string][]byte // of a peer: the ACK that was sent for the 2xx with a To tag
	arrival *arrival          // of a proxy: what was forwarded by it
}

// arrival is a request that came.
type arrival struct {
	m       *parser.Message
	from    way
	last    []byte               // what was answered last
	final   bool                 // and it was final
	waiting map[string]*repeater // final responses to an INVITE, by To tag, which are repeated until there is an ACK

	tag       string     // of a peer: the To tag it gave
	forwarded *forwarded // of a proxy
}

// repeater is a final response that is repeated until stopped.
type repeater struct{ stopped bool }

func (x *exchanges) init() {
	x.sent, x.arrivals = map[string]*sent{}, map[string]*arrival{}
	x.receive = func(m *parser.Message, from way) {
		if m.IsRequest() {
			x.requested(m, from)
		} else {
			x.responded(m)
		}
	}
}

// token returns a new name for something of this party: no two parties make the same.
func (x *exchanges) token(kind string) string {
	x.count++
	return fmt.Sprintf("%s-%s-%d", kind, x.name, x.count)
}

// branch returns a new branch.
func (x *exchanges) branch() string { return "z9hG4bK" + x.token("b") }

// sentKey is what a response is matched by (RFC 3261, Section 17.1.3).
func sentKey(m *parser.Message) string {
	via, _ := m.Via()
	return string(bytes.ToLower(via.Branch())) + " " + m.Method().String()
}

// arrivalKey is what a request is matched by; an ACK and a CANCEL match the INVITE with invite set (RFC 3261, Section 17.2.3).
func arrivalKey(m *parser.Message, invite bool) string {
	via, _ := m.Via()
	method := string(m.MethodName())
	if invite {
		method = "INVITE"
	}
	return fmt.Sprintf("%s %s:%d %s", bytes.ToLower(via.Branch()), bytes.ToLower(via.Host()), via.Port(), method)
}

// ask sends a request and, over UDP, repeats it until it is answered. timeout may be nil.
func (x *exchanges) ask(b []byte, to way, timeout func()) *sent {
	m := new(parser.Message)
	if err := m.Parse(b); err != nil {
		panic(fmt.Sprintf("siptest: %s made a request that cannot be parsed: %v\n%s", x.name, err, b))
	}
	r := &sent{m: m, bytes: b, to: to, timeout: timeout, acks: map[string][]byte{}}
	x.sent[sentKey(m)] = r
	x.asked = append(x.asked, r)
	x.send(b, to)
	x.repeat(r, t1)
	x.after(patience, func() {
		if invite := m.Method() == parser.MethodInvite; !r.final && !(invite && r.answered) {
			r.final = true
			if r.timeout != nil {
				r.timeout()
			}
		}
	})
	return r
}

// repeat sends r again when interval has passed without an answer (timers A and E).
func (x *exchanges) repeat(r *sent, interval time.Duration) {
	if r.to.protocol != "udp" {
		return
	}
	x.after(interval, func() {
		invite := r.m.Method() == parser.MethodInvite
		if r.final || invite && r.answered {
			return
		}
		x.send(r.bytes, r.to)
		next := 2 * interval
		if !invite {
			next = min(next, t2)
		}
		x.repeat(r, next)
	})
}

// responded takes a response.
func (x *exchanges) responded(m *parser.Message) {
	r := x.sent[sentKey(m)]
	if r == nil {
		return
	}
	r.answered = true
	switch {
	case m.Status().Provisional():
		if r.final {
			return
		}
	case m.Status().Success() || r.m.Method() != parser.MethodInvite:
		if r.final && r.m.Method() != parser.MethodInvite {
			return
		}
		r.final = true
	default:
		// Whoever sent the INVITE of this hop acknowledges a refusal, and each repeat of it (RFC 3261, Section 17.1.1.2).
		again := r.final
		r.final = true
		var b parser.Builder
		b.Reset(nil)
		b.Ack(r.m, m)
		x.send(x.finish(&b), r.to)
		if again {
			return
		}
	}
	if x.response != nil {
		x.response(r, m)
	}
}

// requested takes a request.
func (x *exchanges) requested(m *parser.Message, from way) {
	if m.Method() == parser.MethodAck {
		x.acknowledged(m)
		return
	}
	key := arrivalKey(m, false)
	if a := x.arrivals[key]; a != nil {
		a.from = from
		if a.last != nil {
			x.send(a.last, x.back(a.m, a.from))
		}
		return
	}
	a := &arrival{m: m, from: from, waiting: map[string]*repeater{}}
	x.arrivals[key] = a
	x.came = append(x.came, a)
	x.request(a)
}

// acknowledged stops the repeats that an ACK is for.
func (x *exchanges) acknowledged(m *parser.Message) {
	tag := toTag(m)
	if a := x.arrivals[arrivalKey(m, true)]; a != nil && a.waiting[tag] != nil && a.final {
		a.waiting[tag].stopped = true
		if !accepted(a) {
			return
		}
	}
	// The ACK to a 2xx is a transaction of its own: it is found by its dialog.
	for _, a := range x.came {
		if r := a.waiting[tag]; r != nil && accepted(a) && bytes.Equal(a.m.CallID(), m.CallID()) && sameNumber(a.m, m) {
			r.stopped = true
			x.ack(a, m)
			return
		}
	}
	x.ack(nil, m)
}

// accepted reports whether the last answer to a was a 2xx.
func accepted(a *arrival) bool { return bytes.HasPrefix(a.last, []byte("SIP/2.0 2")) }

// sameNumber reports whether two messages have one CSeq number.
func sameNumber(a, b *parser.Message) bool {
	x, _ := a.CSeq()
	y, _ := b.CSeq()
	return x.Number == y.Number
}

func toTag(m *parser.Message) string {
	to, _ := m.To()
	return strings.ToLower(string(to.Tag()))
}

// answer sends a response to a. A final one to an INVITE is repeated until its ACK comes: a 2xx everywhere (RFC 3261, Section
// 13.3.1.4), a refusal over UDP (Section 17.2.1).
func (x *exchanges) answer(a *arrival, b []byte) {
	m := new(parser.Message)
	if err := m.Parse(b); err != nil {
		panic(fmt.Sprintf("siptest: %s made a response that cannot be parsed: %v\n%s", x.name, err, b))
	}
	to := x.back(a.m, a.from)
	x.send(b, to)
	if m.Status().Provisional() && a.final {
		return // a script may send it, but it is not what a repeat is answered with
	}
	a.last = b
	a.final = m.Status().Final()
	if !a.final || a.m.Method() != parser.MethodInvite || a.waiting[toTag(m)] != nil {
		return
	}
	r := &repeater{}
	a.waiting[toTag(m)] = r
	if m.Status().Success() || to.protocol == "udp" {
		x.insist(a, b, r, t1, time.Now().Add(patience))
	}
}

// insist repeats a final response until it is stopped or the time is over.
func (x *exchanges) insist(a *arrival, b []byte, r *repeater, interval time.Duration, end time.Time) {
	x.after(interval, func() {
		if r.stopped || !time.Now().Before(end) {
			return
		}
		x.send(b, x.back(a.m, a.from))
		x.insist(a, b, r, min(2*interval, t2), end)
	})
}

// finish returns the bytes of what a Builder wrote. What a script makes is well formed, or the script has to be changed.
func (x *exchanges) finish(b *parser.Builder) []byte {
	w, err := b.Wire()
	if err != nil {
		panic(fmt.Sprintf("siptest: %s: %v", x.name, err))
	}
	return w.AppendTo(nil)
}
