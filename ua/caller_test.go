package ua_test

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// Two phones answer an INVITE without an offer: each 2xx gets its own ACK, the second a BYE as well, the application
// answers one offer, and a repeated 2xx gets the same ACK (RFC 3261, Section 13.2.2.4).
func TestForkIsAcknowledgedAndHungUp(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		asked := 0
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{Answer: func(offer ua.Body) ua.Body {
			asked++
			return sdpBody("answer to " + string(offer.Data))
		}})
		invite := p.hear("INVITE")
		if len(invite.Body()) != 0 {
			t.Errorf("INVITE has body %q, want none", invite.Body())
		}
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer one")
		ack := p.hear("ACK")
		if tag := toTagOf(t, ack); tag != "one" || string(ack.Body()) != "answer to offer one" {
			t.Errorf("ACK to %q with body %q, want one, with the answer", tag, ack.Body())
		}
		p.reply(invite, "200 OK", "two", contactOfPhone, "\noffer two")
		ack2 := p.hear("ACK")
		if tag := toTagOf(t, ack2); tag != "two" || len(ack2.Body()) != 0 {
			t.Errorf("ACK to %q with body %q, want two, without one", tag, ack2.Body())
		}
		bye := p.hear("BYE")
		if tag := toTagOf(t, bye); tag != "two" {
			t.Errorf("BYE to %q, want two", tag)
		}
		p.reply(bye, "200 OK", "")
		p.seen = map[string]bool{}
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer one")
		if again := p.hear("ACK"); string(again.Bytes()) != string(ack.Bytes()) {
			t.Errorf("the repeated 2xx got\n%s\nwant the ACK of the first:\n%s", again.Bytes(), ack.Bytes())
		}
		if asked != 1 {
			t.Errorf("asked for %d answers, want 1", asked)
		}
		o := <-out
		if o.err != nil {
			t.Fatal(o.err)
		}
		if got := string(o.call.Answered().Data); got != "offer one" {
			t.Errorf("Answered %q, want the offer", got)
		}
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

// A call is answered when its ACK has left.
func TestCallReturnsBehindTheAck(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		release := make(chan struct{})
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{Answer: func(ua.Body) ua.Body {
			<-release
			return sdpBody("answer")
		}})
		p.reply(p.hear("INVITE"), "200 OK", "one", contactOfPhone, "\noffer")
		time.Sleep(time.Second)
		select {
		case <-out:
			t.Error("Call returned before the ACK was made")
		default:
		}
		close(release)
		p.hear("ACK")
		o := <-out
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

// nothing is a Config that says nothing; agentAt adds the sockets.
func nothing() *ua.Config { return &ua.Config{} }

func TestFirstSessionDescriptionIsTheAnswer(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "183 Session Progress", "one", contactOfPhone, "\nfirst")
		p.reply(invite, "200 OK", "one", contactOfPhone, "\nsecond")
		p.hear("ACK")
		o := <-out
		// RFC 3261, Section 13.2.1: what follows in a response to this INVITE is ignored.
		if got := string(o.call.Answered().Data); got != "first" {
			t.Errorf("Answered %q, want first", got)
		}
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

// A 200 that crosses the CANCEL is acknowledged, and then hung up on.
func TestAnswerThatCrossesCancel(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		out := p.called(ctx, sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		synctest.Wait()
		time.Sleep(time.Second)
		cancel()
		if o := <-out; !errors.Is(o.err, context.Canceled) {
			t.Errorf("Call: %v, want ctx's error", o.err)
		}
		c := p.hear("CANCEL")
		if got, want := string(c.Raw(parser.HeaderVia)), string(invite.Raw(parser.HeaderVia)); got != want {
			t.Errorf("CANCEL has Via %q, want %q", got, want)
		}
		p.reply(invite, "200 OK", "one", contactOfPhone)
		p.reply(c, "200 OK", "one")
		p.hear("ACK")
		p.reply(p.hear("BYE"), "200 OK", "")
		time.Sleep(time.Second)
		if s := p.agent.Stats(); s.Calls != 0 || s.Dialogs != 0 {
			t.Errorf("%d calls and %d dialogs after the BYE, want none", s.Calls, s.Dialogs)
		}
	})
}

