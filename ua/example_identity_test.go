package ua_test

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/ua"
)

// A caller who does not want to be known, and one with a name.
func ExampleIdentity() {
	peer, _ := ua.New(&ua.Config{OnCall: func(call *ua.Call) {
		fmt.Println(call.Peer().Display, call.Peer().URI)
		call.Reject(603)
	}})
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(&ua.Config{From: `"Alice" <sip:alice@example.com>`})
	defer agent.Shutdown(context.Background())

	to := "sip:bob@" + peer.Addrs()[0].Addr.String()
	agent.Call(context.Background(), to, ua.Body{}, nil)
	agent.Call(context.Background(), to, ua.Body{}, &ua.CallOptions{Identity: ua.Identity{Anonymous: true}})
	// Output:
	// Alice sip:alice@example.com
	// Anonymous sip:anonymous@anonymous.invalid
}
