package transport

import (
	"errors"
	"net"
	"os"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// maxBatch is how many octets are written at once, so that the time of one write suits slow links too.
const maxBatch = 64 << 10

// keptQueue is how many places a connection at rest keeps.
const keptQueue = 16

// enqueue queues w, for h or for nobody, and sees to it that it is written. ErrClosed says that s takes no more.
func (s *stream) enqueue(w parser.Wire, h *Hop) error {
	s.mu.Lock()
	err := s.put(item{wire: w, hop: h})
	if err == nil {
		s.used = time.Now()
	}
	s.mu.Unlock()
	if errors.Is(err, ErrQueue) {
		s.abort(err)
	}
	return err
}

// pong answers a ping (RFC 5626, Section 4.4.1). It is queued like a message, so that it never stands inside one.
func (s *stream) pong() {
	s.mu.Lock()
	err := s.put(item{wire: parser.Wire{Head: []byte("\r\n")}})
	s.mu.Unlock()
	if errors.Is(err, ErrQueue) {
		s.abort(err)
	}
}

// put appends to the queue and starts the writer. s.mu is held.
func (s *stream) put(it item) error {
	if !s.open() {
		return ErrClosed
	}
	size := it.wire.Len()
	if len(s.queue) > 0 && s.queued+size > s.l.cfg.Limits.Queue {
		return ErrQueue
	}
	s.queue = append(s.queue, it)
	s.queued += size
	s.wake()
	return nil
}

// wake starts the writer if there is something to write. s.mu is held.
func (s *stream) wake() {
	if s.writing || s.conn == nil || len(s.queue) == 0 {
		return
	}
	s.writing = true
	s.l.running.Go(s.write)
}

// write writes what is queued, in order and in whole messages, and ends when there is nothing more: a connection at
// rest costs one goroutine.
func (s *stream) write() {
	var batch []item
	for {
		batch = s.batch(batch[:0])
		if len(batch) == 0 {
			s.rest()
			return
		}
		whole, err := s.writeBatch(batch)
		s.written(batch[:whole])
		if err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				err = ErrSlow
			}
			s.abort(err)
		}
	}
}

// rest ends a stream that was only to be written out.
func (s *stream) rest() {
	s.mu.Lock()
	last := s.last
	s.mu.Unlock()
	switch {
	case last && s.peer.protocol.webSocket():
		s.enter(stateClosing) // for the peer's Close
	case last:
		s.part(ErrClosed)
	}
}

// batch appends to dst what is to be written next. When that is nothing it notes that the writer ends.
func (s *stream) batch(dst []item) []item {
	s.mu.Lock()
	defer s.mu.Unlock()
	size := 0
	for _, it := range s.queue {
		size += it.wire.Len()
		if s.err != nil || len(dst) > 0 && size > maxBatch {
			break
		}
		dst = append(dst, it)
	}
	if len(dst) == 0 {
		s.writing = false
		s.rested.Broadcast()
	}
	return dst
}

// writeBatch writes batch, and returns how many items went.
func (s *stream) writeBatch(batch []item) (whole int, err error) {
	f, err := s.connected()
	if err != nil {
		return 0, err
	}
	for _, it := range batch {
		if it.message() {
			s.l.traceWire(f, it.wire)
		}
	}
	if err := s.conn.SetWriteDeadline(time.Now().Add(s.l.cfg.Limits.bound(stateWriting))); err != nil {
		return 0, err
	}
	if s.peer.protocol.webSocket() {
		return s.writeFrames(batch)
	}
	n, err := s.writeOctets(batch)
	for _, it := range batch {
		size := int64(it.wire.Len())
		if n < size {
			break
		}
		n -= size
		whole++
	}
	return whole, err
}

// writeOctets writes batch as a stream has it, and returns how many octets went.
func (s *stream) writeOctets(batch []item) (int64, error) {
	if w := batch[0].wire; len(batch) == 1 && w.Len() == len(w.Head) {
		n, err := s.conn.Write(w.Head)
		return int64(n), err
	}
	if _, ok := s.conn.(*net.TCPConn); ok {
		var parts net.Buffers // one writev
		for _, it := range batch {
			parts = append(parts, it.wire.Head)
			for _, part := range it.wire.Body {
				if len(part) > 0 {
					parts = append(parts, part)
				}
			}
		}
		return parts.WriteTo(s.conn)
	}
	var joined []byte
	for _, it := range batch {
		joined = it.wire.AppendTo(joined)
	}
	n, err := s.conn.Write(joined)
	return int64(n), err
}

// written takes from the queue what it begins with and was written.
func (s *stream) written(batch []item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, it := range batch {
		s.queued -= it.wire.Len()
		if it.message() {
			s.l.counts.sent.Add(1)
		}
	}
	s.doubt(batch)
	rest := copy(s.queue, s.queue[len(batch):])
	clear(s.queue[rest:])
	s.queue = s.queue[:rest]
	if rest == 0 && cap(s.queue) > keptQueue {
		s.queue = nil
	}
}
