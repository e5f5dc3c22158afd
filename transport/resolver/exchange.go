package resolver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"
)

// maxStrays is how many datagrams that answer something else are passed over. More of them are somebody who guesses: then the question is
// asked over TCP, where one cannot (RFC 5452, Section 9.1).
const maxStrays = 16

// maxDatagram is more than a server may send to us.
const maxDatagram = 4096

var errSilent = errors.New("no answer")

// exchange is one try: one question to one server, from a port of its own.
type exchange struct {
	server netip.AddrPort
	edns   bool // say which size of datagrams is taken
	tcp    bool // no datagrams
}

// try asks, and waits for the answer at most so long.
func (e exchange) try(ctx context.Context, wait time.Duration, name string, t Type) (Reply, error) {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	r, err := e.ask(ctx, name, t)
	if e.edns && err == nil && (r.Code == codeFormat || r.Code == codeNotImplemented) {
		e.edns = false // the server is older than RFC 6891
		r, err = e.ask(ctx, name, t)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return Reply{}, fmt.Errorf("%w within %v", errSilent, time.Since(begin).Round(time.Millisecond))
	case err != nil:
		return Reply{}, err
	case r.Code != codeSuccess && r.Code != codeNoName:
		return Reply{}, refusal{codeOf(r.Code)}
	}
	return r, nil
}

// ask asks by a datagram, and over TCP when the answer does not fit into one (RFC 7766, Section 5).
func (e exchange) ask(ctx context.Context, name string, t Type) (Reply, error) {
	var id [2]byte
	rand.Read(id[:]) // never fails
	q, err := newQuestion(binary.BigEndian.Uint16(id[:]), name, t)
	if err != nil {
		return Reply{}, refusal{err}
	}
	msg, err := q.append(make([]byte, 2, 512), e.edns) // room for the length that TCP wants
	if err != nil {
		return Reply{}, refusal{err}
	}
	if !e.tcp {
		r, err := e.datagram(ctx, q, msg[2:])
		if err == nil && !r.Truncated || err != nil && !errors.Is(err, ErrNotOurs) {
			return r, err
		}
	}
	return e.stream(ctx, q, msg)
}

// dial connects to the server until ctx ends.
func (e exchange) dial(ctx context.Context, network string) (net.Conn, func(), error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, e.server.String())
	if err != nil {
		return nil, nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })
	return conn, func() {
		stop()
		conn.Close()
	}, nil
}

// datagram sends msg and waits for its answer. The socket is connected: the kernel chose its port, and lets through only what comes from the
// server. ErrNotOurs means that too much came that was no answer.
func (e exchange) datagram(ctx context.Context, q question, msg []byte) (Reply, error) {
	conn, end, err := e.dial(ctx, "udp")
	if err != nil {
		return Reply{}, err
	}
	defer end()
	if _, err := conn.Write(msg); err != nil {
		return Reply{}, err
	}
	buf := make([]byte, maxDatagram)
	for range maxStrays {
		n, err := conn.Read(buf)
		if err != nil {
			return Reply{}, err
		}
		r, err := q.read(buf[:n])
		if !errors.Is(err, ErrNotOurs) {
			return r, judged(err)
		}
	}
	return Reply{}, ErrNotOurs
}

// stream sends msg, which begins with room for its length, and reads the answer.
func (e exchange) stream(ctx context.Context, q question, msg []byte) (Reply, error) {
	conn, end, err := e.dial(ctx, "tcp")
	if err != nil {
		return Reply{}, err
	}
	defer end()
	binary.BigEndian.PutUint16(msg, uint16(len(msg)-2)) // a question has 300 octets at most
	if _, err := conn.Write(msg); err != nil {
		return Reply{}, err
	}
	var size [2]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return Reply{}, err
	}
	buf := make([]byte, binary.BigEndian.Uint16(size[:]))
	if _, err := io.ReadFull(conn, buf); err != nil {
		return Reply{}, err
	}
	r, err := q.read(buf)
	if err == nil && r.Truncated {
		err = errMalformed // there is nothing longer than this
	}
	return r, judged(err)
}

// judged marks an answer that cannot be used as the server's last word.
func judged(err error) error {
	if err != nil {
		return refusal{err}
	}
	return nil
}
