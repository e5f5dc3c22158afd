package ws

// Error says what is wrong with a frame. Its values cost nothing to return: anyone can send nothing but bad frames.
type Error uint8

const (
	errReserved Error = iota + 1
	errOpcode
	errUnmasked
	errMasked
	errLength
	errControlLong
	errControlFragment
	errNoMessage
	errUnfinished
	errTooBig
	errUTF8
	errCloseLength
	errCloseCode
	errCloseReason
)

var errorTexts = [...]string{
	errReserved:        "reserved bit without an extension",
	errOpcode:          "unknown opcode",
	errUnmasked:        "frame of a client without mask",
	errMasked:          "frame of a server with mask",
	errLength:          "length not in its shortest form",
	errControlLong:     "control frame of more than 125 octets",
	errControlFragment: "control frame in fragments",
	errNoMessage:       "continuation of no message",
	errUnfinished:      "message inside another",
	errTooBig:          "message too big",
	errUTF8:            "text that is not UTF-8",
	errCloseLength:     "close code of one octet",
	errCloseCode:       "close code that may not be sent",
	errCloseReason:     "close reason that is not UTF-8",
}

// Error returns what is wrong, in words that may go into a Close.
func (e Error) Error() string {
	if e == 0 || int(e) >= len(errorTexts) {
		return "no fault"
	}
	return errorTexts[e]
}

// Code returns what the Close carries that answers the fault (RFC 6455, Section 7.4.1).
func (e Error) Code() Code {
	switch e {
	case errTooBig:
		return CodeTooBig
	case errUTF8, errCloseReason:
		return CodeInvalidData
	}
	return CodeProtocol
}
