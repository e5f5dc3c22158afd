package transport

import "github.com/ringback-sip/ringback/parser"

// inbox is what one reader needs to deal with a message, and reuses for the next: a datagram that is parsed, checked, passed up
// and answered allocates nothing.
type inbox struct {
	l       *Layer
	m       *parser.Message
	h       *Hop // of the message at hand, unless it came a way that is known
	hops    hops
	purse   purse
	scratch [64]byte
}

func newInbox(l *Layer) *inbox {
	return &inbox{l: l, m: new(parser.Message), h: &Hop{l: l}}
}

// take deals with b, a whole message that came on f.
func (in *inbox) take(f Flow, b []byte) {
	l, m := in.l, in.m
	l.counts.received.Add(1)
	err := m.Parse(b)
	if err == nil {
		err = m.Check()
	}
	h := in.way(f)
	in.credit(h, f, len(b))
	switch {
	case err != nil:
		in.fault(h, b)
	case f.protocol.webSocket() && len(m.Bytes()) != len(b):
		// "a WebSocket message MUST NOT contain more than one SIP message" (RFC 7118, Section 5).
		in.unreadable(b, dropTrailing)
		in.refuse(h, b, refusal{parser.StatusBadRequest, dropTrailing})
	case m.IsRequest():
		in.request(h, b)
	default:
		in.response(h, b)
	}
}

// way returns the Hop for a message that came on f: the last one again unless somebody may still have it. If the message is a
// request whose Via can be read, it is the way back, and the message says where it came from.
func (in *inbox) way(f Flow) *Hop {
	h := in.h
	h.flow, h.to = f, f.remote
	h.stream.Store(f.stream)
	if !in.m.IsRequest() {
		return h
	}
	// Where not even Via can be read, an answer can only go to where the request came from.
	if via, err := in.m.Via(); err == nil {
		stamp(in.m, via, f.remote, in.scratch[:])
		h.to = wayBack(f.protocol, via, f.remote)
		if f.protocol == TLS && !parser.EqualFold(via.Host(), h.name) {
			h.name = canonical(string(via.Host()))
		}
	}
	return h
}

// request passes up a request that was checked.
func (in *inbox) request(h *Hop, b []byte) {
	if !h.to.IsValid() {
		in.drop(b, dropNoReturn)
		return
	}
	if h.flow.protocol == TLS {
		if via, err := in.m.Via(); err == nil {
			in.l.alias(h.flow, via)
		}
	}
	in.pass(h, b)
}

// response passes up a response that was checked, if it is for us.
func (in *inbox) response(h *Hop, b []byte) {
	via, err := in.m.Via()
	switch {
	case err != nil || !in.l.ours(via, h.flow.local):
		in.astray(b, dropNotOurs) // RFC 3261, Section 18.1.2
	case in.vias() > 1:
		in.astray(b, dropManyVias) // RFC 3261, Section 8.1.3.3
	default:
		in.pass(h, b)
	}
}

func (in *inbox) vias() int {
	n := 0
	for range in.m.Vias() {
		n++
	}
	return n
}

// pass hands the message to Config.Receive.
func (in *inbox) pass(h *Hop, b []byte) {
	if in.l.cfg.Receive == nil {
		in.drop(b, dropNobody)
		return
	}
	in.l.trace(In, h.flow, b, "")
	datagram := h.flow.socket != nil
	if datagram {
		h = in.hops.known(h)
	}
	if kept := in.l.cfg.Receive(h, in.m) || h.queued.Load(); kept && h == in.h {
		in.h = &Hop{l: in.l}
		if datagram {
			in.hops.keep(h)
		}
	}
}

// drop counts and traces a message that goes no further.
func (in *inbox) drop(b []byte, why string) {
	in.l.counts.dropped.Add(1)
	in.l.trace(In, in.h.flow, b, why)
}

// unreadable drops what is no message, or none that may be acted on.
func (in *inbox) unreadable(b []byte, why string) {
	in.l.counts.malformed.Add(1)
	in.drop(b, why)
}

// astray drops a response that is not for us.
func (in *inbox) astray(b []byte, why string) {
	in.l.counts.astray.Add(1)
	in.drop(b, why)
}

// fault drops a message that Parse or Check refused, and answers it if that is due.
func (in *inbox) fault(h *Hop, b []byte) {
	why := ""
	if in.l.cfg.Trace != nil { // its text is the one thing that would allocate
		why = in.m.Fault().String()
	}
	in.unreadable(b, why)
	in.refuse(h, b, refusal{status: in.m.FaultStatus()})
}
