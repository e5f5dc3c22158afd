package dialog

import "github.com/ringback-sip/ringback/parser"

// Error says why a message makes no dialog or changes none. What is malformed in the message itself is a
// [parser.Error] instead; both have Status.
type Error uint8

const (
	// ErrContact: the request lacks a Contact, or has several, or one that is no SIP or SIPS URI (RFC 3261, Section 8.1.1.8).
	ErrContact Error = iota + 1
	// ErrTooLarge: what would have to be remembered exceeds 6 KiB.
	ErrTooLarge
	// ErrNoDialog: a response of this kind makes no dialog (RFC 3261, Section 12.1).
	ErrNoDialog
	// ErrTooMany: the INVITE has made more dialogs than a Set holds.
	ErrTooMany
	// ErrSnapshot: the bytes are no snapshot of a dialog that could be gone on with.
	ErrSnapshot
)

// Error returns the description.
func (e Error) Error() string {
	switch e {
	case ErrContact:
		return "not exactly one SIP or SIPS Contact"
	case ErrTooLarge:
		return "too much to remember for a dialog"
	case ErrNoDialog:
		return "the response makes no dialog"
	case ErrTooMany:
		return "too many dialogs of one INVITE"
	case ErrSnapshot:
		return "no usable snapshot of a dialog"
	}
	return "unknown dialog error"
}

// Status returns the status with which to answer a request, 0 where the message is a response, to be ignored.
func (e Error) Status() parser.Status {
	switch e {
	case ErrContact:
		return parser.StatusBadRequest
	case ErrTooLarge:
		return parser.StatusMessageTooLarge
	}
	return 0
}
