package ua

import "github.com/ringback-sip/ringback/dialog"

// media is what the two sides of one dialog described to each other. The call's lock guards it.
type media struct {
	x      dialog.Exchange
	local  Body // our last description that counts, the first offer from the start
	remote Body // the peer's
}

// agreed keeps the descriptions of an exchange that is complete.
func (m *media) agreed(local, remote Body) { m.local, m.remote = local, remote }

// equal reports whether b is the same as o, octet by octet.
func (b Body) equal(o Body) bool { return b.Type == o.Type && string(b.Data) == string(o.Data) }

// mediaOf returns what goes with d, one of the call's dialogs.
func (c *Call) mediaOf(d *dialog.Dialog) *media {
	for _, l := range c.cal.legs {
		if l.dialog == d {
			return &l.media
		}
	}
	return &c.in.media
}
