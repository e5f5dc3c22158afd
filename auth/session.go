package auth

import (
	"strconv"
	"sync/atomic"

	"github.com/ringback-sip/ringback/parser"
)

// session is one nonce of a server and what was sent with it (RFC 7616, Section 3.4). Requests share it. Nothing in it changes but the count.
type session struct {
	challenge
	credentials Credentials
	ha1         string
	cnonce      string
	count       atomic.Uint32
}

// sent is what a server's proof depends on besides the session: of one try.
type sent struct {
	uri   []byte
	count []byte
}

// newSession answers c with credentials that have what its algorithm needs.
func newSession(c challenge, with Credentials, cnonce string) *session {
	var room [maxHash]byte
	return &session{
		challenge:   c,
		credentials: with,
		ha1:         string(with.appendHA1(room[:0], c.algorithm, []byte(with.Username), c.realm)),
		cnonce:      cnonce,
	}
}

// append appends the credentials for one request (RFC 7616, Section 3.4; RFC 8760, Section 2.6). count is next's.
func (s *session) append(dst, method, uri, count, body []byte) []byte {
	d := s.digest(uri, count)
	d.method, d.body = method, body
	var room [maxHash]byte
	response := d.append(room[:0])

	h := s.header
	dst = append(dst, "Digest "...)
	put := func(name string, value []byte) {
		if dst[len(dst)-1] != ' ' {
			dst = append(dst, ", "...)
		}
		dst = parser.AppendAuthParam(dst, h, name, value)
	}
	put("username", quotable(s.credentials.Username))
	put("realm", quotable(s.realm))
	put("nonce", quotable(s.nonce))
	put("uri", uri)
	put("response", response)
	if s.named != "" {
		put("algorithm", []byte(s.named)) // as it came
	}
	switch {
	case s.qop != qopNone:
		put("cnonce", []byte(s.cnonce))
		put("qop", []byte(s.qop.String()))
		put("nc", count)
	case s.algorithm.session():
		put("cnonce", []byte(s.cnonce)) // without which nobody knows A1
	}
	if s.opaqued {
		put("opaque", quotable(s.opaque))
	}
	return dst
}

// quotable returns text so that it is quoted as it is, even when it looks like a quoted string already.
func quotable(text string) []byte {
	b := make([]byte, 0, len(text)+2)
	if len(text) < 2 || text[0] != '"' {
		return append(b, text...)
	}
	b = append(b, '"')
	for i := range len(text) {
		if text[i] == '"' || text[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, text[i])
	}
	return append(b, '"')
}

// next counts the nonce's uses: eight hexadecimal digits.
func (s *session) next() []byte {
	n := uint64(s.count.Add(1))
	return strconv.AppendUint(nil, 1<<32|n, 16)[1:]
}

// digest returns what the digest of a request is computed of, but for method and body.
func (s *session) digest(uri, count []byte) digest {
	return digest{
		algorithm: s.algorithm,
		qop:       s.qop,
		ha1:       []byte(s.ha1),
		uri:       uri,
		nonce:     []byte(s.nonce),
		count:     count,
		cnonce:    []byte(s.cnonce),
	}
}

// proof returns what rspauth has to be in the Authentication-Info v of the response to try, which has body; false when that cannot be said
// (RFC 7616, Section 3.5).
func (s *session) proof(v parser.Auth, try sent, body []byte) ([]byte, bool) {
	d := s.digest(try.uri, try.count)
	d.body = body
	if q, ok := v.Param("qop"); ok {
		var room [16]byte
		d.qop = parseQop(parser.Unquote(room[:0], q))
	}
	if nc, ok := v.Param("nc"); ok {
		d.count = parser.Unquote(nil, nc)
	}
	if d.qop == qopOther {
		return nil, false
	}
	return d.append(nil), true
}
