package ua

import (
	"crypto/sha256"

	"github.com/ringback-sip/ringback/dialog"
)

// maxKept is the longest description of the peer's that a call keeps for its life. A hundred thousand INVITEs of 60 kB must not hold six
// gigabytes: of a longer one the call keeps a hash, so that it knows it again.
const maxKept = 4 << 10

// media is what the two sides of one dialog described to each other. The call's lock guards it.
type media struct {
	x      dialog.Exchange
	local  Body               // our last description that counts, the first offer from the start
	remote Body               // the peer's, zero when it is longer than maxKept
	long   *[sha256.Size]byte // then this is its hash
}

// agreed keeps the descriptions of an exchange that is complete.
func (m *media) agreed(local, remote Body) {
	m.local = local
	m.heard(remote)
}

// heard keeps the peer's description.
func (m *media) heard(remote Body) {
	m.remote, m.long = remote, nil
	if len(remote.Data) > maxKept {
		m.remote, m.long = Body{}, remote.hash()
	}
}

// knows reports whether b is the peer's description that counts.
func (m *media) knows(b Body) bool {
	if m.long != nil {
		return len(b.Data) > maxKept && *b.hash() == *m.long
	}
	return m.remote.equal(b)
}

// hash returns a hash of type and data.
func (b Body) hash() *[sha256.Size]byte {
	h := sha256.New()
	h.Write([]byte(b.Type + "\n"))
	h.Write(b.Data)
	return (*[sha256.Size]byte)(h.Sum(nil))
}

// equal reports whether b is the same as o, octet by octet.
func (b Body) equal(o Body) bool { return b.Type == o.Type && string(b.Data) == string(o.Data) }

// mediaOf returns what goes with d, one of the call's dialogs.
func (c *Call) mediaOf(d *dialog.Dialog) *media {
	for _, l := range c.cal.legs {
		if l.dialog == d {
			return &l.media
		}
	}
	if c.role == dialog.Caller {
		return new(media) // of a phone that is gone
	}
	return &c.in.media
}