// No CANCEL leaves before a provisional response (RFC 3261, Section 9.1).
func TestCancelWaitsForAProvisionalResponse(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx, cancel := context.WithCancel(context.Background())
		out := p.called(ctx, sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		cancel()
		<-out
		if m := p.within(3 * time.Second); m != nil {
			t.Errorf("got %q before a provisional response", m.StartLine())
		}
		p.reply(invite, "100 Trying", "")
		p.reply(p.hear("CANCEL"), "200 OK", "one")
		p.reply(invite, "487 Request Terminated", "one")
		p.hear("ACK")
	})
}

// A peer that answers the CANCEL only is given up 64*T1 later.
func TestCancelWithoutFinalResponse(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx, cancel := context.WithCancel(context.Background())
		out := p.called(ctx, sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		time.Sleep(time.Second)
		cancel()
		<-out
		p.reply(p.hear("CANCEL"), "200 OK", "one")
		time.Sleep(31 * time.Second)
		if n := p.agent.Stats().Calls; n != 1 {
			t.Errorf("%d calls before 64*T1, want 1", n)
		}
		time.Sleep(time.Second)
		if s := p.agent.Stats(); s.Calls != 0 || s.Dialogs != 0 || s.ClientTransactions != 0 {
			t.Errorf("%+v after 64*T1, want nothing", s)
		}
	})
}

func TestRingingIsCancelledAfterRingTimeout(t *testing.T) {
	withPhone(t, &ua.Config{RingTimeout: 20 * time.Second}, func(p *phone) {
		start := time.Now()
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		c := p.hear("CANCEL")
		if d := time.Since(start).Round(time.Second); d != 20*time.Second {
			t.Errorf("CANCEL after %v, want 20s", d)
		}
		p.reply(c, "200 OK", "one")
		p.reply(invite, "487 Request Terminated", "one")
		p.hear("ACK")
		if o := <-out; !errors.Is(o.err, ua.ErrCanceled) {
			t.Errorf("Call: %v, want ErrCanceled", o.err)
		}
	})
}

func TestCallEndsAfterMaxDuration(t *testing.T) {
	withPhone(t, &ua.Config{MaxDuration: time.Minute}, func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		p.reply(p.hear("INVITE"), "200 OK", "one", contactOfPhone)
		p.hear("ACK")
		o, start := <-out, time.Now()
		p.reply(p.hear("BYE"), "200 OK", "")
		if d := time.Since(start).Round(time.Second); d != time.Minute {
			t.Errorf("BYE after %v, want 1m", d)
		}
		<-o.call.Done()
		if !errors.Is(o.call.Err(), ua.ErrMaxDuration) || o.call.EndedByPeer() {
			t.Errorf("ended with %v, by the peer %v; want ErrMaxDuration, false", o.call.Err(), o.call.EndedByPeer())
		}
	})
}

