package auth

import (
	crand "crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ringback-sip/ringback/parser"
)

// ServerConfig is what a Server needs to know. NewServer copies it.
type ServerConfig struct {
	// Realm is the name of those who share the passwords, which phones show their users: a domain, or with one in it, that is nobody else's
	// (RFC 3261, Section 22.1). It must not be empty.
	Realm string
	// Secret returns the password of a user, which is not empty, or hashes of it, and false for who is none. It must not be nil, must be safe for concurrent
	// use and may block where Verify may: behind ua.Authenticate it does. A user with hashes alone needs one for each of Algorithms that the
	// user's phone may choose.
	Secret func(username, realm string) (Secret, bool)
	// Proxy makes challenges those of a proxy: 407 and Proxy-Authenticate.
	Proxy bool
	// Algorithms are offered in this order, each in a challenge of its own (RFC 8760, Section 2.3). Nil means SHA-256 and MD5: who serves no phone that
	// knows nothing but MD5 leaves that out.
	Algorithms []Algorithm
	// AuthInt offers auth-int as well, where the body counts. What comes with it is verified in any case.
	AuthInt bool
	// Key authenticates the nonces: servers with the same one take each other's, and so does a server after its restart. Nil means a random
	// one.
	Key []byte
	// Lifetime is for how long a nonce is good. Zero means 5m.
	Lifetime time.Duration
	// MaxNonces bounds the nonces whose counts are remembered, about 100 octets each. When there are more, the oldest has to be replaced by its
	// user. Zero means 100000.
	MaxNonces int
}

const (
	defaultLifetime  = 5 * time.Minute
	defaultMaxNonces = 100_000
	minKey           = 16
)

// Server challenges requests and verifies their credentials. Use [NewServer]. Safe for concurrent use.
type Server struct {
	cfg    ServerConfig
	nonces nonces
	counts counts
	nobody string // the password of who is no user
}

// NewServer returns a Server, or what of cfg cannot be used.
func NewServer(cfg *ServerConfig) (*Server, error) {
	if cfg == nil || cfg.Realm == "" || cfg.Secret == nil {
		return nil, errors.New("auth: a server needs a realm and the secrets of its users")
	}
	s := &Server{cfg: *cfg}
	s.cfg.Algorithms, s.cfg.Key = slices.Clone(cfg.Algorithms), slices.Clone(cfg.Key)
	if s.cfg.Algorithms == nil {
		s.cfg.Algorithms = []Algorithm{SHA256, MD5}
	}
	for i, a := range s.cfg.Algorithms {
		if a.String() == "" || slices.Contains(s.cfg.Algorithms[:i], a) {
			return nil, fmt.Errorf("auth: algorithm %d is none, or stands there twice", a)
		}
	}
	for _, c := range []byte(cfg.Realm) {
		if c < ' ' || c == 0x7f {
			return nil, fmt.Errorf("auth: realm %q has control octets", cfg.Realm)
		}
	}
	switch {
	case len(cfg.Realm) > maxParam:
		return nil, errors.New("auth: the realm is too long")
	case s.cfg.Key == nil:
		s.cfg.Key = make([]byte, 32)
		crand.Read(s.cfg.Key) // never fails
	case len(s.cfg.Key) < minKey:
		return nil, fmt.Errorf("auth: a key of %d octets is too short, want %d at least", len(s.cfg.Key), minKey)
	}
	if s.cfg.Lifetime <= 0 {
		s.cfg.Lifetime = defaultLifetime
	}
	if s.cfg.MaxNonces <= 0 {
		s.cfg.MaxNonces = defaultMaxNonces
	}
	s.nobody = crand.Text()
	s.nonces.init(s.cfg.Key, cfg.Realm, func(b []byte) { crand.Read(b) })
	s.counts.most, s.counts.lifetime, s.counts.known = s.cfg.MaxNonces, s.cfg.Lifetime, make(map[nonceID]*window)
	return s, nil
}

// Realm returns the name of those who share the passwords.
func (s *Server) Realm() string { return s.cfg.Realm }

// Status returns that of a challenge: 401, or 407 for a proxy (RFC 3261, Sections 22.2 and 22.3).
func (s *Server) Status() parser.Status {
	if s.cfg.Proxy {
		return parser.StatusProxyAuthenticationRequired
	}
	return parser.StatusUnauthorized
}

// Header returns the header of a challenge.
func (s *Server) Header() parser.Header {
	if s.cfg.Proxy {
		return parser.HeaderProxyAuthenticate
	}
	return parser.HeaderWWWAuthenticate
}

// Credentials returns the header of the credentials that answer a challenge.
func (s *Server) Credentials() parser.Header { return credentialsHeader(s.Header()) }

// Challenge returns the values of the Header fields of a challenge made now, the preferred one first: one for each algorithm (RFC 8760, Section
// 2.3). It stores nothing.
func (s *Server) Challenge(stale bool, now time.Time) []string {
	h := s.Header()
	var room [nonceLength]byte
	nonce := s.nonces.append(room[:0], now)
	qop := "auth" // always there (RFC 8760, Section 2.6)
	if s.cfg.AuthInt {
		qop = "auth,auth-int"
	}
	values := make([]string, 0, len(s.cfg.Algorithms))
	for _, a := range s.cfg.Algorithms {
		b := append(make([]byte, 0, 160), "Digest "...)
		for _, p := range [...]struct {
			name  string
			value []byte
		}{{"realm", quotable(s.cfg.Realm)}, {"nonce", nonce}, {"algorithm", []byte(a.String())}, {"qop", []byte(qop)}} {
			b = parser.AppendAuthParam(b, h, p.name, p.value)
			b = append(b, ", "...)
		}
		if stale {
			b = append(b, "stale=true, "...)
		}
		values = append(values, string(b[:len(b)-2]))
	}
	return values
}

// Nonces returns how many nonces are remembered now.
func (s *Server) Nonces(now time.Time) int { return s.counts.len(now) }
