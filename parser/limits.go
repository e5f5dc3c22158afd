package parser

// Limits. They are constants because what they guard is the same for everyone: the time and memory that one
// message may take. What depends on a deployment (the length of a message on a stream) is a field of [Framer].
const (
	// MaxHead bounds the header section, start line and blank line included. It keeps every offset in 16 bits
	// with room to spare, and no real message comes near: an INVITE with 34 Vias has 3.5 KiB.
	// Beyond it a request is answered 513.
	MaxHead = 32 << 10

	// MaxLine bounds the start line and each header field with its folds. A field that long is an attack on
	// whoever scans it; certificates and assertions in headers stay below 6 KiB. Beyond it: 513.
	MaxLine = 8 << 10

	// MaxFields bounds the header fields of a message: their indices fit in 8 bits. Beyond it: 513.
	MaxFields = 256

	// MaxVias bounds the Via values of a message. Max-Forwards starts at 70, so that a longer path is a loop or
	// an attempt to be amplified in the response. Beyond it: 513.
	MaxVias = 128

	// MaxParams bounds the parameters of a value or URI, and the header components of a URI: looking for
	// duplicates takes the square of it. Beyond it: 400.
	MaxParams = 64

	// MaxURI bounds a URI. A Request-URI beyond it is answered 414, any other 400.
	MaxURI = 2 << 10

	// MaxMessage is the Framer's bound for a whole message when it is given none: what fits in a datagram.
	// A Content-Length beyond it is answered 413.
	MaxMessage = 65535

	// maxValue bounds the values that ParseURI, ParseNameAddr and ParseVia take: as MaxLine.
	maxValue = MaxLine
)

// inlineFields is how many fields a Message holds without a second allocation. Of the messages of phones and
// proxies that testdata holds, nine of ten have no more.
const inlineFields = 24