// The new INVITE has the header fields, the next number, and the rest as before; a place among the calls is enough for all.
func TestRetryKeepsCallIDAndTag(t *testing.T) {
	withPhone(t, &ua.Config{MaxCalls: 1}, func(p *phone) {
		more := make([]ua.Field, 1, 8)
		more[0] = ua.Field{Name: "Authorization", Value: "Digest x"}
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{
			Header: []ua.Field{{Name: "X-Own", Value: "1"}},
			Retry: func(e *ua.ResponseError) []ua.Field {
				if e.Status != 401 {
					t.Errorf("asked about %d, want 401", e.Status)
				}
				return more
			},
		})
		one := p.hear("INVITE")
		p.reply(one, "401 Unauthorized", "no")
		p.hear("ACK")
		two := p.hear("INVITE")
		if string(two.CallID()) != string(one.CallID()) || string(two.Raw(parser.HeaderFrom)) != string(one.Raw(parser.HeaderFrom)) {
			t.Errorf("Call-ID or From changed:\n%s", two.Bytes())
		}
		if seq, _ := two.CSeq(); seq.Number != 2 {
			t.Errorf("CSeq %d, want 2", seq.Number)
		}
		if string(two.Raw(parser.HeaderAuthorization)) != "Digest x" {
			t.Errorf("no Authorization:\n%s", two.Bytes())
		}
		if spare := more[:2][1]; spare != (ua.Field{}) {
			t.Errorf("the application's slice was written: %v", spare)
		}
		p.reply(two, "200 OK", "one", contactOfPhone)
		ack := p.hear("ACK")
		if seq, _ := ack.CSeq(); seq.Number != 2 || string(ack.Raw(parser.HeaderAuthorization)) != "Digest x" {
			t.Errorf("ACK lacks number or credentials of its INVITE:\n%s", ack.Bytes())
		}
		o := <-out
		if o.err != nil {
			t.Fatal(o.err)
		}
		if _, err := p.agent.Call(context.Background(), phoneURI, ua.Body{}, nil); !errors.Is(err, ua.ErrTooMany) {
			t.Errorf("a second call: %v, want ErrTooMany", err)
		}
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

func TestRetryGivesUp(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		asked := 0
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{Retry: func(*ua.ResponseError) []ua.Field {
			asked++
			return []ua.Field{}
		}})
		for range 4 {
			p.reply(p.hear("INVITE"), "407 Proxy Authentication Required", "no")
			p.hear("ACK")
		}
		var refused *ua.ResponseError
		if o := <-out; !errors.As(o.err, &refused) || refused.Status != 407 {
			t.Errorf("Call: %v, want 407", o.err)
		}
		if asked != 3 {
			t.Errorf("asked %d times, want 3", asked)
		}
	})
}

// large makes an INVITE exceed what UDP may carry.
var large = ua.Body{Type: "application/sdp", Data: []byte(strings.Repeat("v=0\r\n", 300))}

// A large INVITE goes by TCP and says so in Via and Contact (RFC 3261, Section 18.1.1).
func TestLargeInviteGoesByTCP(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ln, err := p.host.Listen(phoneAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		out := p.called(context.Background(), large, nil)
		conn, err := ln.Accept()
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		m := readStream(t, conn)
		via, err := m.Via()
		if err != nil || string(via.Transport()) != "TCP" {
			t.Errorf("Via %q, want TCP", m.Raw(parser.HeaderVia))
		}
		if got, want := string(m.Raw(parser.HeaderContact)), "<sip:ringback@10.0.0.1:5060;transport=tcp>"; got != want {
			t.Errorf("Contact %q, want %q", got, want)
		}
		conn.Write(onWire(replyTo(m, "486 Busy Here", "no")))
		<-out
		if m := p.within(time.Second); m != nil {
			t.Errorf("got %q by UDP as well", m.StartLine())
		}
	})
}

// readStream reads one message.
func readStream(t *testing.T, conn net.Conn) *parser.Message {
	t.Helper()
	var f parser.Framer
	conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	var got []byte
	for buf := make([]byte, 65536); ; {
		n, err := conn.Read(buf)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, buf[:n]...)
		if n, err := f.Next(got); err != nil {
			t.Fatal(err)
		} else if n > 0 {
			m := new(parser.Message)
			if err := m.Parse(got[:n]); err != nil {
				t.Fatal(err)
			}
			return m
		}
	}
}

// A peer that takes no connection gets it by UDP, with a branch of its own.
func TestLargeInviteFallsBackToUDP(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), large, nil)
		invite := p.hear("INVITE")
		via, err := invite.Via()
		if err != nil || string(via.Transport()) != "UDP" {
			t.Errorf("Via %q, want UDP", invite.Raw(parser.HeaderVia))
		}
		if got, want := string(invite.Raw(parser.HeaderContact)), "<sip:ringback@10.0.0.1:5060>"; got != want {
			t.Errorf("Contact %q, want %q", got, want)
		}
		p.reply(invite, "200 OK", "one", contactOfPhone)
		p.hear("ACK")
		o := <-out
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

