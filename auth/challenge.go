package auth

import (
	"bytes"

	"github.com/ringback-sip/ringback/parser"
)

// maxParam bounds what a challenge makes us keep and send back: a realm, a nonce, an opaque.
const maxParam = 1024

// challenge is one that a server made. It refers to nothing of the message.
type challenge struct {
	header    parser.Header // that the credentials go into
	algorithm Algorithm     // 0: not known here
	named     string        // the algorithm as received, "" when it was left out and is MD5
	qop       qop           // what we would take
	realm     string
	nonce     string
	opaque    string
	opaqued   bool // there is one
	stale     bool
}

// credentialsHeader returns the header of the credentials that answer a challenge in h.
func credentialsHeader(h parser.Header) parser.Header {
	if h == parser.HeaderProxyAuthenticate {
		return parser.HeaderProxyAuthorization
	}
	return parser.HeaderAuthorization
}

// readChallenge reads v, which stood in h; false when it is no Digest challenge that anybody could answer.
func readChallenge(v parser.Auth, h parser.Header) (c challenge, ok bool) {
	if !v.IsDigest() {
		return c, false // Basic among them (RFC 3261, Section 22)
	}
	c = challenge{header: credentialsHeader(h), algorithm: MD5} // RFC 7616, Section 3.3
	realmed, fits := false, true
	for name, value := range v.Params() {
		var room [128]byte
		text := parser.Unquote(room[:0], value)
		fits = fits && len(text) <= maxParam
		switch {
		case parser.EqualFold(name, "realm"):
			c.realm, realmed = string(text), true
		case parser.EqualFold(name, "nonce"):
			c.nonce = string(text)
		case parser.EqualFold(name, "opaque"):
			c.opaque, c.opaqued = string(text), true
		case parser.EqualFold(name, "algorithm"):
			c.algorithm, c.named = ParseAlgorithm(text), string(text)
		case parser.EqualFold(name, "stale"):
			c.stale = parser.EqualFold(text, "true")
		case parser.EqualFold(name, "qop"):
			c.qop = chooseQop(text)
		}
	}
	// A challenge without a nonce is one that nobody can answer.
	return c, realmed && c.nonce != "" && fits
}

// chooseQop chooses of a list of qop values. A list of nothing is none: servers send it, and mean the older form.
func chooseQop(list []byte) qop {
	chosen := qopNone
	for v := range bytes.SplitSeq(list, []byte{','}) {
		switch q := parseQop(bytes.TrimSpace(v)); {
		case q == qopAuth:
			return qopAuth
		case q == qopAuthInt, q == qopOther && chosen == qopNone:
			chosen = q
		}
	}
	return chosen
}
