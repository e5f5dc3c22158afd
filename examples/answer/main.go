// Answer takes every call with the session description that it offered, for as long as the caller likes:
//
//	answer udp:127.0.0.1:5060 tcp:127.0.0.1:5060
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/ringback-sip/ringback/ua"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	agent, err := ua.New(&ua.Config{Listen: os.Args[1:], OnCall: answer})
	if err != nil {
		log.Fatal(err)
	}
	for _, l := range agent.Addrs() {
		fmt.Println("listening on", l.Protocol, l.Addr)
	}
	<-ctx.Done()
	agent.Shutdown(context.Background()) // which hangs up
}

// answer runs for each call, on a goroutine of its own.
func answer(call *ua.Call) {
	fmt.Println("a call by", call.Peer().URI)
	call.Ring()
	call.Answer(call.Offer()) // here goes a session description of your own
	<-call.Done()
	fmt.Println("over:", call.Err())
}
