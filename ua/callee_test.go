package ua_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transaction"
	"github.com/ringback-sip/ringback/ua"
)

// toAgent is a URI of the agent.
const toAgent = "sip:me@10.0.0.1"

// ackOf writes the ACK to a final response to one of the phone's INVITEs; that to a 2xx has a branch of its own.
func ackOf(m *parser.Message, more ...string) string {
	via := string(m.Raw(parser.HeaderVia))
	if m.Status().Success() {
		via = "SIP/2.0/UDP ADDR;branch=z9hG4bK" + unique()
	}
	return request("ACK", toAgent, append([]string{
		"Via: " + via, "From: " + string(m.Raw(parser.HeaderFrom)), "To: " + string(m.Raw(parser.HeaderTo)),
		"Call-ID: " + string(m.CallID()), "CSeq: 1 ACK",
	}, more...)...)
}

// byeOf writes a BYE in the dialog of a 2xx to one of the phone's INVITEs.
func byeOf(m *parser.Message) string {
	return request("BYE", toAgent, "From: "+string(m.Raw(parser.HeaderFrom)), "To: "+string(m.Raw(parser.HeaderTo)),
		"Call-ID: "+string(m.CallID()), "CSeq: 2 BYE")
}

// What is too late or twice is refused and changes nothing, the reason why the call ends included.
func TestLateWishesAreRefused(t *testing.T) {
	var call *ua.Call
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		call = c
		if err := c.Answer(ua.Body{}); err != nil {
			t.Error(err)
		}
		for name, err := range map[string]error{
			"Answer": c.Answer(ua.Body{}), "Ring": c.Ring(), "Progress": c.Progress(183, ua.Body{}),
			"Reject": c.Reject(486), "Redirect": c.Redirect("sip:a@b"),
		} {
			if !errors.Is(err, ua.ErrState) {
				t.Errorf("%s after Answer: %v, want ErrState", name, err)
			}
		}
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		p.send(ackOf(ok))
		p.send(byeOf(ok))
		p.hear("200")
		time.Sleep(time.Second)
		if err := call.Err(); err != nil || !call.EndedByPeer() {
			t.Errorf("ended with %v, by the peer %v; want nil, true", err, call.EndedByPeer())
		}
		for range 2 {
			if err := call.Hangup(context.Background()); err != nil {
				t.Errorf("Hangup of a call that is over: %v", err)
			}
		}
	})
}

// An INVITE without an offer is answered with one, and the ACK has the answer (RFC 3261, Section 13.2.1).
func TestDelayedOffer(t *testing.T) {
	var call *ua.Call
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		call = c
		if !c.Offer().IsZero() {
			t.Errorf("offer %q, want none", c.Offer().Data)
		}
		c.Answer(sdpBody("offer"))
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		if string(ok.Body()) != "offer" || string(ok.Raw(parser.HeaderContact)) != "<sip:me@10.0.0.1:5060>" {
			t.Errorf("200 with body %q and Contact %q", ok.Body(), ok.Raw(parser.HeaderContact))
		}
		p.send(ackOf(ok, "Content-Type: application/sdp", "\nanswer"))
		time.Sleep(time.Second)
		if got := string(call.Answered().Data); got != "answer" {
			t.Errorf("Answered %q, want answer", got)
		}
		p.send(byeOf(ok))
		p.hear("200")
	})
}

// A call whose handler panics after it was answered is hung up on: nobody looks after it.
func TestAnsweredCallWhoseHandlerPanics(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		c.Answer(ua.Body{})
		panic("afterwards")
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		p.send(ackOf(p.hear("200")))
		p.reply(p.hear("BYE"), "200 OK", "")
	})
}

