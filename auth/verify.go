package auth

import (
	"bytes"
	"crypto/subtle"
	"strconv"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// Verdict is what a Server says about a request.
type Verdict struct {
	// Status is 0 when the request comes from Username. Otherwise it is what to answer: Server.Status with Server.Challenge(Stale, now), or 400.
	Status   parser.Status
	Username string
	// Stale: the password was right, and the nonce has to be replaced.
	Stale bool
}

// maxCredentials bounds the credentials for one realm that are verified: a client shows one.
const maxCredentials = 4

// Verify judges the credentials of m, a request that came in now. Who shows none for this realm is challenged, what is for others is not looked
// at (RFC 3261, Section 22.3), and credentials of the realm that cannot be read or lack what they need are answered 400 (RFC 7616, Section 3.4).
// The same ones verify once.
func (s *Server) Verify(m *parser.Message, now time.Time) Verdict {
	worst := Verdict{Status: s.Status()}
	ours := 0
	for v, err := range m.Auths(credentialsHeader(s.Header())) {
		if err != nil {
			worst.Status = parser.StatusBadRequest
			continue
		}
		if !v.IsDigest() || !s.names(v) { // Basic among them (RFC 8760, Section 2.6)
			continue
		}
		if ours++; ours > maxCredentials {
			break
		}
		verdict := s.judge(v, m, now)
		if verdict.Status == 0 {
			return verdict
		}
		if verdict.Stale || ours == 1 && !worst.Stale && worst.Status != parser.StatusBadRequest {
			worst = verdict
		}
	}
	return worst
}

// names reports whether credentials are for this realm.
func (s *Server) names(v parser.Auth) bool {
	realm, ok := v.Param("realm")
	var room [128]byte
	return ok && string(parser.Unquote(room[:0], realm)) == s.cfg.Realm
}

// given are the parameters of credentials, unquoted.
type given struct {
	username, nonce, uri, response, cnonce, count []byte
	algorithm                                     Algorithm
	qop                                           qop
	has                                           uint8 // bits of the parameters that there have to be, and of the two names of a user
	hashed                                        bool  // userhash=true
	malformed                                     bool
}

const (
	hasUsername = 1 << iota
	hasExtended
	hasNonce
	hasURI
	hasResponse
	hasCnonce
	hasCount
	hasQop
)

// read reads the parameters. Their octets go into room as long as it lasts.
func (g *given) read(v parser.Auth, room []byte) {
	g.algorithm = MD5 // RFC 7616, Section 3.3
	for name, value := range v.Params() {
		from := len(room)
		room = parser.Unquote(room, value)
		text := room[from:len(room):len(room)]
		switch {
		case parser.EqualFold(name, "username"):
			g.username, g.has = text, g.has|hasUsername
		case parser.EqualFold(name, "username*"):
			var ok bool
			g.username, ok = extended(text)
			g.has |= hasExtended
			g.malformed = g.malformed || !ok
		case parser.EqualFold(name, "nonce"):
			g.nonce, g.has = text, g.has|hasNonce
		case parser.EqualFold(name, "uri"):
			g.uri, g.has = text, g.has|hasURI
		case parser.EqualFold(name, "response"):
			g.response, g.has = text, g.has|hasResponse
		case parser.EqualFold(name, "cnonce"):
			g.cnonce, g.has = text, g.has|hasCnonce
		case parser.EqualFold(name, "nc"):
			g.count, g.has = text, g.has|hasCount
		case parser.EqualFold(name, "qop"):
			g.qop, g.has = parseQop(text), g.has|hasQop
		case parser.EqualFold(name, "algorithm"):
			g.algorithm = ParseAlgorithm(text)
		case parser.EqualFold(name, "userhash"):
			g.hashed = parser.EqualFold(text, "true")
		}
	}
}

// extended decodes the value of username*: UTF-8'LANGUAGE'PERCENT-ENCODED (RFC 7616, Section 3.4; RFC 5987, Section 3.2).
func extended(v []byte) ([]byte, bool) {
	charset, rest, ok := bytes.Cut(v, []byte{'\''})
	_, value, more := bytes.Cut(rest, []byte{'\''})
	if !ok || !more || !parser.EqualFold(charset, "UTF-8") {
		return nil, false
	}
	return parser.Unescape(nil, value), true
}

// number returns the nonce count; false when the credentials lack what their qop needs, or what everybody needs (RFC 7616, Section 3.4).
func (g *given) number() (uint32, bool) {
	const needed = hasNonce | hasURI | hasResponse
	named := g.has & (hasUsername | hasExtended)
	if g.malformed || g.has&needed != needed || named == 0 || named == hasUsername|hasExtended {
		return 0, false
	}
	switch {
	case g.algorithm.session() && g.has&hasCnonce == 0, g.qop == qopOther:
		return 0, false
	case g.qop == qopNone: // the older form: each nonce is good once
		return 1, true
	case g.has&hasCnonce == 0 || len(g.count) != 8:
		return 0, false
	}
	n, err := strconv.ParseUint(string(g.count), 16, 32)
	return uint32(n), err == nil
}

// judge verifies one value of m.
func (s *Server) judge(v parser.Auth, m *parser.Message, now time.Time) Verdict {
	var room [512]byte
	var g given
	g.read(v, room[:0])
	n, ok := g.number()
	if !ok {
		return Verdict{Status: parser.StatusBadRequest}
	}
	challenge := Verdict{Status: s.Status()}
	if !s.offers(g.algorithm) || g.hashed || !s.verifies(&g, m) {
		return challenge
	}
	// From here on the sender knows the password: all that can be wrong is the nonce.
	stale := Verdict{Status: s.Status(), Stale: true}
	if !meant(g.uri, m) {
		return challenge
	}
	id, ours := s.nonces.read(g.nonce)
	age := now.UnixNano() - id.stamp
	if !ours || age > int64(s.cfg.Lifetime) || age < -int64(s.cfg.Lifetime) || !s.counts.use(id, n, now) {
		return stale
	}
	return Verdict{Username: string(g.username)}
}

// offers reports whether credentials of the algorithm may be shown.
func (s *Server) offers(a Algorithm) bool {
	for _, o := range s.cfg.Algorithms {
		if a == o && a != 0 {
			return true
		}
	}
	return false
}

// verifies reports whether the response is that of somebody who knows the password. It takes the same work for a wrong password and for a user
// that there is not.
func (s *Server) verifies(g *given, m *parser.Message) bool {
	secret, known := s.cfg.Secret(string(g.username), s.cfg.Realm)
	// An empty password proves nothing: it is what an application has that forgot to set one.
	known = known && secret.has(g.algorithm) && (secret.HA1 != nil || secret.Password != "")
	password := secret.Password
	if !known {
		password = s.nobody
	}
	var room, hash [maxHash]byte
	ha1 := g.algorithm.appendHA1(room[:0], g.username, s.cfg.Realm, password)
	if known && secret.HA1 != nil {
		ha1 = append(room[:0], secret.HA1[g.algorithm.plain()]...)
	}
	method, _, _ := bytes.Cut(m.StartLine(), []byte{' '})
	d := digest{
		algorithm: g.algorithm, qop: g.qop, ha1: ha1, method: method, uri: g.uri, nonce: g.nonce,
		count: g.count, cnonce: g.cnonce, body: m.Body(),
	}
	want := d.append(hash[:0])
	return subtle.ConstantTimeCompare(want, g.response) == 1 && known
}

// meant reports whether credentials for uri may stand in m. It is the Request-URI where no proxy has changed that (RFC 3261, Section 22.4). Tolerated
// is what phones and proxies do:
//
//   - another spelling of the same URI (Section 19.1.4)
//   - the same user of the same host with another scheme, port, parameters or headers: phones leave them away here or there, and for
//     REGISTER some write a user that the Request-URI has not
//   - the URI of To instead: a proxy has sent the request on to somewhere else, and To is what its sender saw
func meant(uri []byte, m *parser.Message) bool {
	requested, err := m.RequestURI()
	if err != nil {
		return false
	}
	if bytes.Equal(uri, requested.Raw()) {
		return true
	}
	u, err := parser.ParseURI(uri)
	if err != nil {
		return false
	}
	if u.Equal(requested) || same(u, requested, m.Method() == parser.MethodRegister) {
		return true
	}
	to, err := m.To()
	return err == nil && same(u, to.URI(), false)
}

// same reports whether two SIP URIs name the same user of the same host; userless: the users do not count.
func same(u, v parser.URI, userless bool) bool {
	if !u.IsSIP() || !v.IsSIP() {
		return false
	}
	return parser.EqualFold(u.Host(), string(v.Host())) && (userless || bytes.Equal(u.User(), v.User()))
}
