package parser

// Method is a request method. Methods are case-sensitive tokens (RFC 3261, Section 7.1);
// one that is not listed here is MethodUnknown and its spelling is [Message.MethodName].
type Method uint8

// The methods of RFC 3261 and of its extensions.
const (
	MethodUnknown   Method = iota
	MethodInvite           // RFC 3261, Section 13
	MethodAck              // RFC 3261, Section 13
	MethodBye              // RFC 3261, Section 15
	MethodCancel           // RFC 3261, Section 9
	MethodOptions          // RFC 3261, Section 11
	MethodRegister         // RFC 3261, Section 10
	MethodPrack            // RFC 3262
	MethodUpdate           // RFC 3311
	MethodInfo             // RFC 6086
	MethodSubscribe        // RFC 6665
	MethodNotify           // RFC 6665
	MethodPublish          // RFC 3903
	MethodRefer            // RFC 3515
	MethodMessage          // RFC 3428

	methodCount
)

var methodNames = [methodCount]string{
	"", "INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "REGISTER", "PRACK", "UPDATE", "INFO",
	"SUBSCRIBE", "NOTIFY", "PUBLISH", "REFER", "MESSAGE",
}

// String returns the method as it stands on the wire, "" for MethodUnknown.
func (m Method) String() string {
	if m < methodCount {
		return methodNames[m]
	}
	return ""
}

// ParseMethod returns the method spelled b, MethodUnknown when it is none of the known ones.
func ParseMethod(b []byte) Method {
	switch string(b) {
	case "INVITE":
		return MethodInvite
	case "ACK":
		return MethodAck
	case "BYE":
		return MethodBye
	case "CANCEL":
		return MethodCancel
	case "OPTIONS":
		return MethodOptions
	case "REGISTER":
		return MethodRegister
	case "PRACK":
		return MethodPrack
	case "UPDATE":
		return MethodUpdate
	case "INFO":
		return MethodInfo
	case "SUBSCRIBE":
		return MethodSubscribe
	case "NOTIFY":
		return MethodNotify
	case "PUBLISH":
		return MethodPublish
	case "REFER":
		return MethodRefer
	case "MESSAGE":
		return MethodMessage
	}
	return MethodUnknown
}
