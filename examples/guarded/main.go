// Guarded answers calls and messages of those who know a password, and challenges all others (RFC 3261, Section 22):
//
//	guarded udp:127.0.0.1:5060 alice wonderland
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/ua"
)

func main() {
	name, password := os.Args[2], os.Args[3]
	guard, err := auth.NewServer(&auth.ServerConfig{
		Realm: "example.com",
		Secret: func(user, realm string) (auth.Secret, bool) { // here goes a look into a database
			return auth.Secret{Password: password}, user == name
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	agent, err := ua.New(&ua.Config{
		Listen:    os.Args[1:2],
		Handlers:  []ua.Handler{ua.Authenticate(guard)}, // asked before all that follows
		OnCall:    func(call *ua.Call) { call.Answer(call.Offer()) },
		OnMessage: func(r *ua.Request) { fmt.Printf("%s says %q\n", r.User().Name, r.Message().Body()) },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", agent.Addrs()[0].Addr)
	select {}
}
