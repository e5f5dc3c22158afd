package main

import (
	"context"
	"fmt"
	"os"
	"sync"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// newRingback starts this stack as a server with its default configuration, and returns its address and what it counts.
func newRingback() (string, func() map[string]int, error) {
	agent, err := ua.New(&ua.Config{
		Listen:    []string{"udp:127.0.0.1:0"},
		UserAgent: "ringback",
		Handlers:  []ua.Handler{registrations{}},
		OnCall: func(c *ua.Call) {
			if err := c.Answer(ua.Body{Type: "application/sdp", Data: []byte(offer)}); err != nil {
				fmt.Fprintln(os.Stderr, "load: answer:", err)
			}
		},
	})
	if err != nil {
		return "", nil, err
	}
	return agent.Addrs()[0].Addr.String(), func() map[string]int {
		st := agent.Stats()
		return map[string]int{
			"transactions": st.Transactions, "dialogs": st.Dialogs, "calls": st.Calls, "handlers": st.Handlers,
			"received": int(st.Transport.Received), "repeated": int(st.Transaction.Repeated), "refused": int(st.Transport.Refused + st.Transaction.Refused),
		}
	}, nil
}

// registrations answers REGISTER with 200 and keeps nothing.
type registrations struct{}

func (registrations) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
	}
	if err := r.Respond(parser.StatusOK, nil); err != nil {
		fmt.Fprintln(os.Stderr, "load: register:", err)
	}
	return true
}

// ringbackClient sends OPTIONS with this stack.
type ringbackClient struct{ agent *ua.Agent }

func newRingbackClient() (asker, error) {
	agent, err := ua.New(&ua.Config{Listen: []string{"udp:127.0.0.1:0"}, UserAgent: "ringback"})
	if err != nil {
		return nil, err
	}
	return ringbackClient{agent}, nil
}

func (c ringbackClient) ask(to string) error {
	_, err := c.agent.Options(context.Background(), "sip:echo@"+to, nil)
	return err
}

// asker is a client under measurement.
type asker interface {
	ask(to string) error // sends an OPTIONS and waits for its answer
}

// askAll sends n requests, with at most window under way.
func askAll(a asker, to string, n, window int) error {
	var wait sync.WaitGroup
	var once sync.Once
	var failure error
	for i := range window {
		share := n / window
		if i < n%window {
			share++
		}
		wait.Go(func() {
			for range share {
				if err := a.ask(to); err != nil {
					once.Do(func() { failure = err })
					return
				}
			}
		})
	}
	wait.Wait()
	return failure
}
