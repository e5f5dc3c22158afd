package transaction

import (
	"errors"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Config sets up a [Layer]. The zero Config, and nil, are the defaults of RFC 3261.
type Config struct {
	// T1 is the round-trip estimate (RFC 3261, Section 17.1.1.1). Zero means 500ms; less is for closed networks.
	T1 time.Duration
	// T2 is the longest interval between retransmissions (RFC 3261, Section 17.1.2.2). Zero means 4s.
	T2 time.Duration
	// T4 is how long a message stays in the network (RFC 3261, Section 17.1.2.2). Zero means 5s.
	T4 time.Duration

	// MaxServers bounds the server transactions that have no final response yet. Zero means 100000. What comes beyond it
	// opens none: it is answered 503 with Retry-After, inside a dialog 500 with Retry-After. A quarter more is kept for
	// requests that end work rather than begin it: those with a To tag, and a CANCEL of a live INVITE.
	MaxServers int
	// MaxPerSource bounds those of MaxServers that came from one Source. Zero means 5000, with a quarter more as above. What
	// comes beyond it is answered 500 with Retry-After: a proxy that reads 503 would leave us with all its users.
	MaxPerSource int
	// Source returns the source that c counts against, the zero Addr for one without limit. It must not block. Nil: none
	// has a limit. What an INVITE of a source draws over an unreliable transport is limited too: see Server.Left.
	Source func(c Conn) netip.Addr
	// MaxMemory bounds the octets that server transactions hold: the requests of unfinished ones, the responses of finished
	// ones, and 1 KiB for each, or 256 octets when nothing else is left of one than its response. Beyond it the oldest of the
	// finished ones are freed; when nothing is left to free, new requests are refused as beyond MaxServers. Zero means 1 GiB.
	MaxMemory int64

	// MaxProceeding ends a client INVITE so long after its last provisional response, with ErrTimeout, and a server
	// INVITE so long after its user's last response, with a 500. It is a safeguard: the RFC leaves this wait to the
	// user, whose own limit is shorter. Zero means 15 minutes.
	MaxProceeding time.Duration

	// Refresh sends a ringing INVITE again so often over an unreliable transport, to keep a NAT's binding
	// alive (RFC 3581, Section 3, suggests 20s). Zero means never.
	Refresh time.Duration
}

// Errors of a transaction. A transport's error is passed on as it came.
var (
	// ErrTimeout ends a transaction whose peer is silent.
	ErrTimeout = errors.New("transaction timed out")
	// ErrState refuses what the transaction's state does not allow: a response after the final one, a CANCEL before a
	// provisional response or after a final one.
	ErrState = errors.New("not allowed in this state of the transaction")
	// ErrRequest refuses a message that cannot open a client transaction.
	ErrRequest = errors.New("no request for a client transaction")
	// ErrBranch refuses a request whose branch a live client transaction uses.
	ErrBranch = errors.New("branch is in use")
	// ErrShutdown refuses work after Shutdown.
	ErrShutdown = errors.New("transaction layer is shut down")
)

// Status returns the status that stands for an error given to a [ClientUser] (RFC 3261, Section 8.1.3.1): 408 for a
// timeout, 503 for any other.
func Status(err error) parser.Status {
	if errors.Is(err, ErrTimeout) {
		return parser.StatusRequestTimeout
	}
	return parser.StatusServiceUnavailable
}

const (
	inviteGuard = 200 * time.Millisecond // RFC 3261, Section 17.2.1
	minTimerD   = 32 * time.Second       // RFC 3261, Section 17.1.1.2: the peer's T1 is unknown
)

// withDefaults returns a copy of c without zeros.
func (c *Config) withDefaults() Config {
	var d Config
	if c != nil {
		d = *c
	}
	for _, f := range []struct {
		field *time.Duration
		zero  time.Duration
	}{
		{&d.T1, 500 * time.Millisecond},
		{&d.T2, 4 * time.Second},
		{&d.T4, 5 * time.Second},
		{&d.MaxProceeding, 15 * time.Minute},
	} {
		if *f.field <= 0 {
			*f.field = f.zero
		}
	}
	if d.MaxServers <= 0 {
		d.MaxServers = 100_000
	}
	if d.MaxPerSource <= 0 {
		d.MaxPerSource = 5_000
	}
	if d.MaxMemory <= 0 {
		d.MaxMemory = 1 << 30
	}
	return d
}

// duration is the value of timer t when it is first started, 0 for never. c has its defaults.
func (c *Config) duration(m machine, t timers) time.Duration {
	switch t {
	case timerA, timerE, timerG:
		return c.T1
	case timerD:
		return max(minTimerD, 64*c.T1)
	case timerI, timerK:
		return c.T4
	case timerGuard:
		if m == inviteServer {
			return inviteGuard
		}
		return c.untilT2()
	case timerSafety:
		return c.MaxProceeding
	case timerRefresh:
		return c.Refresh
	default: // B, F, H, J, L, M, abandon
		return 64 * c.T1
	}
}

// untilT2 is the time after which a client's timer E reaches T2, if it uses the same T1 and T2 (RFC 4320, Section 4.1).
func (c *Config) untilT2() time.Duration {
	var sum time.Duration
	for e := c.T1; e < c.T2; e *= 2 {
		sum += e
	}
	return sum
}

// next is the interval after d when timer t is re-armed in state s.
func (c *Config) next(s state, t timers, d time.Duration) time.Duration {
	switch {
	case t == timerA:
		return 2 * d
	case t == timerE && s == stateProceeding:
		return c.T2
	case t == timerE, t == timerG:
		return min(2*d, c.T2)
	}
	return d
}
