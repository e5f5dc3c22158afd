package ws

import "strconv"

// Code is a close code: why a connection ends (RFC 6455, Section 7.4).
type Code uint16

// The codes that this stack sends or tells apart. CodeNoStatus and CodeAbnormal never stand in a frame: they say that a
// Close had no code, and that there was no Close.
const (
	CodeNormal      Code = 1000
	CodeGoingAway   Code = 1001
	CodeProtocol    Code = 1002
	CodeUnsupported Code = 1003
	CodeNoStatus    Code = 1005
	CodeAbnormal    Code = 1006
	CodeInvalidData Code = 1007
	CodePolicy      Code = 1008
	CodeTooBig      Code = 1009
	CodeInternal    Code = 1011
	CodeRestart     Code = 1012
	CodeTryLater    Code = 1013
)

func (c Code) String() string {
	name := ""
	switch c {
	case CodeNormal:
		name = " normal closure"
	case CodeGoingAway:
		name = " going away"
	case CodeProtocol:
		name = " protocol error"
	case CodeUnsupported:
		name = " unsupported data"
	case CodeNoStatus:
		name = " no status received"
	case CodeAbnormal:
		name = " abnormal closure"
	case CodeInvalidData:
		name = " invalid data"
	case CodePolicy:
		name = " policy violation"
	case CodeTooBig:
		name = " message too big"
	case CodeInternal:
		name = " internal error"
	case CodeRestart:
		name = " service restart"
	case CodeTryLater:
		name = " try again later"
	}
	return strconv.Itoa(int(c)) + name
}

// onWire reports whether c may stand in a Close frame: 1004 to 1006 and 1015 are reserved, 1016 to 2999 are not assigned, and what
// is below 1000 or above 4999 is used by nobody (RFC 6455, Sections 7.4.1 and 7.4.2). 1012 to 1014 came later to the registry.
func (c Code) onWire() bool {
	return CodeNormal <= c && c <= CodeUnsupported || CodeInvalidData <= c && c <= 1014 || 3000 <= c && c <= 4999
}
