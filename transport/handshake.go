package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
)

// shake does the handshakes above the connection that was laid, and attaches what comes of them.
func (s *stream) shake(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, s.l.cfg.Limits.bound(stateShaking))
	defer stop()
	conn, err := s.handshake(ctx)
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) {
		err = ErrSlow
	}
	if err != nil {
		return fmt.Errorf("handshake: %w", err)
	}
	if !s.source.IsValid() {
		s.l.connected(s) // before anybody who waits goes on: the next looks for what was proved
	}
	if !s.attach(conn) {
		return ErrClosed
	}
	return nil
}

// handshake is shake within ctx.
func (s *stream) handshake(ctx context.Context) (net.Conn, error) {
	p, conn := s.peer.protocol, s.base
	if p.Secure() && s.answer == nil {
		secured := s.secured()
		if err := secured.HandshakeContext(ctx); err != nil {
			return nil, err
		}
		s.note(secured.ConnectionState())
		conn = secured
	}
	if p.webSocket() {
		if err := s.upgrade(ctx, conn); err != nil {
			return nil, err
		}
	}
	return conn, nil
}

// explain lets a client whose handshake failed read why: a connection that is closed with octets unread is reset, and the alert that TLS sent, or the answer
// of HTTP, may never be seen.
func (s *stream) explain() {
	s.mu.Lock()
	s.state = stateClosing
	ended := s.err != nil
	s.mu.Unlock()
	if !ended && closeWrite(s.raw) == nil {
		drain(s.raw, s.l.cfg.Limits.bound(stateClosing))
	}
}

// secureConn is what a connection of TLS has, *tls.Conn for one.
type secureConn interface {
	NetConn() net.Conn
	ConnectionState() tls.ConnectionState
}

// secured returns the TLS end of the connection, before its handshake.
func (s *stream) secured() *tls.Conn {
	c, p := &s.l.cfg.TLS, s.peer.protocol
	if s.source.IsValid() {
		return tls.Server(s.base, c.server(p))
	}
	return tls.Client(s.base, c.client(p, s.peer.name))
}

// note remembers whom the peer proved to be.
func (s *stream) note(state tls.ConnectionState) {
	if len(state.PeerCertificates) == 0 {
		return
	}
	names := identitiesOf(state.PeerCertificates[0]).names()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proved = names
}

// maxUnheard bounds the messages that are remembered until a server says its first word.
const maxUnheard = 64

// doubt remembers what was written while we cannot know that the server takes us: in TLS 1.3 the client is done before the server has looked
// at its certificate (RFC 8446, Section 2). s.mu is held.
func (s *stream) doubt(written []item) {
	if s.source.IsValid() || !s.peer.protocol.Secure() || s.known {
		return
	}
	for _, it := range written {
		if len(s.unheard) < maxUnheard && it.hop != nil {
			s.unheard = append(s.unheard, it)
		}
	}
}

// heard notes that the peer said something.
func (s *stream) heard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.unheard = true, nil
	s.words++
	s.pulse.heard()
}

// refusedLate reports whether err is the peer's alert: what it never answered before that was not taken.
func refusedLate(err error) bool {
	var alert *net.OpError
	return errors.As(err, &alert) && alert.Op == "remote error"
}
