package transport

import "errors"

// Errors of this package that a caller may tell apart. A refused or failed connection attempt wraps the error of
// Config.Dial, so that errors.Is finds syscall.ECONNREFUSED: the sign that a request which went over TCP only for its size
// may be tried over UDP (RFC 3261, Section 18.1.1).
var (
	// ErrClosed: the layer, or the flow, is closed.
	ErrClosed = errors.New("transport closed")
	// ErrLimit: a bound of Limits keeps a connection from being opened.
	ErrLimit = errors.New("too many connections")
	// ErrQueue: the peer reads too slowly; more than Limits.Queue octets were waiting, and its connection was closed.
	ErrQueue = errors.New("too much is waiting to be written")
	// ErrSlow: the peer did not take, or did not send, a message within its time.
	ErrSlow = errors.New("too slow")
	// ErrNoSocket: no socket of the protocol and address family listens.
	ErrNoSocket = errors.New("no socket")
)

var (
	errNotHostPort = errors.New("parameters or blanks")
	errNotUnicast  = errors.New("nobody can send there")
	errEvicted     = errors.New("another connection needed the place")
	errIdle        = errors.New("idle")
	errHalfRead    = errors.New("too much is half read")
)