// The ACK with a large answer goes by TCP as well, and by UDP when the peer, which takes none, repeats its 2xx.
func TestLargeAckFallsBackToUDP(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{Answer: func(ua.Body) ua.Body { return large }})
		invite := p.hear("INVITE")
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer")
		time.Sleep(500 * time.Millisecond)
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer")
		ack := p.within(time.Second)
		if ack == nil {
			t.Fatal("no ACK by UDP")
		}
		if string(ack.Body()) != string(large.Data) {
			t.Errorf("ACK with %d octets, want the answer", len(ack.Body()))
		}
		o := <-out
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

// Just below and above 1300 octets.
func TestSizeAtWhichUDPIsLeft(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ln, err := p.host.Listen(phoneAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		small, _ := sizeByUDP(p, 100)
		fits, got := sizeByUDP(p, 100+1300-small)
		if !got || fits != 1300 {
			t.Fatalf("%d octets by UDP (%v), want 1300", fits, got)
		}
		if n, got := sizeByUDP(p, 100+1301-small); got {
			t.Errorf("%d octets went by UDP", n)
		}
	})
}

// sizeByUDP sends a MESSAGE with a body of n octets and returns its length, false when it does not come by UDP.
func sizeByUDP(p *phone, n int) (int, bool) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go p.agent.Message(ctx, phoneURI, ua.Body{Type: "text/plain;charset=utf-8", Data: make([]byte, n)}, nil)
	m := p.within(time.Second)
	if m == nil {
		return 0, false
	}
	p.reply(m, "200 OK", "one")
	return len(m.Bytes()), true
}

func TestEndedContextSendsNothing(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := p.agent.Call(ctx, phoneURI, ua.Body{}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("Call: %v, want ctx's error", err)
		}
		if _, err := p.agent.Options(ctx, phoneURI, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("Options: %v, want ctx's error", err)
		}
		if m := p.within(time.Minute); m != nil {
			t.Errorf("sent %q", m.StartLine())
		}
	})
}

func TestOptionsTimeOut(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		start := time.Now()
		_, err := p.agent.Options(context.Background(), phoneURI, nil)
		if d := time.Since(start); !errors.Is(err, transaction.ErrTimeout) || d != 32*time.Second {
			t.Errorf("%v after %v, want ErrTimeout after 32s", err, d)
		}
	})
}

// Cancelling a request's context ends its retransmissions.
func TestOptionsStopWithTheirContext(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if _, err := p.agent.Options(ctx, phoneURI, nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Options: %v, want ctx's error", err)
		}
		if n := p.agent.Stats().Transactions; n != 0 {
			t.Errorf("%d transactions afterwards, want 0", n)
		}
	})
}

// Shutdown does not leave anybody waiting.
func TestShutdownReleasesRequests(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		failed := make(chan error, 2)
		go func() {
			_, err := p.agent.Options(context.Background(), phoneURI, nil)
			failed <- err
		}()
		p.hear("OPTIONS")
		p.agent.Shutdown(context.Background())
		if err := <-failed; !errors.Is(err, ua.ErrClosed) {
			t.Errorf("Options: %v, want ErrClosed", err)
		}
		if _, err := p.agent.Options(context.Background(), phoneURI, nil); !errors.Is(err, ua.ErrClosed) {
			t.Errorf("Options after Shutdown: %v, want ErrClosed", err)
		}
		if _, err := p.agent.Call(context.Background(), phoneURI, ua.Body{}, nil); !errors.Is(err, ua.ErrClosed) {
			t.Errorf("Call after Shutdown: %v, want ErrClosed", err)
		}
	})
}

