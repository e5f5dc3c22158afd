package ua_test

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// A machine speaks before anybody answers: its description comes in a reliable 183, and the 200 has none.
func ExampleCall_Progress() {
	ctx := context.Background()
	bob, err := ua.New(&ua.Config{Listen: []string{"udp:127.0.0.1:0"}, OnCall: func(c *ua.Call) {
		c.Progress(183, ua.Body{Type: "application/sdp", Data: []byte("please hold the line")})
		if c.Acknowledged(ctx) == nil { // the caller has it
			c.Answer(ua.Body{})
		}
		<-c.Done()
	}})
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

	offer := ua.Body{Type: "application/sdp", Data: []byte("v=0")}
	call, err := alice.Call(ctx, "sip:bob@"+bob.Addrs()[0].Addr.String(), offer, &ua.CallOptions{
		OnEarly: func(e *ua.Early, m *parser.Message) {
			fmt.Printf("%d, %s, acknowledged: %v\n", e.Status(), e.Body().Data, e.Acknowledged())
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("answered: %s\n", call.Answered().Data)
	call.Hangup(ctx)
	// Output:
	// 183, please hold the line, acknowledged: true
	// answered: please hold the line
}

// A user moves a call from one phone to another: the second phone's INVITE replaces the call of the first.
func ExampleCallOptions_replaces() {
	ctx := context.Background()
	bob, err := ua.New(&ua.Config{
		Listen: []string{"udp:127.0.0.1:0"},
		OnCall: func(c *ua.Call) { c.Answer(ua.Body{}); <-c.Done() },
		OnReplaces: func(c, old *ua.Call) bool {
			fmt.Println("asked by", c.ReferredBy())
			return c.ReferredBy() == "sip:alice@example.com" // a service asks for more than that
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer bob.Shutdown(ctx)
	phones := make([]*ua.Agent, 2)
	for i := range phones {
		if phones[i], err = ua.New(nil); err != nil {
			fmt.Println(err)
			return
		}
		defer phones[i].Shutdown(ctx)
	}
	to := "sip:bob@" + bob.Addrs()[0].Addr.String()
	first, err := phones[0].Call(ctx, to, ua.Body{}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := phones[1].Call(ctx, to, ua.Body{}, &ua.CallOptions{Replaces: first.Dialog(), ReferredBy: "sip:alice@example.com"})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-first.Done()
	fmt.Println("the first ended, by the peer:", first.EndedByPeer())
	second.Hangup(ctx)
	// Output:
	// asked by sip:alice@example.com
	// the first ended, by the peer: true
}
