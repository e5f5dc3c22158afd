package transport

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/ws"
)

// reader is the reading half of a stream. Its buffer is small while nothing or little is read, grows up to the limit of a
// message, and is small again when the message is out of it.
type reader struct {
	s       *stream
	flow    Flow
	in      *inbox
	framer  parser.Framer
	frames  *ws.Reader // of WebSocket; nil: the framer cuts
	buf     []byte
	charged int       // octets of buf that count as half read
	crlf    time.Time // when a single CRLF was read
}

const (
	smallBuffer = 4 << 10 // most messages fit, and ten thousand connections at rest hold 40 MiB
	// pingGap is how far the network may pull the two halves of a ping apart. A pong is one CRLF, and not to be answered.
	pingGap = time.Second
)

// read reads and deals with messages until the connection ends; it returns why.
func (s *stream) read() error {
	flow, err := s.connected()
	if err != nil {
		return err
	}
	r := &reader{
		s:      s,
		flow:   flow,
		in:     newInbox(s.l),
		framer: parser.Framer{MaxMessage: s.l.cfg.Limits.Message},
		buf:    make([]byte, 0, smallBuffer),
	}
	defer r.release()
	if s.source.IsValid() {
		s.enterAt(stateOpening, s.born)
	} else {
		s.enter(stateIdle)
	}
	if s.peer.protocol.webSocket() {
		r.openFrames()
		if err := r.consume(); err != nil {
			return r.lose(err)
		}
	}
	for {
		n, err := s.conn.Read(r.buf[len(r.buf):cap(r.buf)])
		r.buf = r.buf[:len(r.buf)+n]
		if n > 0 {
			s.heard()
			if err := r.consume(); err != nil {
				return r.lose(err)
			}
		}
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded):
			// The peer is done. What it was sent may still be on its way: it may only have closed its half.
			r.linger()
			return err
		default:
			if err := r.late(); err != nil {
				return err
			}
		}
	}
}

// consume deals with all that is whole in the buffer, moves the rest to its start, and makes room behind it. An error
// says that no message can be found any more.
func (r *reader) consume() error {
	was := r.s.reading()
	cut := r.cut
	if r.frames != nil {
		cut = r.cutFrames
	}
	rest, messages, stirred, lost := cut(r.buf)
	r.buf = r.buf[:copy(r.buf, rest)]
	if lost == nil {
		lost = r.resize()
	}
	if was == stateOpening && messages > 0 {
		r.s.l.begun(r.s)
	}
	switch {
	case lost != nil:
	case was == stateOpening && messages == 0:
		// No CRLF buys the first message more time.
	case len(r.buf) > 0 || r.pending():
		if was != stateReading || messages > 0 || stirred && r.frames == nil {
			r.s.enter(stateReading) // and no octet of a message, its first excepted
		}
	case was == stateReading || stirred:
		r.s.enter(stateIdle)
	}
	return lost
}

// cut deals with all that is whole in b, and returns what is not, how many messages there were, and whether there was anything that keeps a
// connection from being idle. An error says that no message can be found any more.
func (r *reader) cut(b []byte) (rest []byte, messages int, stirred bool, lost error) {
	for len(b) > 0 {
		n, err := r.framer.Next(b)
		if err != nil || n == 0 {
			return b, messages, stirred, err
		}
		if b[0] == '\r' {
			r.between(n)
		} else {
			r.crlf = time.Time{}
			r.in.take(r.flow, b[:n])
			messages++
		}
		b, stirred = b[n:], true
	}
	return b, messages, stirred, nil
}

// between deals with n octets of CRLFs between messages. A double CRLF is a ping and answered at once; a single one is a
// pong, or filler (RFC 5626, Section 4.4.1; RFC 3261, Section 7.5).
func (r *reader) between(n int) {
	now := time.Now()
	if n < len("\r\n\r\n") && now.Sub(r.crlf) > pingGap {
		r.crlf = now
		return
	}
	r.crlf = time.Time{}
	r.s.pong()
}

// resize makes room for more of a message, and lets go of what the last one needed. The framer does not ask for more than
// the limit of a message.
func (r *reader) resize() error {
	switch {
	case len(r.buf) == 0 && r.charged > 0:
		r.release()
		r.buf = make([]byte, 0, smallBuffer)
	case len(r.buf) == cap(r.buf):
		more := cap(r.buf)
		if r.s.l.halfRead.Add(int64(more)) > r.s.l.cfg.Limits.HalfRead {
			r.s.l.halfRead.Add(-int64(more))
			return errHalfRead
		}
		r.charged += more
		r.buf = append(make([]byte, 0, cap(r.buf)+more), r.buf...)
	}
	return nil
}

// release gives back what the buffer counts as half read.
func (r *reader) release() {
	r.s.l.halfRead.Add(-int64(r.charged))
	r.charged = 0
}

// late decides what the end of a state's time means.
func (r *reader) late() error {
	s := r.s
	switch s.reading() {
	case stateClosing:
		return ErrClosed
	case stateIdle:
		// What we send keeps a connection open as well (RFC 3261, Section 18).
		if s.extend() {
			return nil
		}
		if r.frames != nil {
			s.leave(ws.CodeNormal)
			r.linger()
		}
		return errIdle
	case stateOpening:
		// A request of ours may have gone out on a connection whose peer never sent any.
		if len(r.buf) == 0 && s.extend() {
			return nil
		}
	}
	return r.lose(ErrSlow)
}

// lose gives the stream up because err keeps the next message from being found: nothing after it is ever read as one
// (RFC 3261, Section 18.3). A request that can be read well enough is answered.
func (r *reader) lose(err error) error {
	in := r.in
	if r.frames != nil {
		return r.loseFrames(err)
	}
	if len(r.buf) > 0 {
		in.l.counts.received.Add(1)
		_ = in.m.Parse(r.buf) // what can be found in it is enough
		h := in.way(r.flow)
		why := frameFault(err, in.m)
		in.unreadable(r.buf, why.reason)
		in.refuse(h, r.buf, why)
	}
	r.linger()
	return fmt.Errorf("framing lost: %w", err)
}

// linger takes no more messages, sees what is queued written, and waits a moment for the peer to close too: a
// connection that is closed with octets unread is reset, and the peer may never see what it was last sent.
func (r *reader) linger() {
	s := r.s
	s.enter(stateClosing)
	// The bound holds for a peer that does not read as well, whose write has a longer one.
	end := time.AfterFunc(s.l.cfg.Limits.bound(stateClosing), func() { s.abort(ErrSlow) })
	defer end.Stop()
	if !s.flush() {
		return
	}
	if closeWrite(s.conn) != nil {
		return
	}
	for {
		if _, err := s.conn.Read(r.buf[:cap(r.buf)]); err != nil {
			return
		}
	}
}

// frameFault returns what answers the request m, with which the framing was lost because of err.
func frameFault(err error, m *parser.Message) refusal {
	r := refusal{parser.StatusBadRequest, err.Error()}
	var e parser.Error
	switch {
	case errors.Is(err, errHalfRead):
		r.status = parser.StatusServiceUnavailable
	case errors.As(err, &e):
		r.status = e.Status()
		if m.Fault().Header == parser.HeaderContentLength {
			r.reason = m.Fault().String()
		}
	}
	return r
}
