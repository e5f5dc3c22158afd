package ua_test

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/ringback-sip/ringback/parser"
	"github.com/ringback-sip/ringback/transport"
	"github.com/ringback-sip/ringback/ua"
)

// origins is a Handler that takes every REGISTER and remembers the flow that it came on.
type origins chan transport.Flow

func (f origins) Handle(r *ua.Request) bool {
	if r.Method() != parser.MethodRegister {
		return false
	}
	f <- r.Flow()
	r.Respond(parser.StatusOK, nil)
	return true
}

// A phone whose contact nobody can reach is called on the flow that it came on, and so is it inside the call: its Contact there is no better.
// The Request-URI is the contact, To is who is called, and Route is the path.
func TestCallReachesAPhoneOnItsFlow(t *testing.T) {
	const private = "sip:bob@192.168.7.7:5060"
	seen := make(origins, 1)
	withPhone(t, &ua.Config{Handlers: []ua.Handler{seen}}, func(p *phone) {
		p.send(request("REGISTER", "sip:10.0.0.1"))
		p.hear("200")
		flow := <-seen
		if flow.Remote() != phoneAddr || flow.Local() != agentAddr || flow.Protocol() != transport.UDP {
			t.Errorf("came on %v to %v, want the phone's", flow.Remote(), flow.Local())
		}
		reach := &ua.Reach{URI: private, Targets: []transport.Target{{Flow: flow}}}
		calls := make(chan outcome, 1)
		go func() {
			c, err := p.agent.Call(context.Background(), "sip:bob@example.com", sdpBody("offer"), &ua.CallOptions{Reach: reach})
			calls <- outcome{c, err}
		}()
		invite := p.hear("INVITE " + private)
		if to := string(invite.Raw(parser.HeaderTo)); !strings.Contains(to, "sip:bob@example.com") {
			t.Errorf("To %q, want who is called", to)
		}
		p.reply(invite, "200 OK", "p", "Contact: <"+private+">", "\nanswer")
		p.hear("ACK " + private)
		c := <-calls
		if c.err != nil {
			t.Fatal(c.err)
		}
		go c.call.Hangup(context.Background())
		p.reply(p.hear("BYE "+private), "200 OK", "")

		go p.agent.Message(context.Background(), "sip:bob@example.com", ua.Body{Type: "text/plain", Data: []byte("hello")}, &ua.RequestOptions{Reach: reach})
		p.reply(p.hear("MESSAGE "+private), "200 OK", "p")

		// With a path the request goes to its first server, though the flow is somebody else's then.
		reach = &ua.Reach{URI: private, Route: []string{"sip:10.0.0.2;lr;ob", "sip:edge.example.com;lr"}}
		go p.agent.Options(context.Background(), "sip:bob@example.com", &ua.RequestOptions{Reach: reach})
		options := p.hear("OPTIONS " + private)
		if got := routes(options); got != "<sip:10.0.0.2;lr;ob> <sip:edge.example.com;lr>" {
			t.Errorf("Route %q, want the path in its order", got)
		}
		p.reply(options, "200 OK", "p")
	})
}

func routes(m *parser.Message) string {
	var all []string
	for v := range m.Values(parser.HeaderRoute) {
		all = append(all, string(v))
	}
	return strings.Join(all, " ")
}

// Servers that the phone's answer put on the way are passed, whatever flow the INVITE took.
func TestCallOnAFlowFollowsItsRouteSet(t *testing.T) {
	seen := make(origins, 1)
	withPhone(t, &ua.Config{Handlers: []ua.Handler{seen}}, func(p *phone) {
		p.send(request("REGISTER", "sip:10.0.0.1"))
		p.hear("200")
		other, err := p.host.ListenPacket(netip.AddrPortFrom(phoneAddr.Addr(), 7000))
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		reach := &ua.Reach{URI: phoneURI, Targets: []transport.Target{{Flow: <-seen}}}
		go func() {
			if c, err := p.agent.Call(context.Background(), "sip:bob@example.com", sdpBody("offer"), &ua.CallOptions{Reach: reach}); err == nil {
				c.Hangup(context.Background())
			}
		}()
		p.reply(p.hear("INVITE"), "200 OK", "p", contactOfPhone, "Record-Route: <sip:10.0.0.2:7000;lr>", "\nanswer")
		other.SetReadDeadline(time.Now().Add(10 * time.Second))
		buf := make([]byte, 2000)
		n, _, err := other.ReadFrom(buf)
		if err != nil || !strings.HasPrefix(string(buf[:n]), "ACK sip:bob@10.0.0.2:5060 ") {
			t.Errorf("the server on the way got %q, %v, want the ACK", buf[:n], err)
		}
	})
}

func TestReachIsChecked(t *testing.T) {
	a := newAgent(t, nil)
	for _, r := range []*ua.Reach{{URI: "bob"}, {Route: []string{"tel:1"}}} {
		if _, err := a.Call(t.Context(), "sip:bob@127.0.0.1:1", ua.Body{}, &ua.CallOptions{Reach: r}); err == nil || !strings.Contains(err.Error(), "sip: ") {
			t.Errorf("Call with %+v = %v, want an error", r, err)
		}
		if _, err := a.Options(t.Context(), "sip:bob@127.0.0.1:1", &ua.RequestOptions{Reach: r}); err == nil {
			t.Errorf("Options with %+v: no error", r)
		}
	}
}
