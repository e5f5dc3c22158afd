package auth

import "github.com/ringback-sip/ringback/parser"

// qop is a quality of protection (RFC 7616, Section 3.3).
type qop uint8

const (
	qopNone qop = iota // the older form, without counts (RFC 2069)
	qopAuth
	qopAuthInt // the body counts as well
	qopOther   // one that is not known here
)

func (q qop) String() string {
	switch q {
	case qopAuth:
		return "auth"
	case qopAuthInt:
		return "auth-int"
	}
	return ""
}

// parseQop reads one value; the absent one is qopNone.
func parseQop(b []byte) qop {
	switch {
	case len(b) == 0:
		return qopNone
	case parser.EqualFold(b, "auth"):
		return qopAuth
	case parser.EqualFold(b, "auth-int"):
		return qopAuthInt
	}
	return qopOther
}

// digest is what a response is computed of. Its strings are unquoted.
type digest struct {
	algorithm Algorithm
	qop       qop
	ha1       []byte // without a session, in hexadecimal
	method    []byte // empty for what the server proves with rspauth (RFC 7616, Section 3.5)
	uri       []byte
	nonce     []byte
	count     []byte // as it stands in nc
	cnonce    []byte
	body      []byte // of qopAuthInt
}

// append appends request-digest to dst (RFC 7616, Section 3.4.1; RFC 2617, Section 3.2.2.1 without qop). It does not allocate while
// the names and nonces are of the usual length.
func (d *digest) append(dst []byte) []byte {
	var room [512]byte
	var hashes [2][maxHash]byte
	a := d.algorithm

	ha1 := d.ha1
	if a.session() {
		b := appendColons(room[:0], ha1, d.nonce, d.cnonce)
		ha1 = a.appendHash(hashes[0][:0], b)
	}
	b := appendColons(room[:0], d.method, d.uri)
	if d.qop == qopAuthInt {
		// An empty body has a hash as well (RFC 8760, Section 2.6).
		b = a.appendHash(append(b, ':'), d.body)
	}
	ha2 := a.appendHash(hashes[1][:0], b)
	if d.qop == qopNone {
		b = appendColons(room[:0], ha1, d.nonce, ha2)
	} else {
		b = appendColons(room[:0], ha1, d.nonce, d.count, d.cnonce)
		b = append(append(b, ':'), d.qop.String()...)
		b = append(append(b, ':'), ha2...)
	}
	return a.appendHash(dst, b)
}

// appendColons appends parts with colons between them.
func appendColons(dst []byte, parts ...[]byte) []byte {
	for i, p := range parts {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, p...)
	}
	return dst
}
