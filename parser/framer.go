package parser

import (
	"bytes"
	"math"
)

// Framer cuts a byte stream into messages by Content-Length (RFC 3261, Section 18.3). It looks at every octet once,
// however the stream is cut into reads, and at no octet of a body. The zero Framer is ready. It allocates nothing and
// holds no bytes.
type Framer struct {
	MaxMessage int // the longest message accepted; 0: the constant MaxMessage

	scanned int   // octets looked at
	line    int   // where the line starts that scanned is in
	length  int   // Content-Length found so far
	pending int   // where the value of the Content-Length starts whose folds may go on, 0: none
	lengths int   // how many Content-Length fields there were
	total   int   // length of the whole message, 0: its header section is not complete
	err     Error // sticks
	late    Error // reported when the header section is complete
	crlf    int   // CRLFs since the last message
	ping    bool
}

// Next says how many octets of buf, which starts at a message's first octet (or at CRLFs between messages) and must be
// given again with more at its end until n > 0, make the next unit: a whole message, or CRLFs between messages, which
// the caller drops (buf[0] is '\r' then, four at least are a ping: RFC 5626, Section 4.4.1; see also Ping). n is 0 when
// more octets are needed.
//
// The error is an [Error] and sticks: the framing is lost. A missing, repeated or unreadable Content-Length, a message
// beyond the limits and a line end without CR are such errors. buf may still hold a header section that Parse reads
// well enough for an answer: a bad Content-Length is reported once the header section is complete.
func (f *Framer) Next(buf []byte) (n int, err error) {
	f.ping = false
	if f.err == 0 && f.total == 0 {
		if n := f.skipCRLF(buf); n > 0 {
			return n, nil
		}
		if f.err == 0 {
			f.scan(buf)
		}
	}
	if f.err != 0 {
		return 0, f.err
	}
	if f.total == 0 || len(buf) < f.total {
		return 0, nil
	}
	n = f.total
	*f = Framer{MaxMessage: f.MaxMessage}
	return n, nil
}

// Ping reports whether the CRLFs that Next returned last completed a double CRLF, which a server answers with one
// CRLF (RFC 5626, Section 4.4.1). It also sees one that came in two reads.
func (f *Framer) Ping() bool { return f.ping }

// skipCRLF returns the length of the CRLFs at the start of buf when no message has begun.
func (f *Framer) skipCRLF(buf []byte) int {
	if f.scanned > 0 || len(buf) == 0 || buf[0] > '\r' {
		return 0
	}
	n := 0
	for n+1 < len(buf) && buf[n] == '\r' && buf[n+1] == '\n' {
		n += 2
		if f.crlf++; f.crlf == 2 {
			f.crlf, f.ping = 0, true
		}
	}
	switch {
	case n > 0:
	case buf[0] == '\n':
		f.err = errBareLF
	case buf[0] == '\r' && len(buf) > 1:
		f.err = errBareCR
	}
	return n
}

// scan looks at the octets of the header section that it has not seen, until the blank line.
func (f *Framer) scan(buf []byte) {
	limit := f.MaxMessage
	if limit <= 0 {
		limit = MaxMessage
	}
	head := buf[:min(len(buf), limit, MaxHead)]
	if len(head) == 1 && head[0] == '\r' {
		return // between messages, half a CRLF
	}
	for f.scanned < len(head) {
		k := bytes.IndexByte(head[f.scanned:], '\n')
		if k < 0 {
			f.scanned = len(head)
			break
		}
		end := f.scanned + k
		f.scanned = end + 1
		if end == 0 || head[end-1] != '\r' {
			f.err = errBareLF
			return
		}
		if f.endLine(head, end-1) {
			f.complete(limit)
			return
		}
		f.line = f.scanned
	}
	if len(buf) > len(head) || len(head) == limit || len(head) == MaxHead {
		f.err = errHeadLarge
	}
}

// endLine takes note of the line that ends at end and reports whether it is the blank one. A Content-Length is
// read when the next line shows that it does not go on.
func (f *Framer) endLine(head []byte, end int) (blank bool) {
	blank = end == f.line
	if !blank && isBlank(head[f.line]) {
		return false
	}
	if f.pending > 0 {
		from, to := trimLWS(head, f.pending, f.line-len("\r\n"))
		n, large, ok := digitsOf(head[from:to], math.MaxInt32)
		if f.lengths++; f.lengths > 1 && f.late == 0 {
			f.late = errTwice
		}
		if !ok {
			f.late = errLength
		} else if large && f.late == 0 {
			f.late = errLengthLarge
		}
		f.length = int(n)
		f.pending = 0
	}
	if !blank && f.line > 0 {
		if h, _, colon, ok := fieldName(head[:end], f.line); ok && h == HeaderContentLength {
			f.pending = colon + 1
		}
	}
	return blank
}

// complete settles the length of the message whose header section ended.
func (f *Framer) complete(limit int) {
	switch {
	case f.late != 0:
		f.err = f.late
	case f.lengths == 0:
		f.err = errLengthMissing
	case f.length > limit-f.scanned:
		f.err = errLengthLarge
	default:
		f.total = f.scanned + f.length
	}
}
