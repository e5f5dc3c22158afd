package parser

// Framer cuts a byte stream into messages by Content-Length (RFC 3261, Section 18.3). It looks at every octet once,
// however the stream is cut into reads.
type Framer struct {
	MaxMessage int // 0: 65535
}

// Next says how many octets of buf, which starts at a message's first octet (or at CRLFs between messages) and must be given again with more
// at its end until n > 0, make the next unit: a whole message, or CRLFs between messages, which the caller drops (buf[0] is '\r' then,
// four at least are a ping: RFC 5626, Section 4.4.1). n is 0 when more octets are needed. After an error the framing is lost;
// buf may still hold a header section that Parse reads well enough for an answer.
func (f *Framer) Next(buf []byte) (n int, err error) { panic("stub") }
