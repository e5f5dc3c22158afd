package ws

import (
	"encoding/binary"
	"unicode/utf8"
)

// MaxMessage is the longest message that a Reader accepts which names no limit of its own.
const MaxMessage = 64 << 10

// Reader reads frames and puts messages together, at the front of the buffer in which their frames came: it holds no octets,
// allocates nothing, and looks at every octet once, however the stream is cut into reads. The zero Reader is a server's. It is not
// safe for concurrent use.
type Reader struct {
	Role       Role // which end we are: a Server reads what clients send
	MaxMessage int  // the longest message accepted, all its fragments together; 0: the constant MaxMessage

	op    Opcode // of the message that has begun, 0: none
	have  int    // octets of it that were put together, at the start of the buffer
	gap   int    // octets behind those that are done with
	frame bool   // a frame of it has begun
	fin   bool   // and is its last
	left  int    // octets of the frame to come
	key   uint32 // for the next of them
	text  text   // at its start between messages: each text ended whole
	over  bool   // a Close was read
	err   Error  // sticks
}

// Event is what came: a message, or a control frame.
type Event struct {
	Op   Opcode // 0: nothing yet
	Data []byte // the message, what a Ping or Pong carries, or the reason of a Close
	Code Code   // of a Close; CodeNoStatus: it carries none
}

// Next reads what comes first in buf, which it changes, up to the end of a message or of a control frame. rest is what to give
// to the next call: as it is after an Event, with more octets behind it when Op is 0. It may be moved meanwhile, its octets may
// not change. e.Data lies in buf and is valid until the next call, or until buf is moved or overwritten. When more octets are needed rest is at
// most MaxMessage and 130 octets long.
//
// Control frames come between the fragments of a message as they were sent (RFC 6455, Section 5.4). What follows a Close is dropped
// (RFC 6455, Section 5.5.1). The error is an [Error] and sticks: nothing after it is read (RFC 6455, Section 7.1.7).
func (r *Reader) Next(buf []byte) (e Event, rest []byte, err error) {
	if r.over && r.err == 0 {
		return Event{}, buf[:0], nil
	}
	for r.err == 0 {
		if r.have == 0 { // nothing of a message before what is done with
			buf, r.gap = buf[r.gap:], 0
		}
		if !r.frame {
			raw := buf[r.have+r.gap:]
			h, fault := parseHeader(raw, r.Role)
			switch {
			case fault != 0:
				r.err = fault
				continue
			case h.size == 0:
				return Event{}, r.closeGap(buf), nil
			case !h.op.control():
				r.begin(h)
				continue
			case uint64(len(raw)-h.size) < h.length:
				return Event{}, r.closeGap(buf), nil
			}
			r.gap += h.size + int(h.length)
			if e = r.control(h, raw[h.size:h.size+int(h.length)]); r.err == 0 {
				return e, buf, nil
			}
			continue
		}
		r.take(buf)
		switch {
		case r.err != 0:
		case r.left > 0:
			return Event{}, r.closeGap(buf), nil
		case r.fin:
			if e, rest = r.finish(buf); r.err == 0 {
				return e, rest, nil
			}
		default:
			r.frame = false
		}
	}
	return Event{}, buf[:0], r.err
}

// Pending reports whether a message has begun whose end has not come. It may have begun with a frame that was empty, so that no octets
// are left of it in the buffer.
func (r *Reader) Pending() bool { return r.op != 0 }

// begin begins a frame of a message.
func (r *Reader) begin(h header) {
	limit := r.MaxMessage
	if limit <= 0 {
		limit = MaxMessage
	}
	switch {
	case h.op == continuation && r.op == 0: // RFC 6455, Section 5.4
		r.err = errNoMessage
	case h.op != continuation && r.op != 0:
		r.err = errUnfinished
	case h.length > uint64(max(0, limit-r.have)):
		r.err = errTooBig
	default:
		if h.op != continuation {
			r.op = h.op
		}
		r.frame, r.fin = true, h.fin
		r.left, r.key = int(h.length), h.key
		r.gap += h.size
	}
}

// take takes what is there of a frame's payload: it is unmasked, and joins what the message has.
func (r *Reader) take(buf []byte) {
	part := buf[r.have+r.gap:]
	part = part[:min(len(part), r.left)]
	if r.Role == Server {
		r.key = mask(part, r.key)
	}
	if r.op == Text && !r.text.take(part) {
		r.err = errUTF8
		return
	}
	if r.gap > 0 {
		copy(buf[r.have:], part)
	}
	r.have += len(part)
	r.left -= len(part)
}

// finish ends the message.
func (r *Reader) finish(buf []byte) (e Event, rest []byte) {
	if r.op == Text && !r.text.whole() {
		r.err = errUTF8
		return Event{}, buf[:0]
	}
	e = Event{Op: r.op, Data: buf[:r.have:r.have]}
	rest = buf[r.have+r.gap:]
	r.op, r.frame, r.have, r.gap = 0, false, 0, 0
	return e, rest
}

// control reads the payload of a control frame.
func (r *Reader) control(h header, payload []byte) Event {
	payload = payload[:len(payload):len(payload)]
	if r.Role == Server {
		mask(payload, h.key)
	}
	if h.op != Close {
		return Event{Op: h.op, Data: payload}
	}
	e := Event{Op: Close, Code: CodeNoStatus}
	r.over = true
	if len(payload) == 0 {
		return e
	}
	// RFC 6455, Section 5.5.1.
	if len(payload) == 1 {
		r.err = errCloseLength
		return Event{}
	}
	e.Code, e.Data = Code(binary.BigEndian.Uint16(payload)), payload[2:]
	switch {
	case !e.Code.onWire():
		r.err = errCloseCode
	case !utf8.Valid(e.Data):
		r.err = errCloseReason
	}
	return e
}

// closeGap moves what is left of buf to where the message ends: the start of a header or of a control frame, so little that it costs
// nothing to move it again for each fragment.
func (r *Reader) closeGap(buf []byte) []byte {
	if r.gap > 0 {
		buf = buf[:r.have+copy(buf[r.have:], buf[r.have+r.gap:])]
		r.gap = 0
	}
	return buf
}
