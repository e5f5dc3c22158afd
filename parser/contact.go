package parser

import (
	"bytes"
	"math"
)

// defaultExpires is what a Contact's expires parameter is taken for that is no number (RFC 3261, Section 10.2.1.1).
const defaultExpires = 3600

// Expires returns the expires parameter of a Contact in seconds. One above 2^32-1 is that, and one that is no number
// is 3600 (RFC 3261, Sections 10.2.1.1 and 20.10).
func (a NameAddr) Expires() (seconds int, present bool) {
	v, ok := a.Param("expires")
	if !ok {
		return 0, false
	}
	n, _, ok := digitsOf(v, maxSeconds)
	if !ok {
		return defaultExpires, true
	}
	return int(n), true
}

// RegID returns the reg-id parameter of a Contact, 1 to 2^31-1 (RFC 5626, Section 4.2). The error is an [Error].
func (a NameAddr) RegID() (int, error) {
	v, ok := a.Param("reg-id")
	if !ok {
		return 0, ErrAbsent
	}
	n, large, ok := digitsOf(v, math.MaxInt32)
	switch {
	case !ok:
		return 0, errNumber
	case n == 0:
		return 0, errZero
	case large:
		return 0, errNumberLarge
	}
	return int(n), nil
}

// Instance returns the URN in the +sip.instance parameter of a Contact, without quotes and brackets. URNs are
// compared by their own rules, those of UUIDs without case (RFC 5626, Section 4.1). The error is an [Error].
func (a NameAddr) Instance() ([]byte, error) {
	v, ok := a.Param("+sip.instance")
	if !ok {
		return nil, ErrAbsent
	}
	v, ok = bytes.CutPrefix(v, []byte(`"<`))
	if !ok {
		return nil, errInstance
	}
	v, ok = bytes.CutSuffix(v, []byte(`>"`))
	if !ok || len(v) == 0 || runEscaped(v, 0, uric) < len(v) {
		return nil, errInstance
	}
	return v[:len(v):len(v)], nil
}
