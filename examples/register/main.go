// Register keeps an address of record registered until it is interrupted, and answers what is called there:
//
//	register sip:alice@example.com PASSWORD
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	address, password := os.Args[1], os.Args[2]
	uri, err := parser.ParseURI([]byte(address))
	if err != nil {
		log.Fatal(err)
	}
	agent, err := ua.New(&ua.Config{
		From:        address,
		Credentials: auth.User(string(uri.User()), password),
		OnCall:      func(call *ua.Call) { call.Answer(call.Offer()) },
	})
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Shutdown(context.Background())
	registration, err := agent.Register(ctx, nil)
	if err != nil {
		log.Println(err)
		return
	}
	for _, b := range registration.Bindings() {
		fmt.Println("registered", b.URI)
	}
	select {
	case <-ctx.Done():
	case <-registration.Done():
		fmt.Println("the registrar ended it:", registration.Err())
	}
	registration.Unregister(context.Background())
}
