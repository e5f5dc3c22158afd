// Ping asks three times by OPTIONS whether somebody is there, and how long an answer takes:
//
//	ping sip:bob@127.0.0.1:5060
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/ringback-sip/ringback/ua"
)

func main() {
	agent, err := ua.New(nil)
	if err != nil {
		log.Fatal(err)
	}
	answers := 0
	for i := range 3 {
		if i > 0 {
			time.Sleep(time.Second)
		}
		ctx, stop := context.WithTimeout(context.Background(), 2*time.Second)
		took, err := agent.Probe(ctx, os.Args[1], nil)
		stop()
		if err != nil {
			fmt.Println("no answer:", err)
			continue
		}
		answers++
		fmt.Println("answered after", took)
	}
	agent.Shutdown(context.Background())
	if answers == 0 {
		os.Exit(1)
	}
}
