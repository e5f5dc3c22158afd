package ua

import (
	"errors"
	"fmt"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
)

// ResponseError is a peer's refusal: a final response of 300 to 699.
type ResponseError struct {
	Status  parser.Status
	Reason  string
	Message *parser.Message // the whole response
	Err     error           // why a challenge was not answered: auth.ErrNoCredentials, auth.ErrRejected, auth.ErrUnsupported; else nil
}

// Error returns status and reason, and what to do about a challenge.
func (e *ResponseError) Error() string {
	s := fmt.Sprintf("sip: %d %s", e.Status, e.Reason)
	switch {
	case e.Err == nil:
	case errors.Is(e.Err, auth.ErrNoCredentials):
		s += fmt.Sprintf(": %v: let Config.Credentials have them, or the options of the request", e.Err)
	default:
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *ResponseError) Unwrap() error { return e.Err }

// newResponseError makes a ResponseError of a response, which it clones.
func newResponseError(m *parser.Message) *ResponseError {
	return &ResponseError{Status: m.Status(), Reason: string(m.Reason()), Message: m.Clone()}
}

// Why calls end and requests fail, besides ResponseError and transaction.ErrTimeout.
var (
	// ErrCanceled: the caller cancelled before there was an answer.
	ErrCanceled = errors.New("sip: call was cancelled before it was answered")
	// ErrNoAck: our 200 was never acknowledged (RFC 3261, Section 13.3.1.4).
	ErrNoAck = errors.New("sip: answer was never acknowledged")
	// ErrNoPrack: a provisional response that we sent reliably was never acknowledged (RFC 3262, Section 3).
	ErrNoPrack = errors.New("sip: provisional response was never acknowledged")
	// ErrRejected: we refused the call, or nobody answered it here.
	ErrRejected = errors.New("sip: call was not answered here")
	// ErrMaxDuration: the call reached Config.MaxDuration.
	ErrMaxDuration = errors.New("sip: call reached its maximum duration")
	// ErrState: the call is in a state in which this cannot be done.
	ErrState = errors.New("sip: not possible in this state of the call")
	// ErrInfoPackage: the peer did not say that it takes INFO of this package (RFC 6086, Section 5.2.2).
	ErrInfoPackage = errors.New("sip: the peer does not take this Info package")
	// ErrReplaced: another call took the place of this one (RFC 3891).
	ErrReplaced = errors.New("sip: call was replaced by another")
	// ErrTooMany: there are as many calls as Config.MaxCalls allows.
	ErrTooMany = errors.New("sip: too many calls: wait for others to end, or raise Config.MaxCalls")
	// ErrExists: the agent has the call already that was to be restored.
	ErrExists = errors.New("sip: the agent has this call already")
	// ErrClosed: the agent was shut down.
	ErrClosed = errors.New("sip: agent is shut down")
)
