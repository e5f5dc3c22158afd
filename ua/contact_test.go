package ua_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/siptest"
	"github.com/ringback-sip/ringback/ua"
)

// What stands in the Contact of a call is the application's choice, on both sides of it.
func TestContactOfCalls(t *testing.T) {
	for _, tt := range []struct {
		name         string
		config, call ua.Contact
		anonymous    bool
		want         string
		callee       string
	}{
		{name: "own", want: "<sip:alice@10.0.0.1:5060>", callee: "<sip:me@10.0.0.1:5060>"},
		{name: "user", config: ua.Contact{User: "desk 1"}, want: "<sip:desk%201@10.0.0.1:5060>", callee: "<sip:desk%201@10.0.0.1:5060>"},
		{name: "parameters", config: ua.Contact{Params: "isfocus;x=y"}, want: "<sip:alice@10.0.0.1:5060>;isfocus;x=y", callee: "<sip:me@10.0.0.1:5060>;isfocus;x=y"},
		{name: "URI", config: ua.Contact{URI: "sip:a@pbx.example.com:5070;ob", Params: "isfocus"}, want: "<sip:a@pbx.example.com:5070;ob>;isfocus", callee: "<sip:a@pbx.example.com:5070;ob>;isfocus"},
		{name: "of the call", config: ua.Contact{User: "x"}, call: ua.Contact{User: "y"}, want: "<sip:y@10.0.0.1:5060>", callee: "<sip:x@10.0.0.1:5060>"},
		{name: "anonymous", config: ua.Contact{User: "alice", Params: "x=alice"}, anonymous: true, want: "<sip:anonymous@10.0.0.1:5060>", callee: "<sip:alice@10.0.0.1:5060>;x=alice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := &ua.Config{From: "sip:alice@example.com", Contact: tt.config}
			cfg.OnCall = func(c *ua.Call) { c.Ring(); c.Reject(486) }
			withPhone(t, cfg, func(p *phone) {
				out := p.called(context.Background(), sdpBody("offer"), &ua.CallOptions{Contact: tt.call, Identity: ua.Identity{Anonymous: tt.anonymous}})
				m := p.hear("INVITE")
				if got := string(m.Raw(parser.HeaderContact)); got != tt.want {
					t.Errorf("INVITE: got %s, want %s", got, tt.want)
				}
				p.reply(m, "486 Busy", "x")
				p.hear("ACK")
				<-out
				p.send(request("INVITE", toAgent))
				ringing := p.hear("180")
				if got := string(ringing.Raw(parser.HeaderContact)); got != tt.callee {
					t.Errorf("180: got %s, want %s", got, tt.callee)
				}
				p.send(ackOf(p.hear("486")))
			})
		})
	}
	for _, bad := range []ua.Contact{
		{URI: "tel:+1"}, {URI: "sip:a@b?c=d"}, {URI: "sip:a@b;method=INVITE"}, {URI: "a b"}, {URI: "sip:a@b>;x=<sip:c"},
		{Params: "x y"}, {Params: "x\r\nY: z"}, {URI: "sip:a@b", Params: "x\n ;y"},
	} {
		if _, err := ua.New(&ua.Config{Contact: bad}); err == nil || !strings.HasPrefix(err.Error(), "sip: contact") {
			t.Errorf("%+v: got %v", bad, err)
		}
		a := newAgent(t, nothing())
		if _, err := a.Call(context.Background(), "sip:b@127.0.0.1:1", ua.Body{}, &ua.CallOptions{Contact: bad}); err == nil || !strings.HasPrefix(err.Error(), "sip: contact") {
			t.Errorf("%+v: got %v", bad, err)
		}
	}
}

// Behind a NAT the peer is told the address that it sees (RFC 3581, Section 4), as soon as one of its responses said which: so its BYE arrives. What another peer
// sees is nobody else's business, and what is advertised comes before all.
func TestContactBehindANAT(t *testing.T) {
	for _, advertise := range []string{"", "198.51.100.7"} {
		synctest.Test(t, func(t *testing.T) {
			n := siptest.NewNetwork(1, siptest.Conditions{Delay: time.Millisecond})
			defer n.Close()
			came := make(chan *ua.Call, 1)
			saw := make(chan string, 1)
			server := agentAt(t, n.Host(phoneAddr.Addr()), phoneAddr, &ua.Config{OnCall: func(c *ua.Call) {
				contact, _ := c.Invite().Contact()
				saw <- string(contact.URI().Host())
				c.Answer(ua.Body{})
				came <- c
			}})
			defer server.Shutdown(context.Background())
			cfg := &ua.Config{From: "sip:alice@example.com"}
			if advertise != "" {
				cfg.Advertise = []string{advertise}
			}
			phone := agentAt(t, n.NAT(netip.MustParseAddr("203.0.113.1"), 0).Host(agentAddr.Addr()), agentAddr, cfg)
			defer phone.Shutdown(context.Background())

			first, then := "10.0.0.1", "203.0.113.1"
			if advertise != "" {
				first, then = advertise, advertise
			}
			call := func(want string) *ua.Call {
				c, err := phone.Call(context.Background(), phoneURI, sdpBody("offer"), nil)
				if err != nil {
					t.Fatal(err)
				}
				if got := <-saw; got != want {
					t.Errorf("Contact names %s, want %s", got, want)
				}
				return c
			}
			call(first).Hangup(context.Background())
			<-(<-came).Done()
			c := call(then)
			callee := <-came
			if advertise == "" {
				if err := callee.Hangup(context.Background()); err != nil {
					t.Error(err)
				}
				time.Sleep(time.Second)
				if c.State().String() != "Terminated" || !c.EndedByPeer() {
					t.Errorf("the BYE did not pass the NAT: %v", c.State())
				}
			}
			c.Hangup(context.Background())
		})
	}
}

// The user of the address that is bound may be another than the AOR's.
func TestUserOfTheRegisteredContact(t *testing.T) {
	withOffice(t, nil, func(o *office) {
		o.says(always(200, "Contact: <sip:desk%201@10.0.0.1:5060>;expires=600"))
		o.register(&ua.RegisterOptions{Contacts: []ua.Contact{{User: "desk 1"}}})
		if got := contacts(o.want(1)[0]); len(got) != 1 || got[0] != "<sip:desk%201@10.0.0.1:5060>" {
			t.Errorf("bound %q", got)
		}
	})
}
