package auth

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"

	"github.com/ringback-sip/ringback/parser"
)

// maxRealms bounds what one request carries credentials for, maxTries how often it is sent again: two proxies and a server, each with a
// nonce that grew stale, are six.
const (
	maxRealms = 8
	maxTries  = 8
)

// Exchange is one request through its tries: with credentials for more realms each time, until it has all that it needs. Use [Client.Exchange].
// The nil Exchange has credentials for nothing. Not safe for concurrent use.
type Exchange struct {
	client *Client
	to     string
	callID string
	tries  int
	realms []realm // in the order in which they asked
}

// realm is what the request carries for one: a server's and a proxy's of the same name are two.
type realm struct {
	session  *session
	answered answered
	try      sent
}

func (x *Exchange) space(h parser.Header) space {
	if h == parser.HeaderProxyAuthorization {
		return space{h, x.callID}
	}
	return space{h, x.to}
}

// Write writes the credentials of this try. The request line of b was written before; body is what Builder.Body will be given. Each call
// counts the nonces on: it is for each try once, and the retransmissions of a try are its bytes.
func (x *Exchange) Write(b *parser.Builder, body []byte) {
	if x == nil || len(x.realms) == 0 {
		return
	}
	method, uri := b.RequestLine()
	if uri == nil {
		return // b has an error, or is no request
	}
	// The Builder may move its buffer when a field is written.
	method, uri = slices.Clone(method), slices.Clone(uri)
	var room [512]byte
	for i := range x.realms {
		r := &x.realms[i]
		r.try = sent{uri, r.session.next()}
		b.HeaderBytes(r.session.header, r.session.append(room[:0], method, uri, r.try.count, body))
	}
}

// Challenge takes m, a 401 or 407 to this try. Nil: the request goes again, with the next CSeq number and what Write writes then
// (RFC 3261, Section 22.2). Otherwise that is no use: ErrRejected, ErrNoCredentials or ErrUnsupported, wrapped with the realm.
func (x *Exchange) Challenge(m *parser.Message) error {
	asked := read(m)
	switch {
	case len(asked) == 0:
		return fmt.Errorf("%w: no Digest challenge", ErrUnsupported)
	case x == nil:
		return fmt.Errorf("realm %q: %w", asked[0].realm, ErrNoCredentials)
	}
	var refused []error
	again := false
	for _, a := range asked {
		if err := x.answer(a); err != nil {
			refused = append(refused, err)
		} else {
			again = true
		}
	}
	if x.tries++; x.tries >= maxTries {
		return fmt.Errorf("%w: %d challenges one after the other", ErrRejected, x.tries)
	}
	if again {
		return nil
	}
	return worst(refused)
}

// worst returns the error that says most about what to do: wrong credentials before missing ones.
func worst(errs []error) error {
	for _, kind := range [...]error{ErrRejected, ErrNoCredentials} {
		for _, err := range errs {
			if errors.Is(err, kind) {
				return err
			}
		}
	}
	return errs[0]
}

// asking is what a response asks for one realm: its challenges in the server's order of preference (RFC 8760, Section 2.3).
type asking struct {
	header     parser.Header
	realm      string
	challenges []challenge
}

// read collects the challenges of m by realm. What cannot be read is left out, as is what is too much: 22.3 lets a proxy that forked put all
// that it got into one response.
func read(m *parser.Message) []asking {
	var all []asking
	for _, h := range [...]parser.Header{parser.HeaderWWWAuthenticate, parser.HeaderProxyAuthenticate} {
		for v, err := range m.Auths(h) {
			if err != nil {
				continue
			}
			c, ok := readChallenge(v, h)
			if !ok {
				continue
			}
			i := slices.IndexFunc(all, func(a asking) bool { return a.header == c.header && a.realm == c.realm })
			if i < 0 && len(all) < maxRealms {
				i = len(all)
				all = append(all, asking{header: c.header, realm: c.realm})
			}
			if i >= 0 {
				all[i].challenges = append(all[i].challenges, c)
			}
		}
	}
	return all
}

