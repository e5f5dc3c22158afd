package auth

import "slices"

// Secret is what somebody who proves that they are a user shares with whoever verifies it. The zero Secret is the empty password.
type Secret struct {
	Password string
	// HA1 holds [Algorithm.HA1] for those that keep no passwords, by algorithm; what ends in Sess shares its plain one's. Nil: the
	// password counts. Otherwise it does not, and nothing but these algorithms can be used.
	HA1 map[Algorithm]string
}

// Credentials are what a client has for a realm.
type Credentials struct {
	Username string
	Secret
	// Algorithms are those that may be used. Nil means all of them, MD5 included: who knows that the servers of the realm know better leaves it
	// out (RFC 8760, Section 3).
	Algorithms []Algorithm
}

// fit reports whether a challenge for a may be answered.
func (c *Credentials) fit(a Algorithm) bool {
	return c.has(a) && (c.Algorithms == nil || slices.Contains(c.Algorithms, a))
}

// has reports whether the secret is enough for a.
func (s *Secret) has(a Algorithm) bool {
	return s.HA1 == nil || len(s.HA1[a.plain()]) == a.size()
}

// appendHA1 appends H(A1) of a secret that has what a needs.
func (s *Secret) appendHA1(dst []byte, a Algorithm, username []byte, realm string) []byte {
	if s.HA1 != nil {
		return append(dst, s.HA1[a.plain()]...)
	}
	return a.appendHA1(dst, username, realm, s.Password)
}

// User returns a function for [ClientConfig] that has credentials for the realms listed, all of them without one.
func User(username, password string, realms ...string) func(realm string) (Credentials, bool) {
	return func(realm string) (Credentials, bool) {
		known := len(realms) == 0
		for _, r := range realms {
			known = known || r == realm
		}
		if !known {
			return Credentials{}, false
		}
		return Credentials{Username: username, Secret: Secret{Password: password}}, true
	}
}
