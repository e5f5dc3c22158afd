package examples_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

// bridged is a program between two agents.
type bridged struct {
	caller *ua.Agent
	to     string        // the program
	called chan *ua.Call // the calls that come out of it
}

func bridge(t *testing.T, callee *ua.Config) *bridged {
	t.Helper()
	b := &bridged{called: make(chan *ua.Call, 10)}
	onCall := callee.OnCall
	callee.OnCall = func(c *ua.Call) { b.called <- c; onCall(c) }
	b.to = start(t, "b2bua", anywhere, "sip:bob@"+address(agent(t, callee))).at()
	b.caller = agent(t, &ua.Config{From: "sip:alice@example.com", OnOffer: func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
		return sdp("alice takes " + string(offer.Data)), nil
	}})
	return b
}

func (b *bridged) ended(t *testing.T, c *ua.Call) {
	t.Helper()
	select {
	case <-c.Done():
	case <-time.After(30 * time.Second):
		t.Fatal("the other leg is not over")
	}
}

func answers(c *ua.Call) {
	c.Progress(parser.StatusSessionProgress, sdp("answer"))
	c.Answer(sdp("answer"))
}

// Both legs are coupled: what rings, what is answered, who hangs up, and who puts the other on hold.
func TestBackToBack(t *testing.T) {
	b := bridge(t, &ua.Config{OnCall: answers, OnOffer: func(_ *ua.Call, offer ua.Body) (ua.Body, error) {
		if string(offer.Data) == "video" {
			return ua.Body{}, &ua.ResponseError{Status: parser.StatusNotAcceptableHere}
		}
		return sdp("bob takes " + string(offer.Data)), nil
	}})
	progress := make(chan parser.Status, 10)
	opts := &ua.CallOptions{OnProgress: func(m *parser.Message) { progress <- m.Status() }}
	for _, hangsUp := range []string{"alice", "bob"} {
		alice, err := b.caller.Call(t.Context(), b.to, sdp("offer"), opts)
		if err != nil {
			t.Fatal(err)
		}
		bob := <-b.called
		if string(alice.Answered().Data) != "answer" || bob.Peer().URI != "sip:alice@example.com" {
			t.Errorf("got %q from %v", alice.Answered().Data, bob.Peer())
		}
		for s := parser.StatusTrying; s != parser.StatusSessionProgress; {
			select {
			case s = <-progress:
			case <-time.After(30 * time.Second):
				t.Fatal("no 183")
			}
		}
		if got, err := alice.Reinvite(t.Context(), sdp("hold")); err != nil || string(got.Data) != "bob takes hold" {
			t.Errorf("alice holds: %q, %v", got.Data, err)
		}
		if got, err := bob.Reinvite(t.Context(), sdp("move")); err != nil || string(got.Data) != "alice takes move" {
			t.Errorf("bob moves: %q, %v", got.Data, err)
		}
		var refused *ua.ResponseError
		if _, err := alice.Reinvite(t.Context(), sdp("video")); !errors.As(err, &refused) || refused.Status != parser.StatusNotAcceptableHere {
			t.Errorf("alice wants video: %v", err)
		}
		first, other := alice, bob
		if hangsUp == "bob" {
			first, other = bob, alice
		}
		first.Hangup(t.Context())
		b.ended(t, other)
		if other.Err() != nil || !other.EndedByPeer() {
			t.Errorf("%s hung up: the other side ended with %v, by its peer %v", hangsUp, other.Err(), other.EndedByPeer())
		}
	}
}

// A refusal and a caller who gives up go through as well.
func TestBackToBackWithoutAnAnswer(t *testing.T) {
	b := bridge(t, &ua.Config{OnCall: func(c *ua.Call) {
		if c.Peer().URI == "sip:busy@example.com" {
			c.Reject(parser.StatusBusyHere)
		}
		c.Ring()
		<-c.Done()
	}})
	var refused *ua.ResponseError
	_, err := b.caller.Call(t.Context(), b.to, sdp("offer"), &ua.CallOptions{From: "sip:busy@example.com"})
	if !errors.As(err, &refused) || refused.Status != parser.StatusBusyHere {
		t.Errorf("got %v, want 486", err)
	}
	<-b.called
	ctx, giveUp := context.WithCancelCause(t.Context())
	why := ua.Reason{Protocol: "SIP", Cause: 200, Text: "Call completed elsewhere"}
	opts := &ua.CallOptions{OnProgress: func(m *parser.Message) {
		if m.Status() == parser.StatusRinging {
			giveUp(why)
		}
	}}
	if _, err := b.caller.Call(ctx, b.to, sdp("offer"), opts); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want Canceled", err)
	}
	bob := <-b.called
	b.ended(t, bob)
	if bob.Reason() != why { // RFC 3326, Section 2
		t.Errorf("bob hears %+v, want %+v", bob.Reason(), why)
	}
	if !errors.Is(bob.Err(), ua.ErrCanceled) {
		t.Errorf("bob's call ended with %v, want ErrCanceled", bob.Err())
	}
}
