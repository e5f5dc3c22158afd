// Call places a call, tells what becomes of it, and hangs up after two seconds, or at an interrupt:
//
//	call sip:bob@127.0.0.1:5060
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

const offer = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\na=inactive\r\n"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	agent, err := ua.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Shutdown(context.Background())
	call, err := agent.Call(ctx, os.Args[1], ua.Body{Type: "application/sdp", Data: []byte(offer)}, &ua.CallOptions{
		OnProgress: func(m *parser.Message) { fmt.Println(m.Status(), string(m.Reason())) },
	})
	var refused *ua.ResponseError
	switch {
	case errors.As(err, &refused):
		fmt.Println("refused:", refused.Status, refused.Reason)
		return
	case err != nil:
		fmt.Println("nobody answered:", err)
		return
	}
	fmt.Println("answered")
	select {
	case <-call.Done():
	case <-ctx.Done():
	case <-time.After(2 * time.Second):
	}
	call.Hangup(context.Background())
	fmt.Println("over, by the peer:", call.EndedByPeer())
}
