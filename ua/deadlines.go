package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/transport"
)

// Deadlines returns a transport.Deadline for every state of a request that may outlast its transaction, with the zero Config. Those of
// calls are in package dialog.
func Deadlines() []transport.Deadline {
	a := Agent{cfg: (*Config)(nil).withDefaults()}
	return []transport.Deadline{
		{Machine: "request", State: "locating for nobody who waits", Bound: lookup, End: "-> not sent; an ACK again with the next repeat of the 2xx"},
		{Machine: "request", State: "trying targets", Bound: a.failover(), End: "-> no other target after this one's transaction"},
		{Machine: "our re-INVITE", State: "waiting after 491", Bound: dialog.GlareWait(dialog.Caller, 190), End: "-> sent again, while somebody waits for it"},
		{Machine: "call", State: "keeping its INVITE's transaction", Bound: 64 * a.cfg.T1, End: "-> let go of, but for the way it came"},
		{Machine: "restored call", State: "probing", Bound: lookup + a.failover() + 64*a.cfg.T1, End: "BYE -> over, with the cause"},
	}
}