// Shutdown whose context ends drops the calls in any state, and their callers see it.
func TestShutdownDropsCalls(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		var states atomic.Int64
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{OnState: func(dialog.State) { states.Add(1) }})
		p.reply(p.hear("INVITE"), "180 Ringing", "one", contactOfPhone)
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := p.agent.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: %v, want ctx's error", err)
		}
		if o := <-out; !errors.Is(o.err, ua.ErrCanceled) && !errors.Is(o.err, ua.ErrClosed) {
			t.Errorf("Call: %v, want ErrCanceled or ErrClosed", o.err)
		}
		told := states.Load()
		time.Sleep(time.Hour)
		if n := states.Load() - told; n != 0 {
			t.Errorf("told of %d states after Shutdown, want none: its timer runs on", n)
		}
	})
}

// The time that a look-up takes is not taken from the call.
func TestSlowLookupLeavesTimeToAnswer(t *testing.T) {
	locate := func(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
		time.Sleep(time.Minute)
		return transport.LocateLiteral(ctx, uri)
	}
	withPhone(t, &ua.Config{Locate: locate}, func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		time.Sleep(10 * time.Second)
		p.reply(invite, "486 Busy Here", "no")
		var refused *ua.ResponseError
		if o := <-out; !errors.As(o.err, &refused) {
			t.Errorf("Call: %v, want 486", o.err)
		}
	})
}

// A look-up for an ACK keeps nobody else waiting, even when all handlers are at work.
func TestLookupDoesNotHoldTheReader(t *testing.T) {
	var slow atomic.Bool
	locate := func(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
		if slow.Load() {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return transport.LocateLiteral(ctx, uri)
	}
	var hold chan struct{} // of the bubble
	withPhone(t, &ua.Config{Locate: locate, MaxHandlers: 1, OnMessage: func(*ua.Request) { <-hold }}, func(p *phone) {
		hold = make(chan struct{})
		p.send(request("MESSAGE", "sip:a@10.0.0.1"))
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		slow.Store(true)
		p.reply(invite, "200 OK", "one", contactOfPhone)
		synctest.Wait()
		start := time.Now()
		p.send(request("OPTIONS", "sip:a@10.0.0.1"))
		p.hear("200")
		if d := time.Since(start); d > time.Second {
			t.Errorf("OPTIONS answered after %v, while a look-up went on", d)
		}
		close(hold)
		p.hear("200")
		time.Sleep(10 * time.Second) // the look-up failed
		slow.Store(false)
		p.reply(invite, "200 OK", "one", contactOfPhone)
		p.hear("ACK") // and is tried again for the repeated 2xx
		o := <-out
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

// What the application's functions do wrong costs them, not the call.
func TestCallOptionsThatPanic(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{
			OnProgress: func(*parser.Message) { panic("progress") },
			Answer:     func(ua.Body) ua.Body { panic("answer") },
		})
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer")
		p.hear("ACK")
		o := <-out
		if o.err != nil {
			t.Fatal(o.err)
		}
		if n := p.agent.Stats().Panics; n != 2 {
			t.Errorf("%d panics counted, want 2", n)
		}
		go o.call.Hangup(context.Background())
		p.reply(p.hear("BYE"), "200 OK", "")
		<-o.call.Done()
	})
}

func TestLocateThatPanics(t *testing.T) {
	withPhone(t, &ua.Config{Locate: func(context.Context, parser.URI) ([]transport.Target, error) { panic("locate") }}, func(p *phone) {
		if _, err := p.agent.Options(context.Background(), phoneURI, nil); err == nil || !strings.Contains(err.Error(), "Locate") {
			t.Errorf("Options: %v, want an error that names Config.Locate", err)
		}
	})
}

// Requests of a phone that rings: an INVITE is refused, a BYE ends its early dialog and no other (RFC 3261, Sections 14.2 and 15).
func TestRequestsInEarlyDialogs(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		p.reply(invite, "180 Ringing", "two", contactOfPhone)
		time.Sleep(time.Second)
		if n := p.agent.Stats().Dialogs; n != 2 {
			t.Errorf("%d early dialogs, want 2", n)
		}
		p.send(inDialogOf(invite, "one", "INVITE", "1"))
		refused := p.hear("491")
		p.send(ackOf(refused))
		p.send(inDialogOf(invite, "one", "BYE", "2"))
		p.hear("200")
		if n := p.agent.Stats().Dialogs; n != 1 {
			t.Errorf("%d dialogs after a BYE, want 1", n)
		}
		for _, tag := range []string{"three", "four"} {
			p.reply(invite, "180 Ringing", tag, contactOfPhone)
		}
		p.reply(invite, "200 OK", "two", contactOfPhone)
		p.hear("ACK")
		if o := <-out; o.err != nil {
			t.Fatal(o.err)
		}
		p.send(inDialogOf(invite, "three", "BYE", "1"))
		p.hear("200")
		if n := p.agent.Stats().Dialogs; n != 2 {
			t.Errorf("%d dialogs after another phone's BYE, want the call's and one early", n)
		}
		time.Sleep(33 * time.Second)
		if n := p.agent.Stats().Dialogs; n != 1 {
			t.Errorf("%d dialogs 64*T1 after the 2xx, want the call's", n)
		}
		p.send(inDialogOf(invite, "three", "OPTIONS", "1"))
		p.hear("481")
		p.send(inDialogOf(invite, "two", "BYE", "1"))
		p.hear("200")
	})
}

