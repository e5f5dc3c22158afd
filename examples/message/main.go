// Message sends an instant message and says what became of it (RFC 3428); without a text it prints what comes:
//
//	message udp:127.0.0.1:5060
//	message sip:bob@127.0.0.1:5060 'Dinner?'
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func main() {
	if len(os.Args) == 2 {
		receive(os.Args[1])
		return
	}
	agent, err := ua.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := context.WithTimeout(context.Background(), 10*time.Second)
	defer stop()
	answer, err := agent.Message(ctx, os.Args[1], ua.Body{Type: "text/plain;charset=UTF-8", Data: []byte(os.Args[2])}, nil)
	switch {
	case err != nil:
		fmt.Println("not delivered:", err)
	case answer.Status() == parser.StatusAccepted:
		fmt.Println("on its way")
	default:
		fmt.Println("delivered")
	}
	agent.Shutdown(context.Background())
}

// receive prints messages. Each is answered 200 when print returns.
func receive(listen string) {
	print := func(r *ua.Request) { fmt.Printf("%q\n", r.Message().Body()) }
	agent, err := ua.New(&ua.Config{Listen: []string{listen}, OnMessage: print})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", agent.Addrs()[0].Addr)
	select {}
}
