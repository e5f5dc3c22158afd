package ua_test

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// blocked refuses whom a database names, which takes its time.
type blocked struct{ find func(from string) bool }

func (b blocked) Handle(r *ua.Request) bool {
	placed := r.Decide(func() bool {
		from, err := r.Message().From()
		if err != nil || !b.find(string(from.URI().Raw())) {
			return false // whoever comes behind it may have it
		}
		r.Respond(parser.StatusForbidden, nil)
		return true
	})
	if !placed {
		r.Respond(parser.StatusServiceUnavailable, nil)
	}
	return true
}

func ExampleRequest_Decide() {
	list := blocked{func(from string) bool { return from == "sip:mallory@example.com" }}
	desk, _ := ua.New(&ua.Config{
		Handlers:  []ua.Handler{list},
		OnMessage: func(r *ua.Request) { fmt.Printf("heard %q\n", r.Message().Body()) },
	})
	defer desk.Shutdown(context.Background())

	for _, from := range []string{"sip:alice@example.com", "sip:mallory@example.com"} {
		agent, _ := ua.New(&ua.Config{From: from})
		_, err := agent.Message(context.Background(), "sip:desk@"+desk.Addrs()[0].Addr.String(), ua.Body{Type: "text/plain", Data: []byte("hello")}, nil)
		fmt.Println(err)
		agent.Shutdown(context.Background())
	}
	// Output:
	// heard "hello"
	// <nil>
	// sip: 403 Forbidden
}
