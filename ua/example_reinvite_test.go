package ua_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/ringback-sip/ringback/ua"
)

// A caller puts the other side on hold, and hears what it makes of that: the peer's OnOffer answers.
func ExampleCall_Reinvite() {
	sdp := func(direction string) ua.Body {
		return ua.Body{Type: "application/sdp", Data: []byte("v=0\r\n...\r\na=" + direction + "\r\n")}
	}
	phone, err := ua.New(&ua.Config{
		Listen: []string{"udp:127.0.0.1:0"},
		OnCall: func(c *ua.Call) { c.Answer(sdp("sendrecv")) },
		OnOffer: func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
			if strings.Contains(string(offer.Data), "a=sendonly") {
				return sdp("recvonly"), nil
			}
			return sdp("sendrecv"), nil
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer phone.Shutdown(context.Background())
	agent, err := ua.New(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer agent.Shutdown(context.Background())

	call, err := agent.Call(context.Background(), "sip:bob@"+phone.Addrs()[0].Addr.String(), sdp("sendrecv"), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, direction := range []string{"sendonly", "sendrecv"} {
		answer, err := call.Reinvite(context.Background(), sdp(direction))
		fmt.Printf("%s: %s, %v\n", direction, strings.Fields(string(answer.Data))[2], err)
	}
	// An UPDATE without an offer says where we are, and that we are.
	_, err = call.Update(context.Background(), ua.Body{})
	fmt.Println("still there:", err == nil)
	call.Hangup(context.Background())
	// Output:
	// sendonly: a=recvonly, <nil>
	// sendrecv: a=sendrecv, <nil>
	// still there: true
}
