package registrar_test

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/ua"
)

// A phone registers, and is called where it is.
func Example() {
	ctx := context.Background()
	reg := registrar.New(nil)
	server, err := ua.New(&ua.Config{Handlers: []ua.Handler{reg}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Shutdown(ctx)
	phone, err := ua.New(&ua.Config{OnCall: func(c *ua.Call) { c.Answer(c.Offer()) }})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer phone.Shutdown(ctx)

	alice := "sip:alice@" + server.Addrs()[0].Addr.String()
	if _, err := phone.Register(ctx, &ua.RegisterOptions{AOR: alice}); err != nil {
		fmt.Println(err)
		return
	}
	uri, err := parser.ParseURI([]byte(alice))
	if err != nil {
		fmt.Println(err)
		return
	}
	bindings, err := reg.Lookup(ctx, uri)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range bindings {
		call, err := server.Call(ctx, alice, ua.Body{Type: "application/sdp", Data: []byte("v=0...")}, &ua.CallOptions{Reach: b.Reach()})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println("alice answered", call.Hangup(ctx))
	}
	// Output: alice answered <nil>
}
