package ua_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// linter judges what an agent sends, and remembers which kinds there were.
type linter struct {
	mu     sync.Mutex // guards what follows
	kinds  map[string]bool
	faults []string
}

func (l *linter) event(e transport.Event) {
	if e.Direction != transport.Out {
		return
	}
	m := new(parser.Message)
	err := m.Parse(append([]byte(nil), e.Bytes...))
	if err == nil {
		err = m.Check()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.faults = append(l.faults, fmt.Sprintf("%v in\n%s", err, e.Bytes))
		return
	}
	for _, fault := range lint(m) {
		l.faults = append(l.faults, fmt.Sprintf("%s in\n%s", fault, e.Bytes))
	}
	kind := m.Method().String()
	if !m.IsRequest() {
		kind = fmt.Sprintf("%d %s", m.Status(), kind)
	}
	l.kinds[kind] = true
}

// lint returns what m lacks (RFC 3261, Sections 8.1.1, 8.2.2.3, 11.2, 13.2.1, 13.3.1.4 and 20).
func lint(m *parser.Message) []string {
	var faults []string
	want := func(ok bool, what string) {
		if !ok {
			faults = append(faults, what)
		}
	}
	has := func(headers ...parser.Header) {
		for _, h := range headers {
			want(m.Has(h), "no "+h.String())
		}
	}
	has(parser.HeaderVia, parser.HeaderTo, parser.HeaderFrom, parser.HeaderCallID, parser.HeaderCSeq, parser.HeaderContentLength)
	from, _ := m.From()
	to, _ := m.To()
	cseq, _ := m.CSeq()
	want(len(from.Tag()) >= 8, "no tag in From, or a short one")
	want(cseq.Number < 1<<31, "a CSeq number beyond 2^31")
	if m.IsRequest() {
		via, _ := m.Via()
		hops, err := m.MaxForwards()
		_, rport := via.RPort()
		want(err == nil && hops == 70, "Max-Forwards is not 70")
		want(strings.HasPrefix(string(via.Branch()), "z9hG4bK") && len(via.Branch()) > 16, "no branch of RFC 3261")
		want(rport, "no rport") // RFC 3581, Section 3
		want(cseq.Method == m.Method(), "the method of CSeq is another")
	} else {
		want(m.Status() == parser.StatusTrying || len(to.Tag()) >= 3, "no tag in To")
	}
	made := m.Method() == parser.MethodInvite && (m.IsRequest() || m.Status().Success())
	if made || m.Method() == parser.MethodOptions && m.Status().Success() {
		has(parser.HeaderAllow, parser.HeaderSupported)
		want(m.Allows(parser.MethodAck) && m.Allows(parser.MethodCancel), "Allow without ACK and CANCEL")
	}
	if made {
		has(parser.HeaderContact)
	}
	if m.Method() == parser.MethodOptions && m.Status().Success() {
		has(parser.HeaderAccept, parser.HeaderAcceptEncoding, parser.HeaderAcceptLanguage)
	}
	if m.IsRequest() && (m.Method() == parser.MethodCancel || m.Method() == parser.MethodAck) {
		want(!m.Has(parser.HeaderRequire) && !m.Has(parser.HeaderProxyRequire), "something is required of an ACK or CANCEL")
	}
	if m.Method() == parser.MethodMessage {
		want(!m.Has(parser.HeaderContact), "Contact in MESSAGE") // RFC 3428, Section 4
	}
	return faults
}

// Every message of both sides of all that an agent does has what belongs into it, and nothing that does not; each call and request outside a call has a
// Call-ID and a tag of its own.
func TestEveryMessageIsWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
		defer n.Close()
		l := &linter{kinds: make(map[string]bool)}
		answers := func(*ua.Call, ua.Body) (ua.Body, error) { return sdpBody("again"), nil }
		callee := agentAt(t, n.Host(agentAddr.Addr()), agentAddr, &ua.Config{
			Trace: l.event, OnOffer: answers, OnMessage: func(*ua.Request) {}, OnInfo: func(*ua.Request) {},
			OnCall: func(c *ua.Call) {
				switch to, _ := c.Invite().RequestURI(); string(to.User()) {
				case "busy":
					c.Reject(parser.StatusBusyHere)
				case "rings":
					c.Ring()
					<-c.Done()
				default:
					c.Progress(parser.StatusSessionProgress, sdpBody("answer"))
					c.Answer(sdpBody("answer"))
				}
			},
		})
		defer callee.Shutdown(context.Background())
		caller := agentAt(t, n.Host(phoneAddr.Addr()), phoneAddr, &ua.Config{Trace: l.event, OnOffer: answers, From: "sip:alice@example.com"})
		defer caller.Shutdown(context.Background())

		ctx, at := context.Background(), "@"+agentAddr.String()
		c, err := caller.Call(ctx, "sip:me"+at, sdpBody("offer"), nil)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{c.ID().CallID: true, c.ID().LocalTag: true}
		for what, do := range map[string]func() error{
			"Reinvite":       func() error { _, err := c.Reinvite(ctx, sdpBody("hold")); return err },
			"Update":         func() error { _, err := c.Update(ctx, ua.Body{}); return err },
			"DTMF":           func() error { return c.SendDTMF(ctx, ua.DTMF{Signal: '1'}) },
			"Message inside": func() error { _, err := c.Message(ctx, ua.Body{Type: "text/plain", Data: []byte("hi")}); return err },
			"Options inside": func() error { _, err := c.Options(ctx); return err },
			"Message outside": func() error {
				_, err := caller.Message(ctx, "sip:me"+at, ua.Body{Type: "text/plain", Data: []byte("hi")}, nil)
				return err
			},
			"Options outside": func() error { _, err := caller.Options(ctx, "sip:me"+at, nil); return err },
		} {
			if err := do(); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := c.Hangup(ctx); err != nil {
			t.Error(err)
		}
		if _, err := caller.Call(ctx, "sip:busy"+at, sdpBody("offer"), nil); err == nil {
			t.Error("busy answered")
		}
		ringing, giveUp := context.WithTimeout(ctx, time.Second)
		defer giveUp()
		if _, err := caller.Call(ringing, "sip:rings"+at, sdpBody("offer"), nil); err == nil {
			t.Error("what only rings answered")
		}
		again, err := caller.Call(ctx, "sip:me"+at, sdpBody("offer"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if seen[again.ID().CallID] || seen[again.ID().LocalTag] {
			t.Errorf("the second call has the first one's Call-ID or tag: %v", again.ID())
		}
		again.Hangup(ctx)
		time.Sleep(2 * time.Minute)

		l.mu.Lock()
		defer l.mu.Unlock()
		for _, f := range l.faults {
			t.Error(f)
		}
		for _, kind := range []string{
			"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "MESSAGE", "INFO", "UPDATE", "PRACK", "183 INVITE", "200 INVITE", "200 BYE", "200 CANCEL",
			"486 INVITE", "487 INVITE", "200 OPTIONS", "200 UPDATE", "200 PRACK", "180 INVITE",
		} {
			if !l.kinds[kind] {
				t.Errorf("no %s was sent: %v", kind, l.kinds)
			}
		}
	})
}
