package dialog

import "github.com/ringback-sip/ringback/parser"

// Scope is how far a failure reaches beyond its transaction (RFC 5057, Section 5.1).
type Scope uint8

// The scopes.
const (
	ScopeTransaction Scope = iota // the request failed, nothing else
	ScopeUsage                    // the usage to which the request belongs is over: the call, or the one subscription
	ScopeDialog                   // the dialog is over, with all its usages
)

// String returns "transaction", "usage" or "dialog".
func (s Scope) String() string { return name(scopeNames[:], int(s)) }

var scopeNames = [...]string{ScopeTransaction: "transaction", ScopeUsage: "usage", ScopeDialog: "dialog"}

// ScopeOf returns what a final response to a request with method m, sent in a dialog, ends. A timeout is a 408 (RFC 3261,
// Section 12.2.1.2), which ends the usage like a 481 (RFC 5057, Section 5.2). The usage of INVITE ends by BYE.
func ScopeOf(m parser.Method, s parser.Status) Scope {
	switch s {
	case parser.StatusNotFound, parser.StatusGone, parser.StatusUnsupportedURIScheme, parser.StatusLoopDetected,
		parser.StatusTooManyHops, parser.StatusAddressIncomplete, parser.StatusAmbiguous, parser.StatusBadGateway,
		parser.StatusDoesNotExistAnywhere:
		return ScopeDialog
	case parser.StatusRequestTimeout, parser.StatusTemporarilyUnavailable, parser.StatusDoesNotExist:
		return scopeIf(belongs(m))
	case parser.StatusMethodNotAllowed, parser.StatusNotImplemented:
		return scopeIf(integral(m))
	case parser.StatusBadEvent:
		return scopeIf(m == parser.MethodSubscribe || m == parser.MethodNotify)
	}
	return ScopeTransaction
}

func scopeIf(usage bool) Scope {
	if usage {
		return ScopeUsage
	}
	return ScopeTransaction
}

// belongs reports whether a request with method m is part of a usage (RFC 5057, Section 5.3). A CANCEL concerns its
// INVITE's transaction only, whatever answers it.
func belongs(m parser.Method) bool {
	switch m {
	case parser.MethodInvite, parser.MethodBye, parser.MethodPrack, parser.MethodUpdate, parser.MethodInfo,
		parser.MethodSubscribe, parser.MethodNotify, parser.MethodRefer:
		return true
	}
	return false
}

// integral reports whether a usage cannot go on with a peer that knows no m (RFC 5057, Section 5.1, note 3).
func integral(m parser.Method) bool {
	switch m {
	case parser.MethodInvite, parser.MethodBye, parser.MethodPrack, parser.MethodSubscribe, parser.MethodNotify:
		return true
	}
	return false
}
