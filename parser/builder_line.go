package parser

import "bytes"

// RequestLine returns the method and the Request-URI of the request that b writes, as they stand in it; nil without one. They are
// valid until b is written to: a digest is about what is really sent (RFC 3261, Section 22.4).
func (b *Builder) RequestLine() (method, uri []byte) {
	if b.err != 0 || b.line.len == 0 || b.state == buildNone {
		return nil, nil
	}
	line := b.buf[b.start:]
	end := bytes.IndexByte(line, '\r')
	method = b.line.of(line)
	from, to := len(method)+len(" "), end-len(" SIP/2.0")
	if from >= to {
		return nil, nil
	}
	return method, line[from:to:to]
}