// A handler that ends its goroutine, as t.Fatal does, leaves neither its call nor Shutdown waiting.
func TestHandlerThatEndsItsGoroutine(t *testing.T) {
	withPhone(t, &ua.Config{
		OnCall:    func(*ua.Call) { runtime.Goexit() },
		OnMessage: func(*ua.Request) { runtime.Goexit() },
	}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		p.send(ackOf(p.hear("500")))
		p.send(request("MESSAGE", toAgent))
		p.hear("500")
		time.Sleep(time.Minute)
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := p.agent.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// retryAfter checks that m says when to come back.
func retryAfter(t *testing.T, m *parser.Message) {
	t.Helper()
	if v := string(m.Raw(parser.HeaderRetryAfter)); v == "" || v == "0" {
		t.Errorf("Retry-After %q, want some seconds:\n%s", v, m.Bytes())
	}
}

func TestNoPlaceForAnotherCall(t *testing.T) {
	withPhone(t, &ua.Config{MaxCalls: 1, OnCall: func(c *ua.Call) {
		c.Ring()
		<-c.Done()
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKfirst", "Call-ID: first", "From: <"+phoneURI+">;tag=f"))
		p.hear("180")
		p.send(request("INVITE", toAgent))
		refused := p.hear("503")
		retryAfter(t, refused)
		p.send(ackOf(refused))
		p.send(request("CANCEL", toAgent, "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKfirst", "Call-ID: first", "From: <"+phoneURI+">;tag=f"))
		for range 2 {
			m := p.within(time.Second)
			if m == nil {
				t.Fatal("want 200 to the CANCEL and 487 to the INVITE")
			}
			if m.Status() == 487 {
				p.send(ackOf(m))
			}
		}
	})
}

func TestNoPlaceForAnotherHandler(t *testing.T) {
	var hold chan struct{} // of the bubble
	withPhone(t, &ua.Config{MaxHandlers: 1, OnCall: func(*ua.Call) {}, OnMessage: func(*ua.Request) { <-hold }}, func(p *phone) {
		hold = make(chan struct{})
		p.send(request("MESSAGE", toAgent))
		time.Sleep(time.Second)
		p.send(request("MESSAGE", toAgent))
		retryAfter(t, p.hear("503"))
		p.send(request("INVITE", toAgent))
		refused := p.hear("503")
		retryAfter(t, refused)
		p.send(ackOf(refused))
		p.send(request("OPTIONS", toAgent)) // needs none
		p.hear("200")
		close(hold)
		p.hear("200")
	})
}

// While Shutdown waits for a call, new work is refused and the call's own requests are served.
func TestDrainRefusesNewWork(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		p.send(ackOf(ok))
		time.Sleep(time.Second)
		over := make(chan error, 1)
		go func() { over <- p.agent.Shutdown(context.Background()) }()
		bye := p.hear("BYE")
		p.send(request("INVITE", toAgent))
		refused := p.hear("503")
		retryAfter(t, refused)
		p.send(ackOf(refused))
		p.send(request("OPTIONS", toAgent))
		p.hear("503")
		p.send(strings.ReplaceAll(byeOf(ok), "BYE", "OPTIONS"))
		p.hear("200")
		p.reply(bye, "200 OK", "")
		if err := <-over; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

// handler is a Handler that is a function.
type handler func(r *ua.Request) bool

func (h handler) Handle(r *ua.Request) bool { return h(r) }

func TestHandlersAreAskedInOrder(t *testing.T) {
	var asked []string
	add := func(name, user string) ua.Handler {
		return handler(func(r *ua.Request) bool {
			asked = append(asked, name)
			uri, _ := r.Message().RequestURI()
			if string(uri.User()) != user {
				return false
			}
			return r.Go(func() { r.Respond(parser.StatusOK, &ua.ResponseOptions{Reason: name}) })
		})
	}
	handlers := []ua.Handler{add("one", "1"), add("two", "2"), add("three", "2")}
	withPhone(t, &ua.Config{Handlers: handlers}, func(p *phone) {
		handlers[1] = nil // New has a copy
		p.send(request("REGISTER", "sip:2@10.0.0.1"))
		if m := p.hear("200"); string(m.Reason()) != "two" {
			t.Errorf("answered by %q, want two", m.Reason())
		}
		if got := strings.Join(asked, " "); got != "one two" {
			t.Errorf("asked %q, want one two", got)
		}
		p.send(request("REGISTER", "sip:3@10.0.0.1"))
		p.hear("405") // nobody's
	})
}

// A Request may be asked for its message long after Handle returned, when other messages have come.
func TestHandlersKeepRequests(t *testing.T) {
	var (
		mu    sync.Mutex
		taken []*ua.Request
	)
	withPhone(t, &ua.Config{Handlers: []ua.Handler{handler(func(r *ua.Request) bool {
		if r.Method() != parser.MethodRegister && r.Method() != parser.MethodInvite {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		taken = append(taken, r)
		return true
	})}}, func(p *phone) {
		users := []string{"1", "2", "3"}
		for _, user := range users[:2] {
			p.send(request("REGISTER", "sip:"+user+"@10.0.0.1"))
		}
		same := []string{"Via: SIP/2.0/UDP ADDR;branch=z9hG4bKinvite", "Call-ID: invite", "From: <" + phoneURI + ">;tag=f"}
		p.send(request("INVITE", "sip:3@10.0.0.1", same...))
		p.send(request("CANCEL", "sip:3@10.0.0.1", same...))
		for range 2 {
			m := p.within(time.Second)
			if m == nil {
				t.Fatal("want 200 to the CANCEL and 487 to the INVITE")
			}
			if m.Status() == 487 {
				p.send(ackOf(m)) // now the transaction has no request any more
			}
		}
		p.send(request("OPTIONS", toAgent))
		p.hear("200")
		mu.Lock()
		defer mu.Unlock()
		if len(taken) != len(users) {
			t.Fatalf("%d requests were taken, want %d", len(taken), len(users))
		}
		for i, r := range taken {
			uri, err := r.Message().RequestURI()
			if err != nil || string(uri.User()) != users[i] || r.Message().Method() != r.Method() {
				t.Errorf("%v of %q, %v; want %v of %q", r.Message().Method(), uri.User(), err, r.Method(), users[i])
			}
			if r.Respond(parser.StatusOK, nil) == nil {
				p.hear("200")
			}
		}
	})
}

// All responses of a Handler to one request have one To tag (RFC 3261, Section 8.2.6.2).
func TestResponsesOfAHandlerHaveOneTag(t *testing.T) {
	withPhone(t, &ua.Config{Handlers: []ua.Handler{handler(func(r *ua.Request) bool {
		r.Respond(parser.StatusRinging, nil)
		r.Respond(parser.StatusBusyHere, nil)
		return true
	})}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ringing, busy := p.hear("180"), p.hear("486")
		if one, two := toTagOf(t, ringing), toTagOf(t, busy); one == "" || one != two {
			t.Errorf("tags %q and %q, want one", one, two)
		}
		p.send(ackOf(busy))
	})
}

// What an application does wrong in the reader costs the request only.
func TestHooksThatPanic(t *testing.T) {
	for name, cfg := range map[string]*ua.Config{
		"Handler": {Handlers: []ua.Handler{handler(func(*ua.Request) bool { panic("handle") })}},
		"Serves":  {Serves: func(parser.URI) bool { panic("serves") }},
	} {
		t.Run(name, func(t *testing.T) {
			withPhone(t, cfg, func(p *phone) {
				p.send(request("OPTIONS", toAgent))
				p.hear("500")
				if n := p.agent.Stats().Panics; n != 1 {
					t.Errorf("%d panics counted, want 1", n)
				}
			})
		})
	}
}

// A SIPS Record-Route on top wants a SIPS Contact (RFC 3261, Section 12.1.1).
func TestSecureContact(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(ua.Body{}) }}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Record-Route: <sips:10.0.0.2;lr>"))
		ok := p.hear("200")
		if got, want := string(ok.Raw(parser.HeaderContact)), "<sips:me@10.0.0.1:5060>"; got != want {
			t.Errorf("Contact %q, want %q", got, want)
		}
		p.send(ackOf(ok))
		p.send(byeOf(ok))
		p.hear("200")
	})
}

// A dialog that is too large for us is refused as such.
func TestInviteWithTooManyRecordRoutes(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(*ua.Call) {}}, func(p *phone) {
		var routes []string
		for range 80 {
			routes = append(routes, "<sip:"+strings.Repeat("a", 60)+".example.com;lr>")
		}
		p.send(request("INVITE", toAgent, "Record-Route: "+strings.Join(routes, ", ")))
		p.send(ackOf(p.hear("513")))
	})
}

