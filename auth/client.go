package auth

import (
	"container/list"
	crand "crypto/rand"
	"encoding/hex"
	"errors"
	"slices"
	"sync"

	"github.com/ringback-sip/ringback/parser"
)

// Why a challenge was not answered.
var (
	// ErrRejected: the server has seen the credentials and does not take them.
	ErrRejected = errors.New("the credentials were rejected")
	// ErrNoCredentials: there are none for the realm.
	ErrNoCredentials = errors.New("no credentials for this realm")
	// ErrUnsupported: the server asks for nothing that is known here, or allowed.
	ErrUnsupported = errors.New("no challenge of a supported algorithm")
)

// ClientConfig is what a Client needs to know. NewClient copies it.
type ClientConfig struct {
	// Credentials returns what there is for a realm; false: nothing. Nil has nothing. It must be safe for concurrent use.
	Credentials func(realm string) (Credentials, bool)
	// MaxSpaces bounds the protection spaces whose nonces are remembered; the one that was not used for the longest time is forgotten.
	// Zero means 1000.
	MaxSpaces int
}

const defaultMaxSpaces = 1000

// Client answers the challenges of servers and proxies, and remembers what had success. Use [NewClient]. Safe for concurrent use.
type Client struct {
	cfg  ClientConfig
	rand func([]byte) // crypto/rand but in tests

	mu     sync.Mutex // guards what follows
	spaces map[space]*list.Element
	used   *list.List // of *known, the last used one in front
}

// space is for whom credentials are used again without being asked for: a server's for the same To, a proxy's for the same Call-ID
// (RFC 3261, Sections 22.1 and 22.3).
type space struct {
	header parser.Header
	key    string
}

// known is what had success in a space, one for each realm.
type known struct {
	space    space
	sessions []*session
}

// NewClient returns a Client. A nil cfg is all defaults: it answers nothing.
func NewClient(cfg *ClientConfig) *Client {
	c := &Client{
		rand:   func(b []byte) { crand.Read(b) }, // never fails
		spaces: make(map[space]*list.Element),
		used:   list.New(),
	}
	if cfg != nil {
		c.cfg = *cfg
	}
	if c.cfg.MaxSpaces <= 0 {
		c.cfg.MaxSpaces = defaultMaxSpaces
	}
	return c
}

// nonce makes a cnonce.
func (c *Client) nonce() string {
	var b [12]byte
	c.rand(b[:])
	return hex.EncodeToString(b[:])
}

// Exchange begins a request outside a dialog, or in the dialog whose Call-ID it has. to is the URI of its To. What had success with the same
// To, or the same Call-ID, goes with its first try already. It is nil when ClientConfig.Credentials is.
func (c *Client) Exchange(to parser.URI, callID string) *Exchange {
	if c.cfg.Credentials == nil {
		return nil
	}
	x := &Exchange{client: c, to: string(to.Raw()), callID: callID}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, h := range [...]parser.Header{parser.HeaderAuthorization, parser.HeaderProxyAuthorization} {
		if e := c.spaces[x.space(h)]; e != nil {
			c.used.MoveToFront(e)
			for _, s := range e.Value.(*known).sessions {
				x.realms = append(x.realms, realm{session: s, answered: fromBefore})
			}
		}
	}
	return x
}

// remember takes the sessions of a space that had success.
func (c *Client) remember(s space, sessions []*session) {
	if len(sessions) == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.spaces[s]; e != nil {
		e.Value.(*known).sessions = sessions
		c.used.MoveToFront(e)
		return
	}
	if c.used.Len() >= c.cfg.MaxSpaces {
		c.forget(c.used.Back())
	}
	c.spaces[s] = c.used.PushFront(&known{space: s, sessions: sessions})
}

// drop forgets one session of a space: it has no success any more. The others of the space may.
func (c *Client) drop(s space, old *session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.spaces[s]
	if e == nil {
		return
	}
	k := e.Value.(*known)
	k.sessions = slices.DeleteFunc(slices.Clone(k.sessions), func(s *session) bool { return s == old })
	if len(k.sessions) == 0 {
		c.forget(e)
	}
}

// forget drops a space. The caller holds c.mu.
func (c *Client) forget(e *list.Element) {
	delete(c.spaces, e.Value.(*known).space)
	c.used.Remove(e)
}

// Spaces returns how many protection spaces are remembered.
func (c *Client) Spaces() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used.Len()
}
