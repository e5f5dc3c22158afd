package ua_test

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/ua"
)

// A key that is pressed during a call travels by INFO, without a package (RFC 6086, Section 2).
func ExampleCall_Info() {
	ctx := context.Background()
	bob, err := ua.New(&ua.Config{
		Listen: []string{"udp:127.0.0.1:0"},
		OnCall: func(c *ua.Call) { c.Answer(c.Offer()); <-c.Done() },
		OnInfo: func(r *ua.Request) { fmt.Printf("%s", r.Message().Body()) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer bob.Shutdown(ctx)
	alice, err := ua.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer alice.Shutdown(ctx)
	call, err := alice.Call(ctx, "sip:bob@"+bob.Addrs()[0].Addr.String(), ua.Body{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = call.Info(ctx, "", ua.Body{Type: "application/dtmf-relay", Data: []byte("Signal=5\nDuration=160\n")})
	fmt.Println(err)
	call.Hangup(ctx)
	// Output:
	// Signal=5
	// Duration=160
	// <nil>
}
