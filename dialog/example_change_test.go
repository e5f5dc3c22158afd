package dialog_test

import (
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
)

// Two re-INVITEs cross: ours is out, so the peer's is refused, and nothing is changed by it.
func ExampleExchange() {
	var x dialog.Exchange
	x.Step(dialog.Local, dialog.CarryInvite, true)
	x.Step(dialog.Remote, dialog.CarrySuccess, true)
	fmt.Println(x)
	fmt.Println(x.Step(dialog.Local, dialog.CarryInvite, true), x)
	fmt.Println(x.Step(dialog.Remote, dialog.CarryInvite, true).Status(), x)
	fmt.Println(x.Step(dialog.Remote, dialog.CarryRefusal, false), x)
	// Output:
	// stable
	// offer stable, local INVITE, local offer in INVITE
	// 491 stable, local INVITE, local offer in INVITE
	// roll back stable
}

// A re-INVITE of ours that the user gives up before anybody answered is cancelled as soon as that is allowed.
func ExampleChange() {
	now := time.Now()
	c := dialog.NewChange(dialog.OurInvite, dialog.Timing{}, now)
	for _, e := range []dialog.Event{
		{Kind: dialog.EventHangup}, {Kind: dialog.EventTrying, Status: parser.StatusTrying}, {Kind: dialog.EventFailure, Status: parser.StatusRequestTerminated},
	} {
		fmt.Println(e.Kind, c.Step(nil, e, now), c.State())
	}
	// Output:
	// hangup [] CancelPending
	// 100 [{send CANCEL 0}] Canceling
	// 3xx-6xx [{ended 487}] Terminated
}

// The peer is to refresh the session every half hour, and does not.
func ExampleSessionTimer() {
	now := time.Now()
	t := dialog.NewSessionTimer(dialog.TimerPolicy{})
	asked := dialog.TimerOffer{Supported: true}
	said, _ := dialog.TimerPolicy{}.Answer(asked)
	t.Answered(asked, said, now)
	fmt.Println(said.Refresher, t.State(), t.Next().Sub(now))
	fmt.Println(t.Step(now.Add(15*time.Minute)), t.Step(t.Next()), t.State())
	// Output:
	// uac Watching 29m28s
	// - send BYE Off
}

// After a 491 the side that made the Call-ID waits longer than the other.
func ExampleGlareWait() {
	fmt.Println(dialog.GlareWait(dialog.Caller, 0), dialog.GlareWait(dialog.Callee, 0))
	// Output: 2.1s 0s
}
