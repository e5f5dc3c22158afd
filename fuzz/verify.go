package fuzz

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
)

// The server of [Verify], for which the corpus holds credentials.
const (
	verifyRealm    = "biloxi.com"
	verifyKey      = "0123456789abcdef"
	verifyUser     = "bob"
	verifyPassword = "zanzibar"
	verifyTime     = 1_767_225_600 // Unix seconds
	verifyLifetime = 5 * 60
)

// verifyServer returns a new one, which has seen nothing.
func verifyServer() (*auth.Server, error) {
	return auth.NewServer(&auth.ServerConfig{
		Realm:      verifyRealm,
		Key:        []byte(verifyKey),
		Algorithms: []auth.Algorithm{auth.SHA512256Sess, auth.SHA512256, auth.SHA256Sess, auth.SHA256, auth.MD5Sess, auth.MD5},
		Secret: func(username, _ string) (auth.Secret, bool) {
			return auth.Secret{Password: verifyPassword}, username == verifyUser
		},
	})
}

// Verify shows data to a server as a request: it verifies only when a slow second computation finds the password in its credentials, and not twice. The
// same request with the credentials that a client has for it verifies, once, and not with one digit changed.
func Verify(data []byte) (used bool, err error) {
	if len(data) > maxInput {
		return false, nil
	}
	var m parser.Message
	if m.Parse(data) != nil || !m.IsRequest() {
		return false, nil
	}
	s, err := verifyServer()
	if err != nil {
		return true, err
	}
	now := time.Unix(verifyTime, 0)
	switch v := s.Verify(&m, now); {
	case v.Status == 0 && v.Stale:
		return true, fmt.Errorf("verified and stale: %+v", v)
	case v.Status == 0:
		used = true
		if !provesNaively(&m, v.Username) {
			return true, fmt.Errorf("verified as %q", v.Username)
		}
		if again := s.Verify(&m, now); again.Status == 0 && len(rowsOf(&m)) < 2 { // another value may be good, too
			return true, fmt.Errorf("verified twice as %q", v.Username)
		}
	case v.Stale:
		used = true
		if !provesNaively(&m, "") {
			return true, fmt.Errorf("stale, without the password")
		}
	case v.Status != parser.StatusUnauthorized && v.Status != parser.StatusBadRequest:
		return true, fmt.Errorf("answered %d", v.Status)
	}
	proved, err := provable(s, &m, now)
	return used || proved, err
}

func rowsOf(m *parser.Message) (rows []string) {
	for v := range m.Values(parser.HeaderAuthorization) {
		rows = append(rows, unfolded(v))
	}
	return rows
}

// provesNaively reports whether one of the credentials of m knows the password. With a username they are to be for that and to have a
// nonce that is good.
func provesNaively(m *parser.Message, username string) bool {
	method, _, _ := strings.Cut(string(m.StartLine()), " ")
	for _, row := range rowsOf(m) {
		_, params, ok := readAuth(row, false)
		if !ok {
			continue
		}
		p := make(map[string]string)
		for _, q := range params {
			p[lower(q.name)] = unquoted(q.value)
		}
		if name, extended := p["username*"]; extended {
			p["username"] = string(parser.Unescape(nil, []byte(name[strings.LastIndexByte(name, '\'')+1:])))
		}
		want := naiveDigest(p, verifyPassword, method, string(m.Body()))
		if want == "" || p["response"] != want || p["realm"] != verifyRealm || p["username"] != verifyUser {
			continue
		}
		if username == "" || username == p["username"] && naiveNonce(p["nonce"], verifyKey, verifyRealm, verifyTime, verifyLifetime) {
			return true
		}
	}
	return false
}

// provable gives m the credentials that a client has, and shows it to s.
func provable(s *auth.Server, m *parser.Message, now time.Time) (used bool, err error) {
	uri, err := m.RequestURI()
	if err != nil {
		return false, nil
	}
	var text strings.Builder
	text.WriteString("SIP/2.0 401 Unauthorized\r\n")
	values := s.Challenge(false, now)
	at := len(m.Bytes()) % len(values) // each algorithm in its turn
	qop := [...]string{`qop="auth"`, `qop="auth-int"`, `x="y"`}[len(m.Body())%3]
	fmt.Fprintf(&text, "%v: %s\r\n\r\n", s.Header(), strings.Replace(values[at], `qop="auth"`, qop, 1))
	var challenge parser.Message
	if err := challenge.Parse([]byte(text.String())); err != nil {
		return true, err
	}
	x := auth.NewClient(&auth.ClientConfig{Credentials: auth.User(verifyUser, verifyPassword)}).Exchange(uri, string(m.CallID()))
	if err := x.Challenge(&challenge); err != nil {
		return true, fmt.Errorf("%s: %w", challenge.Bytes(), err)
	}
	method, _, _ := bytes.Cut(m.StartLine(), []byte{' '})
	var b parser.Builder
	b.RequestNamed(method, uri)
	for f := range m.Fields() {
		if f.Header != parser.HeaderAuthorization {
			b.Copy(f)
		}
	}
	if b.Err() != nil {
		return false, nil // it is not for a Builder to write
	}
	x.Write(&b, m.Body())
	b.Body("", m.Body())
	w, err := b.Wire()
	if err != nil {
		return false, nil
	}
	request := w.AppendTo(nil)
	var again parser.Message
	if err := again.Parse(request); err != nil {
		return false, nil
	}
	for _, want := range []auth.Verdict{{Username: verifyUser}, {Status: parser.StatusUnauthorized, Stale: true}} {
		if v := s.Verify(&again, now); v != want {
			return true, fmt.Errorf("got %+v, want %+v of\n%s", v, want, request)
		}
	}
	if !provesNaively(&again, verifyUser) {
		return true, fmt.Errorf("verified:\n%s", request)
	}
	i := bytes.LastIndex(request, []byte(`response="`)) + len(`response="`)
	request[i] ^= 1 // the digit beside it, or no digit
	if err := again.Parse(request); err != nil {
		return true, err
	}
	if v := s.Verify(&again, now); v.Status == 0 || v.Stale {
		return true, fmt.Errorf("got %+v for\n%s", v, request)
	}
	return true, nil
}
