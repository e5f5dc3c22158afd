package ua_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/ua"
)

const bob = "sip:bob@example.com"

// established makes a call from p to the agent and acknowledges it. The returned function writes a request inside its dialog.
func (p *probe) established() (inside func(method, cseq string, over ...string) string) {
	p.t.Helper()
	callID, tag := unique(), unique()
	p.send(request("INVITE", bob, "Call-ID: "+callID, "From: <sip:probe@ADDR>;tag="+tag))
	ok := p.want(200)
	to, err := ok.To()
	ours := tagOf(p.t, to, err)
	inside = func(method, cseq string, over ...string) string {
		return request(method, bob, append([]string{
			"Call-ID: " + callID, "From: <sip:probe@ADDR>;tag=" + tag,
			"To: <" + bob + ">;tag=" + ours, "CSeq: " + cseq + " " + method,
		}, over...)...)
	}
	p.send(inside("ACK", "1"))
	return inside
}

func answering(t *testing.T) (*ua.Agent, chan *ua.Call) {
	calls := make(chan *ua.Call, 10)
	return newAgent(t, &ua.Config{
		Listen:    []string{"udp:127.0.0.1:0"},
		OnCall:    func(c *ua.Call) { c.Answer(ua.Body{}); calls <- c },
		OnMessage: func(r *ua.Request) { r.Respond(200, &ua.ResponseOptions{Reason: "Got " + string(r.Message().Body())}) },
	}), calls
}

func TestRequestsInsideACall(t *testing.T) {
	a, calls := answering(t)
	p := newProbe(t, a)
	inside := p.established()
	call := <-calls

	p.send(inside("OPTIONS", "5"))
	p.want(200)
	p.send(inside("OPTIONS", "4"))
	p.want(500) // RFC 3261, Section 12.2.2: lower than the last
	p.send(inside("OPTIONS", "5"))
	p.want(500) // and equal without being a retransmission
	p.send(inside("MESSAGE", "6", "Content-Type: text/plain", "\nhi"))
	if m := p.want(200); string(m.Reason()) != "Got hi" {
		t.Errorf("reason %q, want that of the handler", m.Reason())
	}
	p.send(inside("INFO", "7"))
	p.want(405)
	p.send(inside("OPTIONS", "8", "Require: frob"))
	p.want(420)
	p.send(inside("INVITE", "9"))
	p.send(ackTo(p.want(488)))
	p.send(inside("OPTIONS", "10", "To: <"+bob+">;tag=forged"))
	p.want(481)
	select {
	case <-call.Done():
		t.Fatal("the call ended")
	default:
	}
	p.send(inside("BYE", "11"))
	p.want(200)
	<-call.Done()
	if call.Err() != nil || !call.EndedByPeer() {
		t.Errorf("ended with %v, by the peer %v; want nil, true", call.Err(), call.EndedByPeer())
	}
	p.send(inside("BYE", "12"))
	p.want(481)
}

func TestHangupWaitsForTheAck(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	a := newAgent(t, &ua.Config{Listen: []string{"udp:127.0.0.1:0"}, OnCall: func(c *ua.Call) {
		c.Answer(ua.Body{})
		calls <- c
		c.Hangup(context.Background())
	}})
	p := newProbe(t, a)
	p.send(request("INVITE", bob, "Call-ID: early-bye", "From: <sip:probe@ADDR>;tag=x"))
	ok := p.want(200)
	// RFC 3261, Section 15: no BYE before the ACK. The 200 is what comes again.
	if again := p.receive(); again.Status() != 200 {
		t.Fatalf("got %q before the ACK, want the 200 again", again.StartLine())
	}
	p.send(request("ACK", bob, "Call-ID: early-bye", "From: <sip:probe@ADDR>;tag=x", "To: "+string(ok.Raw(parser.HeaderTo)), "CSeq: 1 ACK"))
	for {
		m := p.receive()
		if m.IsRequest() {
			if m.Method() != parser.MethodBye {
				t.Fatalf("got %q, want BYE", m.StartLine())
			}
			p.send(okTo(m))
			break
		}
	}
	<-(<-calls).Done()
}

// okTo writes a 200 to a request inside a dialog.
func okTo(m *parser.Message) string {
	return "SIP/2.0 200 OK\nVia: " + string(m.Raw(parser.HeaderVia)) + "\nFrom: " + string(m.Raw(parser.HeaderFrom)) +
		"\nTo: " + string(m.Raw(parser.HeaderTo)) + "\nCall-ID: " + string(m.CallID()) + "\nCSeq: " + string(m.Raw(parser.HeaderCSeq)) + "\nContent-Length: 0\n\n"
}

func TestCancelOfARingingCall(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	a := newAgent(t, &ua.Config{Listen: []string{"udp:127.0.0.1:0"}, OnCall: func(c *ua.Call) {
		c.Ring()
		calls <- c
		<-c.Done()
	}})
	p := newProbe(t, a)
	same := []string{"Call-ID: cancelled", "From: <sip:probe@ADDR>;tag=x", "Via: SIP/2.0/UDP ADDR;rport;branch=z9hG4bKcancelled"}
	p.send(request("INVITE", bob, same...))
	to, err := p.want(180).To()
	ringing := tagOf(t, to, err)
	p.send(request("CANCEL", bob, same...))
	for range 2 {
		m := p.receive()
		to, err := m.To()
		if tag := tagOf(t, to, err); tag != ringing {
			t.Errorf("%q has To tag %q, want %q: one for all (RFC 3261, Section 9.2)", m.StartLine(), tag, ringing)
		}
		switch seq, _ := m.CSeq(); {
		case seq.Method == parser.MethodCancel && m.Status() == 200:
		case seq.Method == parser.MethodInvite && m.Status() == 487:
			p.send(strings.Replace(ackTo(m), "ACK "+bob, "ACK "+bob, 1))
		default:
			t.Errorf("got %q to %s", m.StartLine(), seq.Name)
		}
	}
	c := <-calls
	<-c.Done()
	if !errors.Is(c.Err(), ua.ErrCanceled) || !c.EndedByPeer() {
		t.Errorf("ended with %v, by the peer %v; want ErrCanceled, true", c.Err(), c.EndedByPeer())
	}
	if err := c.Answer(ua.Body{}); !errors.Is(err, ua.ErrState) {
		t.Errorf("Answer of a cancelled call: %v, want ErrState", err)
	}
}

// A call that was never acknowledged sends its BYE where the INVITE came from, not to what its Contact names.
func TestUnacknowledgedCallDoesNotByeAStranger(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	a := newAgent(t, &ua.Config{
		Listen: []string{"udp:127.0.0.1:0"}, T1: 10 * time.Millisecond,
		OnCall: func(c *ua.Call) { c.Answer(ua.Body{}); calls <- c },
	})
	p, stranger := newProbe(t, a), newProbe(t, a)
	p.send(request("INVITE", bob, "Contact: <sip:victim@"+stranger.conn.LocalAddr().String()+">"))
	for {
		m := p.receive()
		if m.IsRequest() && m.Method() == parser.MethodBye {
			p.send(okTo(m))
			break
		}
	}
	c := <-calls
	<-c.Done()
	if !errors.Is(c.Err(), ua.ErrNoAck) {
		t.Errorf("ended with %v, want ErrNoAck", c.Err())
	}
	stranger.conn.SetReadDeadline(time.Now())
	if n, _, err := stranger.conn.ReadFrom(make([]byte, 2000)); err == nil {
		t.Errorf("a stranger received %d octets", n)
	}
}
