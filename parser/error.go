package parser

// Error says what is wrong with a message or a part of it. Its values cost nothing to return:
// anyone can send nothing but bad messages.
type Error uint8

// ErrAbsent: the header field is not there. Every other Error means that it is malformed.
const (
	ErrAbsent Error = iota + 1
	errStub
)

// Error returns the description, in lower case, without the header's name.
func (e Error) Error() string { return "stub" }

// Status returns the status to answer a request with (400, 413, 501, 505, 513).
func (e Error) Status() Status { return 400 }

// Fault is where and what the last failed Parse or Check found.
type Fault struct {
	Err    Error
	Header Header // the header field at fault; HeaderUnknown for the start line and the frame
	Offset int    // of the octet at fault, from the first octet given to Parse
}
