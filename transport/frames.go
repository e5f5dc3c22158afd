package transport

import (
	"errors"
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/ws"
)

// pingEvery is how often we ping the other end of a WebSocket: browsers give their pages no way to, and what stands between forgets
// connections on which nothing moves.
const pingEvery = 30 * time.Second

// openFrames makes r a reader of WebSocket frames, of which some may have come with the handshake.
func (r *reader) openFrames() {
	r.frames = &ws.Reader{Role: ws.Client, MaxMessage: r.s.l.cfg.Limits.Message}
	if r.s.source.IsValid() {
		r.frames.Role = ws.Server
	}
	r.buf = append(r.buf, r.s.early...)
	r.s.early = nil
	r.s.beat(pingEvery)
}

// pending reports whether a message has begun of which no octet need be in the buffer.
func (r *reader) pending() bool { return r.frames != nil && r.frames.Pending() }

// cutFrames is cut for WebSocket: each message of it is one of SIP (RFC 7118, Section 5), in text or binary alike (Section 4.2).
func (r *reader) cutFrames(b []byte) (rest []byte, messages int, stirred bool, lost error) {
	for {
		e, rest, err := r.frames.Next(b)
		if err != nil {
			return rest, messages, stirred, err
		}
		switch e.Op {
		case 0:
			return rest, messages, stirred, nil
		case ws.Text, ws.Binary:
			if filler(e.Data) {
				r.between(len(e.Data)) // RFC 7118, Section 6
			} else {
				r.in.take(r.flow, e.Data)
				messages++
			}
			stirred = true
		case ws.Ping:
			r.s.frame(ws.Pong, e.Data)
			stirred = true
		case ws.Pong: // whatever comes is a sign of life
		case ws.Close:
			return rest, messages, stirred, &closedError{e.Code, string(e.Data)}
		}
		b = rest
	}
}

// closedError says that the peer closed the WebSocket.
type closedError struct {
	code   ws.Code
	reason string
}

func (e *closedError) Error() string {
	if e.reason == "" {
		return "closed by the peer: " + e.code.String()
	}
	return fmt.Sprintf("closed by the peer: %v, %q", e.code, e.reason)
}

// loseFrames gives the stream up because of err, with the Close that it asks for (RFC 6455, Sections 5.5.1 and 7.1.7).
func (r *reader) loseFrames(err error) error {
	code := ws.CodePolicy // too slow, or too much at once
	var closed *closedError
	var fault ws.Error
	switch {
	case errors.As(err, &closed) && r.s.leaving():
		return err // the answer to ours
	case errors.As(err, &closed):
		code = closed.code
	case errors.As(err, &fault):
		code = fault.Code()
		r.in.unreadable(r.buf, err.Error())
	}
	r.s.leave(code)
	if closed != nil && r.s.source.IsValid() {
		r.s.flush() // a server closes at once (RFC 6455, Section 7.1.1)
		return err
	}
	r.linger()
	return err
}

// leaving reports whether our Close is queued or sent.
func (s *stream) leaving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last
}

// frame queues a control frame.
func (s *stream) frame(op ws.Opcode, payload []byte) {
	s.mu.Lock()
	err := s.put(item{op: op, wire: parser.Wire{Head: append([]byte(nil), payload...)}})
	s.mu.Unlock()
	if errors.Is(err, ErrQueue) {
		s.abort(err)
	}
}

// leave queues a Close on a WebSocket, after which nothing more is queued.
func (s *stream) leave(code ws.Code) {
	if !s.peer.protocol.webSocket() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn == nil {
		return // still shaking hands
	}
	if s.put(item{op: ws.Close, code: code}) == nil {
		s.last = true
	}
}

// writeFrames writes batch, each item in a frame of its own, and returns how many went.
func (s *stream) writeFrames(batch []item) (whole int, err error) {
	var joined []byte
	for _, it := range batch {
		joined = s.appendFrame(joined, it)
	}
	if _, err := s.conn.Write(joined); err != nil {
		return 0, err
	}
	return len(batch), nil
}

// appendFrame appends it to dst.
func (s *stream) appendFrame(dst []byte, it item) []byte {
	key := s.newKey()
	if it.op == ws.Close {
		return ws.AppendClose(dst, key, it.code, "")
	}
	parts := [4][]byte{it.wire.Head}
	copy(parts[1:], it.wire.Body[:])
	op := it.op
	if op == 0 {
		op = ws.OpcodeFor(parts[:]...)
	}
	return ws.AppendFrame(dst, key, op, parts[:]...)
}