// An INVITE inside a dialog whose first INVITE has no final response yet (RFC 3261, Section 14.2).
func TestSecondInviteWhileTheFirstIsPending(t *testing.T) {
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) {
		c.Ring()
		<-c.Done()
	}}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		ringing := p.hear("180")
		again := []string{"From: " + string(ringing.Raw(parser.HeaderFrom)), "To: " + string(ringing.Raw(parser.HeaderTo)),
			"Call-ID: " + string(ringing.CallID())}
		p.send(request("INVITE", toAgent, append(again, "CSeq: 2 INVITE")...))
		refused := p.hear("500")
		if !refused.Has(parser.HeaderRetryAfter) {
			t.Errorf("500 without Retry-After:\n%s", refused.Bytes())
		}
		p.send(ackOf(refused, "CSeq: 2 ACK"))
		p.send(request("CANCEL", toAgent, "Via: "+string(ringing.Raw(parser.HeaderVia)), "Call-ID: "+string(ringing.CallID()),
			"From: "+string(ringing.Raw(parser.HeaderFrom))))
		for range 2 {
			if m := p.within(time.Second); m == nil {
				t.Fatal("want 200 to the CANCEL and 487 to the INVITE")
			} else if m.Status() == 487 {
				p.send(ackOf(m))
			}
		}
	})
}

