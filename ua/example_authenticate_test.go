package ua_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/ringback-sip/ringback/auth"
	"github.com/ringback-sip/ringback/ua"
)

// A server that knows who sends it messages, and two who try.
func ExampleAuthenticate() {
	guard, err := auth.NewServer(&auth.ServerConfig{
		Realm: "example.com",
		Secret: func(username, realm string) (auth.Secret, bool) {
			return auth.Secret{Password: "wonderland"}, username == "alice"
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	server, err := ua.New(&ua.Config{
		Handlers:  []ua.Handler{ua.Authenticate(guard)},
		OnMessage: func(r *ua.Request) { fmt.Printf("%s says %s\n", r.User().Name, r.Message().Body()) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Shutdown(context.Background())

	for _, password := range []string{"wonderland", "guess"} {
		client, err := ua.New(&ua.Config{Credentials: auth.User("alice", password, "example.com")})
		if err != nil {
			fmt.Println(err)
			return
		}
		to := "sip:desk@" + server.Addrs()[0].Addr.String()
		_, err = client.Message(context.Background(), to, ua.Body{Type: "text/plain", Data: []byte("hello")}, nil)
		fmt.Println(errors.Is(err, auth.ErrRejected), err)
		client.Shutdown(context.Background())
	}
	// Output:
	// alice says hello
	// false <nil>
	// true sip: 401 Unauthorized: realm "example.com": the credentials were rejected
}
