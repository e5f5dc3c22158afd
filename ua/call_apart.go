package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
)

// asks notes whether a request in d has to be located by asking DNS. Then what the call sends does not run in the reader, which a server
// that is slow to answer would hold for all other calls. The caller holds c.mu.
func (c *Call) asks(d *dialog.Dialog) {
	if named(d.NextHop()) {
		c.apart = true
	}
}

// named reports whether DNS is asked where uri leads.
func named(uri parser.URI) bool {
	host := uri.Host()
	if maddr, ok := uri.Param("maddr"); ok {
		host = maddr
	}
	_, numeric := transport.Literal(host)
	return !numeric && !onlyFlow(uri, 0) && uri.IsSIP()
}
