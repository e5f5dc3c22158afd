package ua_test

import (
	"context"
	"fmt"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// A process that is replaced hands its calls over.
func ExampleAgent_Restore() {
	ctx := context.Background()
	phone, _ := ua.New(&ua.Config{OnCall: func(call *ua.Call) { call.Answer(ua.Body{}) }})
	defer phone.Shutdown(ctx)
	old, err := ua.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	call, err := old.Call(ctx, "sip:bob@"+phone.Addrs()[0].Addr.String(), ua.Body{Type: "application/sdp", Data: []byte("v=0\r\n")}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	kept, err := call.Snapshot() // bytes, for a file or a database
	if err != nil {
		fmt.Println(err)
		return
	}
	die(old) // or: exit, without hanging up

	agent, err := ua.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer agent.Shutdown(ctx)
	restored, err := agent.Restore(ctx, kept, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(restored.State())
	restored.Hangup(ctx)
	fmt.Println("ended:", restored.Err())
	// Output:
	// Confirmed
	// ended: <nil>
}

// Whether a peer is there.
func ExampleAgent_Probe() {
	peer, _ := ua.New(nil)
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(nil)
	defer agent.Shutdown(context.Background())

	_, err := agent.Probe(context.Background(), "sip:bob@"+peer.Addrs()[0].Addr.String(), nil)
	fmt.Println("there:", err == nil)
	// Output: there: true
}

// Both sides say why a call ends.
func ExampleReason() {
	ended := make(chan ua.Reason, 1)
	peer, _ := ua.New(&ua.Config{OnCall: func(call *ua.Call) {
		call.Answer(ua.Body{})
		<-call.Done()
		ended <- call.Reason()
	}})
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(nil)
	defer agent.Shutdown(context.Background())

	call, err := agent.Call(context.Background(), "sip:bob@"+peer.Addrs()[0].Addr.String(), ua.Body{Type: "application/sdp", Data: []byte("v=0\r\n")}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	call.Hangup(context.Background(), ua.Reason{Protocol: "Q.850", Cause: 16, Text: "Normal call clearing"}.Field())
	fmt.Println(<-ended)
	// Output: Q.850 16 Normal call clearing
}

// Keys that are pressed during a call.
func ExampleParseDTMF() {
	peer, _ := ua.New(&ua.Config{
		OnCall: func(call *ua.Call) { call.Answer(ua.Body{}) },
		OnInfo: func(r *ua.Request) {
			m := r.Message()
			key, err := ua.ParseDTMF(ua.Body{Type: string(m.Raw(parser.HeaderContentType)), Data: m.Body()})
			fmt.Printf("%c for %v, %v\n", key.Signal, key.Duration, err)
		},
	})
	defer peer.Shutdown(context.Background())
	agent, _ := ua.New(nil)
	defer agent.Shutdown(context.Background())

	call, err := agent.Call(context.Background(), "sip:bob@"+peer.Addrs()[0].Addr.String(), ua.Body{Type: "application/sdp", Data: []byte("v=0\r\n")}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	call.SendDTMF(context.Background(), ua.DTMF{Signal: '#'})
	call.Hangup(context.Background())
	// Output: # for 160ms, <nil>
}
