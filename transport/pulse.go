package transport

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/ringback-sip/ringback/internal/timer"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport/ws"
)

// pongWithin is how long a peer may take for anything after a ping: "the client MUST treat the flow as failed" (RFC 5626, Section 4.4.1).
const pongWithin = 10 * time.Second

// ErrNoPong: the peer of a connection did not answer a keep-alive.
var ErrNoPong = errors.New("no answer to a keep-alive")

// pulse finds out whether the peer of a stream is still there. The zero pulse does nothing. The stream's lock guards it.
type pulse struct {
	timer   timer.Node
	every   time.Duration // at most, between two pings; 0: none
	waiting bool          // for any sign of life
}

// next returns when to ping: at a random time, so that those who began together do not go on together.
func (p *pulse) next(now time.Time) time.Time {
	return now.Add(p.every - rand.N(p.every/5+1))
}

// heard notes a sign of life.
func (p *pulse) heard() {
	if p.waiting {
		p.waiting = false
		now := time.Now()
		p.timer.Arm(now, p.next(now))
	}
}

// stop ends it.
func (p *pulse) stop() {
	p.every = 0
	p.timer.Stop()
}

// beat begins to ping the peer, at most every so often; 0 ends it.
func (s *stream) beat(every time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &s.pulse
	if every <= 0 || s.err != nil {
		p.stop()
		return
	}
	p.timer.Init(s.tick)
	p.every, p.waiting = every, false
	now := time.Now()
	p.timer.Arm(now, p.next(now))
}

// tick pings, or gives up.
func (s *stream) tick() {
	s.mu.Lock()
	p := &s.pulse
	var err error
	switch {
	case p.every == 0: // stopped meanwhile
	case p.waiting:
		err = ErrNoPong
	default:
		if err = s.put(s.ping()); err == nil {
			p.waiting = true
			now := time.Now()
			p.timer.Arm(now, now.Add(pongWithin))
		}
	}
	s.mu.Unlock()
	if err != nil && !errors.Is(err, ErrClosed) {
		s.abort(err)
	}
}

// ping returns what asks the peer for a sign of life: a frame of WebSocket, else a double CRLF (RFC 5626, Section 4.4.1).
func (s *stream) ping() item {
	if s.peer.protocol.webSocket() {
		return item{op: ws.Ping}
	}
	return item{wire: parser.Wire{Head: []byte("\r\n\r\n")}}
}
