package ua_test

import (
	"context"
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registration"
	"github.com/ringback-sip/ringback/ua"
)

// accepting is a registrar that believes everybody and forgets everything.
type accepting struct{}

func (accepting) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
	}
	var bound []ua.Field
	if n, err := r.Message().Expires(); err != nil || n > 0 {
		bound = []ua.Field{{Name: "Contact", Value: string(r.Message().Raw(parser.HeaderContact)) + ";expires=600"}}
	}
	r.Respond(parser.StatusOK, &ua.ResponseOptions{Header: bound})
	return true
}

func ExampleAgent_Register() {
	registrar, _ := ua.New(&ua.Config{Handlers: []ua.Handler{accepting{}}})
	defer registrar.Shutdown(context.Background())

	phone, _ := ua.New(&ua.Config{
		From:        "sip:alice@example.com",
		Credentials: auth.User("alice", "secret"), // for who asks
		OnCall:      func(c *ua.Call) { c.Answer(c.Offer()) },
	})
	defer phone.Shutdown(context.Background())

	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	r, err := phone.Register(ctx, &ua.RegisterOptions{
		Registrar: "sip:" + registrar.Addrs()[0].Addr.String(), // else the domain of From
		OnState:   func(s registration.State, err error) { fmt.Println(s) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(r.Bindings()), "binding")
	r.Unregister(ctx)
	// Unordered output:
	// Trying
	// Registered
	// 1 binding
	// Unregistering
	// Ended
}

func ExampleAgent_RemoveBindings() {
	registrar, _ := ua.New(&ua.Config{Handlers: []ua.Handler{accepting{}}})
	defer registrar.Shutdown(context.Background())
	phone, _ := ua.New(&ua.Config{From: "sip:alice@example.com"})
	defer phone.Shutdown(context.Background())

	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	at := &ua.RegisterOptions{Registrar: "sip:" + registrar.Addrs()[0].Addr.String()}
	left, err := phone.RemoveBindings(ctx, at)
	fmt.Println(len(left), err)
	// Output: 0 <nil>
}
