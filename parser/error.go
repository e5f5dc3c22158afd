package parser

// Error says what is wrong with a message or a part of it, and with which status a request is answered for it.
// Its values cost nothing to return: anyone can send nothing but bad messages. Where the fault is stays in the
// message: [Message.Fault].
type Error uint8

// ErrAbsent: the header field is not there. Every other Error means that it is malformed.
const (
	ErrAbsent Error = iota + 1

	// The frame.
	errEmptyMessage
	errNoBlankLine
	errHeadLarge
	errLineLong
	errFieldsMany
	errFieldName
	errLeadingFold
	errControl
	errTwice
	errLength
	errLengthBeyond
	errLengthLarge
	errLengthMissing
	errBareLF
	errBareCR

	// The start line.
	errRequestLine
	errMethod
	errRequestURIBlank
	errRequestURILong
	errRequestURIHeaders
	errVersion
	errNoVersion
	errStatusLine
	errStatusCode

	// Values.
	errEmpty
	errStray
	errTrailing
	errQuote
	errComment
	errParamName
	errParamValue
	errParamTwice
	errParamsMany
	errValueLong
	errTag
	errDisplayName
	errNoBracket
	errOpenBracket
	errQuestion
	errWildcard
	errScheme
	errURI
	errURILong
	errUser
	errHost
	errIPv6
	errPort
	errURIHeader
	errProtocol
	errTransport
	errViasMany
	errCallID
	errNumber
	errNumberLarge
	errCSeqMethod
	errCSeqOther
	errCSeqUnknown
	errMediaType
	errToken
	errQuality
	errZero
	errAuthScheme
	errDate
	errWarning
	errRefresher
	errDialogTags
	errInstance
	errIdentity
	errProduct
	errProtocolTwice
	errBoundary
	errNoDelimiter
	errPartOpen
	errBodyParts
	errNesting

	// The Builder.
	errNoStartLine
	errStartLineTwice
	errFinished
	errOctet
	errWrittenTwice
	errLengthGiven
	errHeaderUnknown
	errName
	errViaLate
	errStatus
	errAbsentURI
	errNegative
	errSequence
	errPartsMany
	errNoContentType
	errNoMethod

	errorCount
)

