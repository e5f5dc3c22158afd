package ua_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func ExampleAgent_Options() {
	peer, _ := ua.New(nil)
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(nil)
	defer agent.Shutdown(context.Background())

	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	answer, err := agent.Options(ctx, "sip:"+peer.Addrs()[0].Addr.String(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d %s, allows %s\n", answer.Status(), answer.Reason(), answer.Raw(parser.HeaderAllow))
	// Output: 200 OK, allows ACK, CANCEL, BYE, OPTIONS, UPDATE, PRACK
}

func ExampleAgent_Message() {
	peer, _ := ua.New(&ua.Config{OnMessage: func(r *ua.Request) {
		fmt.Printf("got %s\n", r.Message().Body())
		r.Respond(202, &ua.ResponseOptions{Header: []ua.Field{{Name: "X-Queue", Value: "7"}}})
	}})
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(&ua.Config{From: "sip:alice@example.com"})
	defer agent.Shutdown(context.Background())

	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	to := "sip:bob@" + peer.Addrs()[0].Addr.String()
	answer, err := agent.Message(ctx, to, ua.Body{Type: "text/plain", Data: []byte("hello")}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status())
	// Output:
	// got hello
	// 202
}

func ExampleResponseError() {
	peer, _ := ua.New(&ua.Config{OnCall: func(c *ua.Call) { c.Reject(parser.StatusBusyHere) }})
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(nil)
	defer agent.Shutdown(context.Background())

	_, err := agent.Call(context.Background(), "sip:bob@"+peer.Addrs()[0].Addr.String(), ua.Body{}, nil)
	var refused *ua.ResponseError
	if errors.As(err, &refused) {
		fmt.Println(refused.Status, err)
	}
	// Output: 486 sip: 486 Busy Here
}

// closed answers every INVITE before the agent sees it.
type closed struct{}

func (closed) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodInvite {
		return false
	}
	r.Respond(parser.StatusTemporarilyUnavailable, &ua.ResponseOptions{Reason: "Closed On Sundays"})
	return true
}

func ExampleHandler() {
	peer, _ := ua.New(&ua.Config{Handlers: []ua.Handler{closed{}}})
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(nil)
	defer agent.Shutdown(context.Background())

	_, err := agent.Call(context.Background(), "sip:bob@"+peer.Addrs()[0].Addr.String(), ua.Body{}, nil)
	fmt.Println(err)
	// Output: sip: 480 Closed On Sundays
}

func ExampleCall_Redirect() {
	mobile, _ := ua.New(&ua.Config{OnCall: func(c *ua.Call) { c.Reject(parser.StatusBusyHere) }})
	defer mobile.Shutdown(context.Background())
	elsewhere := "sip:bob@" + mobile.Addrs()[0].Addr.String()
	home, _ := ua.New(&ua.Config{OnCall: func(c *ua.Call) { c.Redirect(elsewhere) }})
	defer home.Shutdown(context.Background())
	agent, _ := ua.New(&ua.Config{Redirect: func(from, to parser.URI) bool { // nil follows as well
		fmt.Println("from", string(from.User())+" at home to", string(to.User())+" elsewhere")
		return true
	}})
	defer agent.Shutdown(context.Background())

	_, err := agent.Call(context.Background(), "sip:bob@"+home.Addrs()[0].Addr.String(), ua.Body{}, nil)
	fmt.Println(err)
	// Output:
	// from bob at home to bob elsewhere
	// sip: 486 Busy Here
}
