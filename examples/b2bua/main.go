// B2bua puts every call through to somebody else, and stays in between: who calls hears what the other side says, either may hang up or
// give up, and an offer that one makes during the call, to hold it or to move its media, is the other one's to answer:
//
//	b2bua udp:127.0.0.1:5060 sip:bob@192.0.2.4
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

func main() {
	var agent *ua.Agent
	var legs sync.Map // *ua.Call of one leg: that of the other
	agent, err := ua.New(&ua.Config{Listen: os.Args[1:2], OnCall: func(in *ua.Call) {
		ctx, giveUp := context.WithCancelCause(context.Background())
		defer giveUp(nil)
		go func() { <-in.Done(); giveUp(in.Reason()) }() // the caller gave up, perhaps saying why
		out, err := agent.Call(ctx, os.Args[2], in.Offer(), &ua.CallOptions{From: in.Peer().URI, OnProgress: func(m *parser.Message) {
			in.Progress(m.Status(), ua.Body{Type: string(m.Raw(parser.HeaderContentType)), Data: m.Body()}) // a 100 is refused: each hop has its own
		}})
		if err != nil {
			refused := &ua.ResponseError{Status: parser.StatusTemporarilyUnavailable}
			errors.As(err, &refused)
			in.Reject(refused.Status)
			return
		}
		legs.Store(in, out)
		legs.Store(out, in)
		defer func() { legs.Delete(in); legs.Delete(out) }()
		in.Answer(out.Answered())
		select {
		case <-in.Done():
		case <-out.Done():
		}
		in.Hangup(ctx) // one of them is over already
		out.Hangup(ctx)
	}, OnOffer: func(c *ua.Call, offer ua.Body) (ua.Body, error) {
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second) // both sides may have asked at once
		defer stop()
		if other, ok := legs.Load(c); ok {
			return other.(*ua.Call).Reinvite(ctx, offer)
		}
		return ua.Body{}, ua.ErrState // refused with 488
	}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", agent.Addrs()[0].Addr)
	select {}
}