var errorTexts = [errorCount]string{
	ErrAbsent:            "missing",
	errEmptyMessage:      "empty message",
	errNoBlankLine:       "no blank line ends the header section",
	errHeadLarge:         "header section of more than 32768 octets",
	errLineLong:          "line of more than 8192 octets",
	errFieldsMany:        "more than 256 header fields",
	errFieldName:         "malformed header field name",
	errLeadingFold:       "continuation before the first header field",
	errControl:           "control octet",
	errTwice:             "field more than once",
	errLength:            "not a number of octets",
	errLengthBeyond:      "more octets than the message has",
	errLengthLarge:       "more octets than are accepted",
	errLengthMissing:     "no Content-Length on a stream",
	errBareLF:            "line end without CR on a stream",
	errBareCR:            "CR without LF between messages",
	errRequestLine:       "malformed request line",
	errMethod:            "malformed method",
	errRequestURIBlank:   "blank in the Request-URI or more than one blank in the request line",
	errRequestURILong:    "Request-URI of more than 2048 octets",
	errRequestURIHeaders: "Request-URI with header components",
	errVersion:           "SIP version is not 2.0",
	errNoVersion:         "no SIP version in the request line",
	errStatusLine:        "malformed status line",
	errStatusCode:        "status code is not 100 to 699",
	errEmpty:             "empty value",
	errStray:             "stray separator",
	errTrailing:          "unexpected text after the value",
	errQuote:             "unterminated quoted string",
	errComment:           "unterminated comment",
	errParamName:         "malformed parameter name",
	errParamValue:        "malformed parameter value",
	errParamTwice:        "parameter more than once",
	errParamsMany:        "more than 64 parameters",
	errValueLong:         "value of more than 8192 octets",
	errTag:               "malformed tag",
	errDisplayName:       "malformed display name",
	errNoBracket:         "URI without angle brackets",
	errOpenBracket:       "unterminated angle bracket",
	errQuestion:          "URI with '?' without angle brackets",
	errWildcard:          "'*' among other contacts",
	errScheme:            "malformed URI scheme",
	errURI:               "malformed URI",
	errURILong:           "URI of more than 2048 octets",
	errUser:              "malformed user in URI",
	errHost:              "malformed host",
	errIPv6:              "malformed IPv6 address",
	errPort:              "malformed port",
	errURIHeader:         "malformed header component in URI",
	errProtocol:          "malformed sent-protocol",
	errTransport:         "malformed transport",
	errViasMany:          "more than 128 values",
	errCallID:            "malformed Call-ID",
	errNumber:            "not a number",
	errNumberLarge:       "number above 4294967295",
	errCSeqMethod:        "malformed method",
	errCSeqOther:         "method is not the request's",
	errCSeqUnknown:       "method is not the request's, which is unknown",
	errMediaType:         "malformed media type",
	errToken:             "malformed token",
	errQuality:           "malformed qvalue",
	errZero:              "number is 0",
	errAuthScheme:        "malformed authentication scheme",
	errDate:              "malformed date",
	errWarning:           "malformed warning",
	errRefresher:         "malformed refresher",
	errDialogTags:        "not both tags of a dialog",
	errInstance:          "malformed instance",
	errIdentity:          "malformed identity",
	errProduct:           "malformed product",
	errProtocolTwice:     "protocol more than once",
	errBoundary:          "malformed boundary",
	errNoDelimiter:       "no delimiter starts a body part",
	errPartOpen:          "body part that no delimiter ends",
	errBodyParts:         "more than 256 body parts",
	errNesting:           "body parts nested more than 8 deep",
	errNoStartLine:       "build: no start line",
	errStartLineTwice:    "build: second start line",
	errFinished:          "build: field after the header section's end",
	errOctet:             "build: octet that may not be written",
	errWrittenTwice:      "build: field more than once",
	errLengthGiven:       "build: Content-Length is not the caller's",
	errHeaderUnknown:     "build: unknown header",
	errName:              "build: not a token",
	errViaLate:           "build: Via after other fields",
	errStatus:            "build: status is not 100 to 699",
	errAbsentURI:         "build: no URI",
	errNegative:          "build: negative number",
	errSequence:          "build: CSeq number not below 2^31",
	errPartsMany:         "build: body of more than three parts",
	errNoContentType:     "build: body without a media type",
	errNoMethod:          "build: method unknown or not the request's",
}

// Error returns the description, in lower case, without the header's name.
func (e Error) Error() string {
	if e < errorCount && errorTexts[e] != "" {
		return errorTexts[e]
	}
	return "no error"
}

// Status returns the status to answer a request with: 400, 413, 414, 501, 505 or 513, and 500 for what only
// a Builder returns. A response is dropped instead; [Message.FaultStatus] knows.
func (e Error) Status() Status {
	switch e {
	case errVersion:
		return StatusVersionNotSupported
	case errCSeqUnknown:
		return StatusNotImplemented
	case errRequestURILong:
		return StatusRequestURITooLong
	case errLengthLarge:
		return StatusRequestEntityTooLarge
	case errHeadLarge, errLineLong, errFieldsMany, errViasMany:
		return StatusMessageTooLarge
	}
	if e >= errNoStartLine {
		return StatusServerInternalError
	}
	return StatusBadRequest
}

// orNil is e as an error, nil for no error.
func (e Error) orNil() error {
	if e == 0 {
		return nil
	}
	return e
}

// Fault is where and what the last failed Parse or Check found. The zero Fault is none.
type Fault struct {
	Err    Error
	Header Header // the header field at fault; HeaderUnknown for the start line and the frame
	Offset int    // of the octet at fault, from the first octet given to Parse
}

// String returns the header's name and the description: "To: unterminated quoted string".
func (f Fault) String() string {
	if f.Header == HeaderUnknown {
		return f.Err.Error()
	}
	return f.Header.String() + ": " + f.Err.Error()
}
