package ua_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/dialog"
	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// The answers to a BYE and to others, and the ACK, do not wait for an application that takes its time to hear of a call.
func TestSlowHooksDelayNoMessage(t *testing.T) {
	for name, locate := range map[string]func(context.Context, parser.URI) ([]transport.Target, error){"literal": nil, "names": literal} {
		t.Run(name, func(t *testing.T) {
			cfg := nothing()
			cfg.Locate = locate
			withPhone(t, cfg, func(p *phone) {
				hold := make(chan struct{})
				out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{
					OnProgress: func(*parser.Message) { <-hold },
					OnState:    func(dialog.State) { <-hold },
				})
				at := time.Now()
				soon := func(what string) {
					t.Helper()
					p.hear(what)
					if d := time.Since(at); d > 100*time.Millisecond {
						t.Errorf("%s came after %v", what, d)
					}
				}
				invite := p.hear("INVITE")
				p.reply(invite, "180 Ringing", "one", contactOfPhone)
				p.reply(invite, "200 OK", "one", contactOfPhone)
				soon("ACK")
				p.send(request("OPTIONS", "sip:me@10.0.0.1"))
				soon("200")
				p.send(inDialogOf(invite, "one", "BYE", "1"))
				soon("200")
				if n := p.agent.Stats().Calls; n != 0 {
					t.Errorf("%d calls are left that only the application still hears of", n)
				}
				close(hold)
				if o := <-out; o.err != nil {
					t.Error(o.err)
				}
			})
		})
	}
}

// Call returns when the application has heard of all that led to the answer, Hangup when it has heard of the end, and it
// hears of everything in order.
func TestHooksRunInOrderAndBeforeCallAndHangupReturn(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		var mu sync.Mutex
		var heard []string
		note := func(s string) {
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, s)
		}
		out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{
			OnProgress: func(m *parser.Message) { note(string(m.Reason())) },
			OnState:    func(s dialog.State) { note(s.String()) },
		})
		invite := p.hear("INVITE")
		p.reply(invite, "180 Ringing", "one", contactOfPhone)
		p.reply(invite, "183 Session Progress", "one", contactOfPhone)
		p.reply(invite, "200 OK", "one", contactOfPhone)
		p.hear("ACK")
		o := <-out
		mu.Lock()
		if want := []string{"Ringing", "Proceeding", "Session Progress", "Confirmed"}; !slices.Equal(heard, want) {
			t.Errorf("when Call returned: heard %q, want %q", heard, want)
		}
		mu.Unlock()
		ended := make(chan error)
		go func() { ended <- o.call.Hangup(context.Background()) }()
		p.reply(p.hear("BYE"), "200 OK", "")
		if err := <-ended; err != nil {
			t.Errorf("Hangup: %v", err)
		}
		mu.Lock()
		defer mu.Unlock()
		want := []string{"Ringing", "Proceeding", "Session Progress", "Confirmed", "Ending", "Terminated"}
		if !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
	})
}

// The ACK waits for the answer that it carries, and everything that must follow the ACK waits with it.
func TestSlowAnswerHoldsTheAckAlone(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{Answer: func(ua.Body) ua.Body {
			time.Sleep(5 * time.Second)
			return sdpBody("answer")
		}})
		invite := p.hear("INVITE")
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer")
		synctest.Wait()
		select {
		case <-out:
			t.Error("Call returned before its ACK was sent")
		default:
		}
		p.reply(invite, "200 OK", "one", contactOfPhone, "X-Again: 1", "\noffer")
		if m := p.within(4 * time.Second); m != nil {
			t.Errorf("%q was sent before the answer was made", m.StartLine())
		}
		p.send(request("OPTIONS", "sip:me@10.0.0.1"))
		p.hear("200")
		if ack := p.hear("ACK"); string(ack.Body()) != "answer" {
			t.Errorf("the ACK carries %q", ack.Body())
		}
		o := <-out
		if o.err != nil {
			t.Fatal(o.err)
		}
		p.send(inDialogOf(invite, "one", "BYE", "1"))
		p.hear("200")
	})
}

// A caller that gives up while its application makes the answer still acknowledges before it hangs up.
func TestByeFollowsASlowAck(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		ctx, cancel := context.WithCancel(context.Background())
		out := p.called(ctx, ua.Body{}, &ua.CallOptions{Answer: func(ua.Body) ua.Body {
			time.Sleep(5 * time.Second)
			return sdpBody("answer")
		}})
		invite := p.hear("INVITE")
		p.reply(invite, "200 OK", "one", contactOfPhone, "\noffer")
		time.Sleep(time.Second)
		cancel()
		if o := <-out; o.err == nil {
			t.Error("Call returned no error although it was cancelled")
		}
		if ack := p.hear("ACK"); string(ack.Body()) != "answer" {
			t.Errorf("the ACK carries %q", ack.Body())
		}
		p.reply(p.hear("BYE"), "200 OK", "")
	})
}

// The answer to a BYE goes the way that the BYE came: it does not wait for a look-up that the ACK needs.
func TestAnswerToByeDoesNotWaitForALookup(t *testing.T) {
	var slow atomic.Bool
	cfg := nothing()
	cfg.Locate = func(ctx context.Context, uri parser.URI) ([]transport.Target, error) {
		if slow.Load() {
			time.Sleep(3 * time.Second)
		}
		return transport.LocateLiteral(ctx, uri)
	}
	withPhone(t, cfg, func(p *phone) {
		out := p.called(context.Background(), sdpBody("offer"), nil)
		invite := p.hear("INVITE")
		slow.Store(true)
		start := time.Now()
		p.reply(invite, "200 OK", "one", contactOfPhone)
		time.Sleep(time.Second)
		p.send(inDialogOf(invite, "one", "BYE", "1"))
		p.hear("200")
		if d := time.Since(start); d > 1100*time.Millisecond {
			t.Errorf("200 to BYE %v after the 2xx", d)
		}
		p.hear("ACK")
		<-out
	})
}

// An application that takes longer over its answer than the INVITE's dialogs are kept has its ACK sent all the same.
func TestSlowAnswerIsAcknowledged(t *testing.T) {
	withPhone(t, nothing(), func(p *phone) {
		out := p.called(context.Background(), ua.Body{}, &ua.CallOptions{Answer: func(ua.Body) ua.Body {
			time.Sleep(65 * 500 * time.Millisecond) // longer than 64*T1
			return sdpBody("answer")
		}})
		p.reply(p.hear("INVITE"), "200 OK", "one", contactOfPhone, "\noffer")
		if ack := p.hear("ACK"); string(ack.Body()) != "answer" {
			t.Errorf("ACK with %q", ack.Body())
		}
		p.endCall((<-out).call)
	})
}