// RingTimeout may be longer than what the transaction layer allows a silent user.
func TestLongRingTimeout(t *testing.T) {
	withPhone(t, &ua.Config{RingTimeout: 20 * time.Minute, OnCall: func(c *ua.Call) { <-c.Done() }}, func(p *phone) {
		p.send(request("INVITE", toAgent))
		if m := p.within(time.Second); m == nil || m.Status() != parser.StatusTrying {
			t.Fatal("no 100")
		}
		time.Sleep(19 * time.Minute)
		p.send(ackOf(p.hear("480")))
	})
}

// The requests of one call that wait for its handler are bounded, and run in order.
func TestRequestsOfACallWaitInOrder(t *testing.T) {
	var hold chan struct{} // of the bubble
	var got []string
	withPhone(t, &ua.Config{
		OnCall:    func(c *ua.Call) { c.Answer(ua.Body{}) },
		OnMessage: func(r *ua.Request) { <-hold; got = append(got, string(r.Message().Body())) },
	}, func(p *phone) {
		hold = make(chan struct{})
		p.send(request("INVITE", toAgent))
		ok := p.hear("200")
		p.send(ackOf(ok))
		var want []string
		for i := range 66 { // one at work, 64 that wait, one too many
			body := strconv.Itoa(i)
			p.send(request("MESSAGE", toAgent, "From: "+string(ok.Raw(parser.HeaderFrom)), "To: "+string(ok.Raw(parser.HeaderTo)),
				"Call-ID: "+string(ok.CallID()), "CSeq: "+strconv.Itoa(2+i)+" MESSAGE", "Content-Type: text/plain", "\n"+body))
			time.Sleep(2 * time.Millisecond)
			if want = append(want, body); i == 65 {
				want = want[:65]
			}
		}
		retryAfter(t, p.hear("500"))
		close(hold)
		for range 65 {
			p.hear("200")
		}
		if !slices.Equal(got, want) {
			t.Errorf("handled %v, want %v", got, want)
		}
		p.send(strings.Replace(byeOf(ok), "CSeq: 2", "CSeq: 99", 1))
		p.hear("200")
	})
}

// holding takes every INVITE and says nothing.
type holding struct{ taken atomic.Pointer[ua.Request] }

func (h *holding) Handle(r *ua.Request) bool {
	h.taken.Store(r)
	return true
}

func TestCancelOfWhatAHandlerTookIsAnswered(t *testing.T) {
	h := new(holding)
	withPhone(t, &ua.Config{Handlers: []ua.Handler{h}}, func(p *phone) {
		same := []string{"Call-ID: held", "From: <sip:p@ADDR>;tag=x", "Via: SIP/2.0/UDP ADDR;branch=z9hG4bKheld"}
		p.send(request("INVITE", phoneURI, same...))
		p.send(request("CANCEL", phoneURI, same...))
		tags := make(map[parser.Status]string) // in either order: they belong to two transactions
		for range 2 {
			if m := p.within(time.Second); m != nil {
				to, err := m.To()
				tags[m.Status()] = tagOf(t, to, err)
			}
		}
		if tags[200] == "" || tags[200] != tags[487] {
			t.Errorf("To tags %v, want 200 and 487 with the same (RFC 3261, Section 9.2)", tags)
		}
		if err := h.taken.Load().Respond(200, nil); !errors.Is(err, transaction.ErrState) {
			t.Errorf("Respond after the CANCEL: %v, want ErrState", err)
		}
		p.send(request("ACK", phoneURI, same...))
	})
}

// A call of hours does not keep the INVITE that made it, which may have had 64 KiB.
func TestAcknowledgedCallLetsGoOfItsInvite(t *testing.T) {
	calls := make(chan *ua.Call, 1)
	withPhone(t, &ua.Config{OnCall: func(c *ua.Call) { c.Answer(sdpBody("answer")); calls <- c }}, func(p *phone) {
		p.send(request("INVITE", toAgent, "Content-Type: application/sdp", "\noffer"))
		ok := p.hear("200")
		c := <-calls
		if c.Invite() == nil || string(c.Offer().Data) != "offer" {
			t.Error("Invite and Offer are gone before the ACK")
		}
		p.send(ackOf(ok))
		synctest.Wait()
		time.Sleep(time.Second)
		if c.Invite() != nil || !c.Offer().IsZero() {
			t.Error("Invite and Offer are kept after the ACK")
		}
		if err := c.Reject(486); !errors.Is(err, ua.ErrState) {
			t.Errorf("Reject after the ACK: %v, want ErrState", err)
		}
		if err := c.Answer(ua.Body{}); !errors.Is(err, ua.ErrState) {
			t.Errorf("Answer after the ACK: %v, want ErrState", err)
		}
		p.send(ackOf(ok))
		p.send(byeOf(ok))
		p.hear("200")
	})
}