// answer decides about one realm, and makes its session when there is an answer.
func (x *Exchange) answer(a asking) error {
	i := slices.IndexFunc(x.realms, func(r realm) bool { return r.session.header == a.header && r.session.realm == a.realm })
	known := slices.ContainsFunc(a.challenges, usable)
	stale := slices.ContainsFunc(a.challenges, func(c challenge) bool { return c.stale })
	before := notAnswered
	if i >= 0 {
		before = x.realms[i].answered
	}
	var c Credentials
	d := decide(before, stale, known, true)
	if d == decideAnswer {
		var ok bool
		c, ok = x.client.cfg.Credentials(a.realm)
		d = decide(before, stale, known, ok)
	} else if d == decideAgain {
		c = x.realms[i].session.credentials
	}
	switch d {
	case decideReject:
		return fmt.Errorf("realm %q: %w", a.realm, ErrRejected)
	case decideNone:
		return fmt.Errorf("realm %q: %w", a.realm, ErrNoCredentials)
	case decideIgnore:
		return fmt.Errorf("realm %q: %w", a.realm, ErrUnsupported)
	}
	// The topmost that we support (RFC 8760, Section 2.4).
	k := slices.IndexFunc(a.challenges, func(ch challenge) bool { return usable(ch) && c.fit(ch.algorithm) })
	switch {
	case k < 0:
		return fmt.Errorf("realm %q: %w", a.realm, ErrUnsupported)
	case i < 0 && len(x.realms) >= maxRealms:
		return fmt.Errorf("realm %q: %w: more than %d realms", a.realm, ErrUnsupported, maxRealms)
	}
	r := realm{session: newSession(a.challenges[k], c, x.client.nonce()), answered: before.next(d)}
	if i < 0 {
		x.realms = append(x.realms, r)
		return nil
	}
	x.client.drop(x.space(a.header), x.realms[i].session)
	x.realms[i] = r
	return nil
}

// usable reports whether everything in c is known here.
func usable(c challenge) bool { return c.algorithm != 0 && c.qop != qopOther }

// ErrServer: a server that says it knows the password does not (RFC 7616, Section 3.5).
var ErrServer = errors.New("the server's proof is wrong")

// Answered takes m, a final response that is neither 401 nor 407. What the request carried is remembered for the next one, with the nonce
// that the server asks to be used next; after a 403, which may be about the credentials, it is forgotten. The error is ErrServer: the response
// stands, and is not remembered.
func (x *Exchange) Answered(m *parser.Message) error {
	if x == nil || len(x.realms) == 0 {
		return nil
	}
	if m.Status() == parser.StatusForbidden {
		for _, r := range x.realms {
			x.client.drop(x.space(r.session.header), r.session)
		}
		return nil
	}
	var wrong error
	if m.Has(parser.HeaderAuthenticationInfo) {
		wrong = x.inform(m)
	}
	for _, h := range [...]parser.Header{parser.HeaderAuthorization, parser.HeaderProxyAuthorization} {
		var sessions []*session
		for _, r := range x.realms {
			if r.session.header == h {
				sessions = append(sessions, r.session)
			}
		}
		x.client.remember(x.space(h), sessions)
	}
	return wrong
}

// inform takes Authentication-Info: rspauth is verified, nextnonce begins a new session (RFC 7616, Section 3.5).
func (x *Exchange) inform(m *parser.Message) error {
	v, err := m.AuthenticationInfo()
	if err != nil {
		return nil // nothing that anybody could believe
	}
	i := x.informed(v)
	if i < 0 {
		return nil
	}
	s := x.realms[i].session
	if proof, ok := v.Param("rspauth"); ok {
		want, known := s.proof(v, x.realms[i].try, m.Body())
		var room [maxHash]byte
		if got := parser.Unquote(room[:0], proof); known && subtle.ConstantTimeCompare(got, want) != 1 {
			x.realms = slices.Delete(x.realms, i, i+1)
			x.client.drop(x.space(s.header), s)
			return fmt.Errorf("realm %q: %w", s.realm, ErrServer)
		}
	}
	if next, ok := v.Param("nextnonce"); ok {
		var room [128]byte
		nonce := parser.Unquote(room[:0], next)
		if len(nonce) > 0 && len(nonce) <= maxParam {
			c := s.challenge
			c.nonce = string(nonce)
			x.realms[i].session = newSession(c, s.credentials, x.client.nonce())
		}
	}
	return nil
}

// informed returns the index of the realm that Authentication-Info is about: the one whose cnonce it repeats, else the only server's.
func (x *Exchange) informed(v parser.Auth) int {
	cnonce, named := v.Param("cnonce")
	var room [64]byte
	cnonce = parser.Unquote(room[:0], cnonce)
	found := -1
	for i, r := range x.realms {
		switch {
		case r.session.header != parser.HeaderAuthorization:
		case named && string(cnonce) == r.session.cnonce:
			return i
		case found >= 0:
			return -1
		default:
			found = i
		}
	}
	if named {
		return -1
	}
	return found
}
