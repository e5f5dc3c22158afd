package ua_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// timed reads the words of an agent that are about session timers: expires=DURATION and least=DURATION.
func timed(args []string, cfg *ua.Config) error {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, "=")
		var field *time.Duration
		switch name {
		case "expires":
			field = &cfg.SessionExpires
		case "least":
			field = &cfg.MinSE
		default:
			continue
		}
		d, err := time.ParseDuration(value)
		if err != nil {
			return fmt.Errorf("%s: %w", arg, err)
		}
		*field = d
	}
	return nil
}

// offered answers what changes the session.
func (a *actor) offered(_ *ua.Call, offer ua.Body) (ua.Body, error) {
	body := a.answer(offer)
	if body.Data == nil {
		return body, errors.New("an offer that cannot be read")
	}
	return body, nil
}

// change does what a step says about the session of a call; false for another verb. What becomes of it shows in the ladder.
func (a *actor) change(verb string) bool {
	offer := ua.Body{Type: "application/sdp", Data: siptest.SDP(a.addr)}
	change := (*ua.Call).Reinvite
	switch verb {
	case "holds":
		offer.Data = append(offer.Data, "a=sendonly\r\n"...)
	case "resumes":
	case "wants an offer":
		offer = ua.Body{}
	case "updates":
		change = (*ua.Call).Update
	case "moves":
		change, offer = (*ua.Call).Update, ua.Body{}
	case "gives up holding":
		change = func(c *ua.Call, ctx context.Context, offer ua.Body) (ua.Body, error) {
			ctx, stop := context.WithTimeout(ctx, 5*time.Second)
			defer stop()
			return c.Reinvite(ctx, offer)
		}
	default:
		return false
	}
	a.soon(func(c *ua.Call) error {
		a.running.Go(func() { change(c, context.Background(), offer) })
		return nil
	})
	return true
}
