package resolver

import "sync"

// maxSecure bounds the domains that an alarm watches.
const maxSecure = 1024

// alarm remembers which domains offered TLS: "If such records were present, but in later queries cease to appear, it is a sign of a
// potential attack" (RFC 3263, Section 7). The zero alarm knows none. Safe for concurrent use.
type alarm struct {
	mu     sync.Mutex // guards what follows
	secure map[string]struct{}
}

// missed records whether a domain offers TLS, and reports whether it did the last time and does not now.
func (a *alarm) missed(domain string, offers bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	_, did := a.secure[domain]
	switch {
	case !offers:
		delete(a.secure, domain)
		return did
	case did:
		return false
	case a.secure == nil:
		a.secure = make(map[string]struct{})
	case len(a.secure) >= maxSecure:
		for d := range a.secure { // any of them
			delete(a.secure, d)
			break
		}
	}
	a.secure[domain] = struct{}{}
	return false
}