// inDialogOf writes a request of the phone in the dialog that it made with tag.
func inDialogOf(invite *parser.Message, tag, method, cseq string) string {
	return request(method, "sip:ringback@10.0.0.1", "Call-ID: "+string(invite.CallID()), "CSeq: "+cseq+" "+method,
		"From: <"+phoneURI+">;tag="+tag, "To: "+string(invite.Raw(parser.HeaderFrom)))
}

// A second BYE, which comes while the application hears of the first, has an answer of its own.
func TestByeOfACallThatIsOver(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		hold := make(chan struct{})
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{OnState: func(s dialog.State) {
			if s.String() == "Terminated" {
				<-hold
			}
		}})
		invite := p.hear("INVITE")
		p.reply(invite, "200 OK", "one", contactOfPhone)
		p.hear("ACK")
		<-out
		bye := func(cseq, protocol string) string {
			return strings.Replace(inDialogOf(invite, "one", "BYE", cseq), "SIP/2.0/UDP", "SIP/2.0/"+protocol, 1)
		}
		p.send(bye("1", "UDP"))
		conn, err := p.host.Dial(p.t.Context(), "tcp", netip.AddrPort{}, agentAddr)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.Write(onWire(bye("2", "TCP")))
		time.Sleep(time.Second)
		close(hold)
		p.hear("200")
		if m := readStream(t, conn); m.Status() != parser.StatusDoesNotExist {
			t.Errorf("got %q to a second BYE, want 481", m.StartLine())
		}
	})
}

// An agent calls itself: its two ends have different dialogs (RFC 3261, Section 19.3).
func TestHairpinCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		calls := make(chan *ua.Call, 1)
		a := agentAt(t, n.Host(agentAddr.Addr()), agentAddr, &ua.Config{OnCall: func(c *ua.Call) {
			c.Ring()
			c.Answer(sdpBody("answer"))
			calls <- c
		}})
		defer a.Shutdown(context.Background())
		c, err := a.Call(context.Background(), "sip:me@10.0.0.1", sdpBody("offer"), nil)
		if err != nil {
			t.Fatal(err)
		}
		callee := <-calls
		if x, y := c.ID(), callee.ID(); x.LocalTag != y.RemoteTag || x.RemoteTag != y.LocalTag || x.LocalTag == x.RemoteTag {
			t.Errorf("dialogs %v and %v, want the tags swapped", x, y)
		}
		if err := callee.Hangup(context.Background()); err != nil {
			t.Error(err)
		}
		<-c.Done()
		if !c.EndedByPeer() || c.Err() != nil {
			t.Errorf("ended with %v, by the peer %v; want nil, true", c.Err(), c.EndedByPeer())
		}
	})
}
