package ua_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
)

// A fork that lost says nothing about the call, however late: its answer to our UPDATE does not set the call's session timer.
func TestForkThatLostSetsNoTimer(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		opts, early, _ := hearing()
		out := p.called(context.Background(), sdpBody("offer"), opts)
		invite := p.hear("INVITE")
		p.reply(invite, "183 x", "one", reliably(1, "\nanswer one", allowUpdate)...)
		p.prack("one", "1 1 INVITE")
		p.reply(invite, "180 x", "two", contactOfPhone)
		p.silent()
		synctest.Wait()
		one := (*early)[0]
		go one.Update(context.Background(), sdpBody("offer 2"))
		update := p.hear("UPDATE")
		p.reply(invite, "200 OK", "two", contactOfPhone, "\nanswer two")
		p.hear("ACK")
		c := (<-out).call
		p.reply(update, "200 OK", "", contactOfPhone, "Require: timer", "Session-Expires: 90;refresher=uas", "\nanswer 2")
		time.Sleep(2 * time.Minute)
		if c.State() != dialog.Confirmed {
			t.Fatalf("the call is %v, %v", c.State(), c.Err())
		}
		p.bye(c)
	})
}
