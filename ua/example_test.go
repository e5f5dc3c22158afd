package ua_test

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// A program that answers every call.
func Example_callee() {
	agent, err := ua.New(&ua.Config{
		Listen: []string{"udp:127.0.0.1:0", "tcp:127.0.0.1:0"},
		OnCall: func(call *ua.Call) {
			call.Ring()
			call.Answer(call.Offer()) // here goes a session description of your own
			<-call.Done()
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer agent.Shutdown(context.Background())
	fmt.Println("listening on", len(agent.Addrs()), "sockets")
	// Output: listening on 2 sockets
}

// A program that makes a call.
func Example_caller() {
	callee, _ := ua.New(&ua.Config{OnCall: func(call *ua.Call) { call.Answer(ua.Body{}) }})
	defer callee.Shutdown(context.Background())
	to := "sip:bob@" + callee.Addrs()[0].Addr.String()

	agent, err := ua.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer agent.Shutdown(context.Background())
	ctx, stop := context.WithTimeout(context.Background(), 30*time.Second)
	defer stop()
	call, err := agent.Call(ctx, to, ua.Body{Type: "application/sdp", Data: siptest.SDP(netip.MustParseAddr("127.0.0.1"))}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("answered")
	call.Hangup(ctx)
	fmt.Println("ended:", call.Err())
	// Output:
	// answered
	// ended: <nil>
}
