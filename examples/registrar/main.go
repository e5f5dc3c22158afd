// Registrar knows where its users are, also after a restart, and puts calls for them through to their phones as a redirect:
//
//	registrar udp:127.0.0.1:5060 FOLDER
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/registrar"
	"github.com/ringback-sip/ringback/store"
	"github.com/ringback-sip/ringback/ua"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	bindings, err := store.OpenFile(os.Args[2], nil)
	if err != nil {
		log.Fatal(err)
	}
	defer bindings.Close()
	users := registrar.New(&registrar.Config{Store: bindings}) // ua.Authenticate before it asks for passwords: see guarded
	agent, err := ua.New(&ua.Config{
		Listen:   os.Args[1:2],
		Handlers: []ua.Handler{users},
		OnCall: func(call *ua.Call) {
			uri, err := call.Invite().RequestURI()
			if err != nil {
				return
			}
			places, err := users.Lookup(ctx, uri)
			if err != nil || len(places) == 0 {
				call.Reject(parser.StatusTemporarilyUnavailable)
				return
			}
			call.Redirect(places[0].Contact)
		},
	})
	if err != nil {
		log.Println(err)
		return
	}
	defer agent.Shutdown(context.Background())
	fmt.Println("listening on", agent.Addrs()[0].Addr)
	<-ctx.Done()
}
