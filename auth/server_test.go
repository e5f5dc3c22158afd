package auth

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// midnight is when the tests' requests come.
var midnight = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// secrets are the users of the tests.
func secrets(username, realm string) (Secret, bool) {
	switch username {
	case "bob":
		return Secret{Password: "zanzibar"}, true
	case "carol":
		return Secret{HA1: map[Algorithm]string{SHA256: SHA256.HA1("carol", realm, "chiwawa")}}, true
	case "J\u00e4s\u00f8n Doe":
		return Secret{Password: "Secret, or not?"}, true
	case "Mufasa":
		return Secret{Password: "Circle of Life"}, true
	case "nopassword":
		return Secret{}, true
	}
	return Secret{}, false
}

func newTestServer(t testing.TB, cfg ServerConfig) *Server {
	t.Helper()
	if cfg.Realm == "" {
		cfg.Realm = "biloxi.com"
	}
	cfg.Secret = secrets
	s, err := NewServer(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	s.nonces.rand = counted()
	return s
}

// asks makes the response with a challenge of s.
func (s *Server) asks(t testing.TB, stale bool, now time.Time) *parser.Message {
	t.Helper()
	var fields []string
	for _, v := range s.Challenge(stale, now) {
		fields = append(fields, s.Header().String()+": "+v)
	}
	return response(t, fmt.Sprint(int(s.Status())), fields...)
}

// requesting makes a request with header fields, and a body behind "\n".
func requesting(t testing.TB, method, uri string, fields ...string) *parser.Message {
	t.Helper()
	body, head := "", strings.Replace(common, "INVITE", method, 1)
	for _, f := range fields {
		if b, ok := strings.CutPrefix(f, "\n"); ok {
			body = b
			continue
		}
		head += f + "\n"
	}
	text := method + " " + uri + " SIP/2.0" + head + fmt.Sprintf("Content-Length: %d\n\n", len(body))
	m := new(parser.Message)
	if err := m.Parse([]byte(strings.ReplaceAll(text, "\n", "\r\n") + body)); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
	return m
}

// answers makes a request with the credentials of x's next try.
func answers(t testing.TB, x *Exchange, method parser.Method, uri, body string) *parser.Message {
	t.Helper()
	return requesting(t, method.String(), uri, append(written(t, x, method, uri, body), "\n"+body)...)
}

// login returns an exchange of bob's that has answered a challenge of s.
func login(t testing.TB, s *Server, now time.Time) *Exchange {
	t.Helper()
	x := newTestClient(ClientConfig{Credentials: User("bob", "zanzibar")}).exchange(t)
	must(t, x.Challenge(s.asks(t, false, now)))
	return x
}

// show describes a verdict.
func (v Verdict) show() string {
	s := fmt.Sprint(int(v.Status))
	if v.Stale {
		s += " stale"
	}
	return strings.TrimSpace(s + " " + v.Username)
}

func wantVerdict(t testing.TB, s *Server, m *parser.Message, now time.Time, want string) {
	t.Helper()
	if got := s.Verify(m, now).show(); got != want {
		t.Errorf("got %s, want %s:\n%s", got, want, m.Bytes())
	}
}

// A challenge has all that it needs, in the right form, strongest algorithm first (RFC 3261, Section 22.4; RFC 8760, Sections 2.3 and 2.6).
func TestChallengeAsWritten(t *testing.T) {
	for _, tt := range []struct {
		name  string
		cfg   ServerConfig
		stale bool
		want  string
	}{
		{"default", ServerConfig{}, false, `Digest realm="biloxi.com", nonce="N", algorithm=SHA-256, qop="auth"|Digest realm="biloxi.com", nonce="N", algorithm=MD5, qop="auth"`},
		{"all set", ServerConfig{Realm: `a "b"\`, Proxy: true, AuthInt: true, Algorithms: []Algorithm{SHA512256Sess}}, true,
			`Digest realm="a \"b\"\\", nonce="N", algorithm=SHA-512-256-sess, qop="auth,auth-int", stale=true`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newTestServer(t, tt.cfg)
			values := s.Challenge(tt.stale, midnight)
			c, ok := readChallenge(firstAuth(t, values[0], s.Header()), s.Header())
			if !ok || len(c.nonce) != nonceLength {
				t.Fatalf("got %q", values)
			}
			if got := strings.ReplaceAll(strings.Join(values, "|"), c.nonce, "N"); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

func firstAuth(t testing.TB, value string, h parser.Header) parser.Auth {
	t.Helper()
	for a, err := range response(t, "401", h.String()+": "+value).Auths(h) {
		must(t, err)
		return a
	}
	t.Fatal("no challenge")
	return parser.Auth{}
}

// No two nonces are alike, made at the same time or not, and nothing is stored for them.
func TestNoncesDiffer(t *testing.T) {
	s := newTestServer(t, ServerConfig{})
	s.nonces.rand = func(b []byte) { clear(b) }
	seen := map[string]bool{}
	for i := range 1000 {
		seen[string(s.nonces.append(nil, midnight.Add(-time.Duration(i)*time.Second)))] = true
	}
	if len(seen) != 1000 {
		t.Errorf("got %d different nonces of 1000", len(seen))
	}
	if n := s.Nonces(midnight); n != 0 {
		t.Errorf("%d nonces are remembered, want none", n)
	}
}

// What could never work, or would not be safe, is refused at the start.
func TestServerConfigIsChecked(t *testing.T) {
	for name, cfg := range map[string]*ServerConfig{
		"nil":             nil,
		"no realm":        {Secret: secrets},
		"no secrets":      {Realm: "a"},
		"control octet":   {Realm: "a\r\nX: y", Secret: secrets},
		"long realm":      {Realm: strings.Repeat("a", maxParam+1), Secret: secrets},
		"short key":       {Realm: "a", Secret: secrets, Key: []byte("short")},
		"no algorithm":    {Realm: "a", Secret: secrets, Algorithms: []Algorithm{0}},
		"other algorithm": {Realm: "a", Secret: secrets, Algorithms: []Algorithm{MD5, 7}},
		"twice":           {Realm: "a", Secret: secrets, Algorithms: []Algorithm{MD5, MD5}},
	} {
		if s, err := NewServer(cfg); err == nil || s != nil {
			t.Errorf("%s: got %v, %v, want an error", name, s, err)
		}
	}
}

func ExampleServer() {
	s, err := NewServer(&ServerConfig{
		Realm: "biloxi.com",
		Secret: func(username, realm string) (Secret, bool) {
			return Secret{Password: "zanzibar"}, username == "bob"
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var m parser.Message
	err = m.Parse([]byte("REGISTER sip:biloxi.com SIP/2.0\r\nAuthorization: Basic Ym9iOnphbnppYmFy\r\n\r\n"))
	now := time.Now()
	v := s.Verify(&m, now)
	fmt.Println(err, int(v.Status), v.Stale, len(s.Challenge(v.Stale, now)))
	// Output: <nil> 401 false 2
}
