package ua

import (
	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/transport"
)

// settle lets go of what only the INVITE's transaction needed, which is over: a call of hours remembers the way it came, and no messages. The caller
// holds c.mu.
func (c *Call) settle() {
	if c.role == dialog.Caller {
		c.cal.over, c.cal.set = true, nil
	}
	c.out.Put(func() { // behind the effects that use it
		c.mu.Lock()
		defer c.mu.Unlock()
		var way *transport.Hop
		switch {
		case c.in.tx != nil:
			way, _ = c.in.tx.Conn().(*transport.Hop)
			c.in.tx = nil
		case c.cal.out != nil && c.cal.out.only() == (transport.Flow{}):
			way = c.cal.out.way()
			if !c.agent.cfg.KeepInvite {
				c.cal.out = nil
			}
		}
		if way != nil && way.Protocol() != transport.UDP { // which leads everywhere
			c.way = way
		}
		for _, l := range c.cal.legs {
			l.ack = nil
		}
	})
}
